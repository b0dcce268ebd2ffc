using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Ueq.Cli.Output;

/// <summary>JSON as the command prints it: one document, infinities as the texts Infinity and -Infinity.</summary>
internal static class Json
{
    private static readonly JsonSerializerOptions _readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static JsonNode? Number(double value) =>
        double.IsNaN(value) ? null
        : double.IsInfinity(value) ? JsonValue.Create(value > 0 ? "Infinity" : "-Infinity")
        : JsonValue.Create(value);

    public static void Print(Terminal terminal, JsonNode document) => terminal.Output.WriteLine(document.ToJsonString(_readable));
}

using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary>Answers of the calls that are not hot.</summary>
internal static class JsonAnswers
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Task Write(HttpContext http, int status, Action<Utf8JsonWriter> write)
    {
        JsonBytes bytes = new();
        using (Utf8JsonWriter json = new(bytes, Options)) write(json);
        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = bytes.Length;
        RequestId.Echo(http);
        return http.Response.Body.WriteAsync(bytes.Written).AsTask();
    }

    /// <summary>A number, or null where there is none.</summary>
    public static void Figure(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }
}

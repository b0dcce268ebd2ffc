using System.Globalization;
using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>Reads a small JSON object of texts, such as people send to change something.</summary>
internal static class FieldsReader
{
    private const int LongestText = 2000;

    /// <summary>Reads an object whose values are texts.</summary>
    /// <param name="body">The body; none at all is an empty object.</param>
    /// <param name="known">The keys there may be.</param>
    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> body, params ReadOnlySpan<string> known) => Read(body, null, known);

    /// <summary>Reads an object whose values are texts, one of which may be written as a whole number too.</summary>
    /// <param name="body">The body; none at all is an empty object.</param>
    /// <param name="number">The key that may be a number; it is among the known.</param>
    /// <param name="known">The keys there may be.</param>
    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public static Dictionary<string, string> Read(ReadOnlySpan<byte> body, string? number, ReadOnlySpan<string> known)
    {
        Dictionary<string, string> fields = [];
        if (body.IsEmpty) return fields;
        if (body.StartsWith(PredictReader.ByteOrderMark)) body = body[PredictReader.ByteOrderMark.Length..];
        string path = "$";
        Utf8JsonReader json = new(body, new JsonReaderOptions { MaxDepth = 4 });
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw RefusalException.BadRequest($"$: expected an object such as {{\"{known[0]}\": \"…\"}}, got {JsonWords.Value(ref json)}");
            while (json.Read() && json.TokenType != JsonTokenType.EndObject)
            {
                string key = json.ValueSpan.Length > 64 ? JsonWords.Short(json.ValueSpan) : json.GetString()!;
                path = $"$.{key}";
                if (!known.Contains(key)) throw RefusalException.BadRequest($"{path}: unknown key; did you mean \"{Spelling.Nearest(key, known.ToArray())}\"?");
                json.Read();
                if (json.TokenType == JsonTokenType.Number && key == number && json.TryGetInt64(out long whole))
                {
                    if (!fields.TryAdd(key, whole.ToString(CultureInfo.InvariantCulture))) throw Twice(path);
                    path = "$";
                    continue;
                }

                if (json.TokenType != JsonTokenType.String) throw RefusalException.BadRequest($"{path}: expected a text, got {JsonWords.Value(ref json)}");
                if (json.ValueSpan.Length > LongestText) throw RefusalException.BadRequest($"{path}: expected at most {LongestText} bytes, got {json.ValueSpan.Length}");
                if (!fields.TryAdd(key, json.GetString()!)) throw Twice(path);
                path = "$";
            }

            json.Read(); // Whatever follows the object is an error, which the reader finds.
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(body, bad, path);
        }
        catch (InvalidOperationException)
        {
            throw JsonWords.HalfCharacter(path);
        }

        return fields;
    }

    private static RefusalException Twice(string path) => RefusalException.BadRequest($"{path}: expected the key once, got it twice");

    /// <summary>A text that must be there and say something.</summary>
    public static string Required(this Dictionary<string, string> fields, string key) =>
        fields.TryGetValue(key, out string? text) && !string.IsNullOrWhiteSpace(text)
            ? text
            : throw RefusalException.BadRequest($"$.{key}: expected a text, got {(fields.ContainsKey(key) ? "an empty one" : "no such key")}");
}

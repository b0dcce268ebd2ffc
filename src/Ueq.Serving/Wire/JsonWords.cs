using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>How a piece of somebody's JSON is named in an error.</summary>
internal static class JsonWords
{
    private const int Said = 60;

    private static readonly SearchValues<byte> TokenEnds = SearchValues.Create(",]} \t\r\n"u8);
    private static readonly SearchValues<byte> TokenStarts = SearchValues.Create("[]{},: \t\r\n"u8);

    /// <summary>The value the reader stands at: short ones as written, containers by kind.</summary>
    public static string Value(ref Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.String => $"\"{Short(json.ValueSpan)}\"",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.StartObject => "an object",
        JsonTokenType.Null => "null",
        JsonTokenType.None => "nothing",
        _ => Short(json.ValueSpan),
    };

    public static string Short(ReadOnlySpan<byte> text) =>
        text.Length <= Said ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..Said]).TrimEnd('\uFFFD') + "…";

    /// <summary>What is wrong with a text that is no JSON, and at which byte.</summary>
    /// <param name="json">The whole text.</param>
    /// <param name="bad">What the reader said.</param>
    /// <param name="path">Path of the value that was being read.</param>
    public static RefusalException Malformed(ReadOnlySpan<byte> json, JsonException bad, string path)
    {
        // What is no fault of the text has no place in it: names that come twice.
        if (bad.LineNumber is null) return RefusalException.BadRequest($"{path}: expected each key once, got one twice");
        int place = Place(json, bad);
        if (json.IndexOfAnyExcept(" \t\r\n"u8) < 0) return RefusalException.BadRequest($"$: expected a JSON object, got an empty body");
        if (place >= json.Length) return RefusalException.BadRequest($"{path}: the JSON ends too early, at byte {json.Length}");
        int start = json[..place].LastIndexOfAny(TokenStarts) + 1; // The reader points into a word that it began to like.
        ReadOnlySpan<byte> rest = json[start..];
        int end = rest.IndexOfAny(TokenEnds);
        if (end > 0) rest = rest[..end];
        return IsNotFinite(rest)
            ? RefusalException.BadRequest($"{path}: expected a finite number, got {Short(rest)} (byte {start}); a missing value is null")
            : RefusalException.BadRequest($"{path}: expected valid JSON, got {Printable(rest)} at byte {start}");
    }

    /// <summary>What is wrong with an escaped text that is no UTF-16, at which the reader throws <see cref="InvalidOperationException"/>.</summary>
    public static RefusalException HalfCharacter(string path) => RefusalException.BadRequest($"{path}: expected texts of whole characters, got half of one (an unpaired surrogate)");

    /// <summary>Refuses a document with a name or text that is no UTF-16, before somebody reads it.</summary>
    /// <exception cref="RefusalException">There is one.</exception>
    public static void RequireWholeCharacters(JsonElement json, string path = "$")
    {
        try
        {
            switch (json.ValueKind)
            {
                case JsonValueKind.String: json.GetString(); break;
                case JsonValueKind.Array:
                    foreach (JsonElement value in json.EnumerateArray()) RequireWholeCharacters(value, path);
                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty property in json.EnumerateObject()) RequireWholeCharacters(property.Value, $"{path}.{property.Name}");
                    break;
            }
        }
        catch (InvalidOperationException)
        {
            throw HalfCharacter(path);
        }
    }

    private static bool IsNotFinite(ReadOnlySpan<byte> token)
    {
        ReadOnlySpan<byte> word = token.Length > 0 && token[0] is (byte)'-' or (byte)'+' ? token[1..] : token;
        return Ascii.EqualsIgnoreCase(word, "nan"u8) || Ascii.EqualsIgnoreCase(word, "inf"u8) || Ascii.EqualsIgnoreCase(word, "infinity"u8);
    }

    private static string Printable(ReadOnlySpan<byte> bytes)
    {
        StringBuilder text = new();
        foreach (char c in Short(bytes)) text.Append(char.IsControl(c) ? '?' : c);
        return text.Length == 0 ? "nothing" : $"'{text}'";
    }

    // The reader counts lines and bytes within a line; people and editors of bodies want the byte of the whole.
    private static int Place(ReadOnlySpan<byte> json, JsonException bad)
    {
        int start = 0;
        for (long line = bad.LineNumber ?? 0; line > 0; line--)
        {
            int next = json[start..].IndexOf((byte)'\n');
            if (next < 0) break;
            start += next + 1;
        }

        return (int)Math.Min(start + (bad.BytePositionInLine ?? 0), json.Length);
    }
}

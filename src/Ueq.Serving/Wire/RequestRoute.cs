using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>Which model a body asks for, read before its rows are, since their columns are the model's.</summary>
internal static class RequestRoute
{
    /// <summary>The model that <c>"model"</c> of a body names; <c>null</c> when it names none.</summary>
    /// <exception cref="RefusalException">What stands there is no text.</exception>
    public static string? ModelOf(ReadOnlySpan<byte> body)
    {
        // Hardly any body has the key, and looking for its bytes costs next to nothing; a backslash may hide it.
        if (body.IndexOf("\"model\""u8) < 0 && !body.Contains((byte)'\\')) return null;
        try
        {
            return Find(body, "model"u8);
        }
        catch (JsonException)
        {
            // Whoever reads the rows says what is wrong with the text.
            return null;
        }
        catch (InvalidOperationException)
        {
            throw JsonWords.HalfCharacter("$");
        }
    }

    private static string? Find(ReadOnlySpan<byte> body, ReadOnlySpan<byte> key)
    {
        if (body.StartsWith(PredictReader.ByteOrderMark)) body = body[PredictReader.ByteOrderMark.Length..];
        Utf8JsonReader json = new(body, new JsonReaderOptions { MaxDepth = PredictReader.Depth });
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject) return null;
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            bool isKey = json.ValueTextEquals(key);
            json.Read();
            if (isKey) return json.TokenType == JsonTokenType.String ? json.GetString() : throw RefusalException.BadRequest($"$.model: expected the name of a model, got {JsonWords.Value(ref json)}");
            json.Skip();
        }

        return null;
    }
}

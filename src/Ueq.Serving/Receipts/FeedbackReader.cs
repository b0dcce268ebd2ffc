using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Ueq.Serving.Receipts;

/// <summary>Reads the body of <c>POST /feedback</c>.</summary>
internal static class FeedbackReader
{
    private const int Depth = 8;

    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public static List<FeedbackItem> Read(ReadOnlySpan<byte> body, int most)
    {
        if (body.StartsWith(PredictReader.ByteOrderMark)) body = body[PredictReader.ByteOrderMark.Length..];
        if (!Utf8.IsValid(body)) throw RefusalException.BadRequest("$: expected UTF-8, got other bytes");
        Utf8JsonReader json = new(body, new JsonReaderOptions { MaxDepth = Depth });
        string path = "$";
        List<FeedbackItem> items = [];
        try
        {
            json.Read();
            if (json.TokenType != JsonTokenType.StartObject)
                throw RefusalException.BadRequest($"$: expected an object such as {{\"labels\": [{{\"receipt\": \"…\", \"y\": 1.5}}]}}, got {JsonWords.Value(ref json)}");
            json.Read();
            if (json.TokenType == JsonTokenType.EndObject) throw RefusalException.BadRequest("$.labels: expected an array of labels, got no such key");
            if (!json.ValueTextEquals("labels"u8)) throw Unknown(ref json, "$", "labels");
            path = "$.labels";
            json.Read();
            if (json.TokenType != JsonTokenType.StartArray) throw RefusalException.BadRequest($"$.labels: expected an array of labels, got {JsonWords.Value(ref json)}");
            while (true)
            {
                path = string.Create(CultureInfo.InvariantCulture, $"$.labels[{items.Count}]");
                json.Read();
                if (json.TokenType == JsonTokenType.EndArray) break;
                if (items.Count == most) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"$.labels: expected at most {most} labels"));
                items.Add(ReadItem(ref json, ref path));
            }

            if (items.Count == 0) throw RefusalException.BadRequest("$.labels: expected one label or more, got an empty array");
            path = "$";
            json.Read();
            if (json.TokenType == JsonTokenType.PropertyName)
            {
                throw json.ValueTextEquals("labels"u8)
                    ? RefusalException.BadRequest("$.labels: expected the key once, got it twice")
                    : Unknown(ref json, "$", "labels");
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

        return items;
    }

    private static FeedbackItem ReadItem(ref Utf8JsonReader json, ref string path)
    {
        string item = path;
        if (json.TokenType != JsonTokenType.StartObject)
            throw RefusalException.BadRequest($"{item}: expected an object with receipt and y, got {JsonWords.Value(ref json)}");
        byte[]? receipt = null;
        double? number = null;
        string? text = null;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            bool isReceipt = json.ValueTextEquals("receipt"u8);
            if (!isReceipt && !json.ValueTextEquals("y"u8)) throw Unknown(ref json, item, "receipt", "y");
            path = isReceipt ? item + ".receipt" : item + ".y";
            if (isReceipt ? receipt is not null : number is not null || text is not null) throw RefusalException.BadRequest($"{path}: expected the key once, got it twice");
            json.Read();
            if (isReceipt)
            {
                if (json.TokenType != JsonTokenType.String) throw RefusalException.BadRequest($"{path}: expected a text, got {JsonWords.Value(ref json)}");
                receipt = json.ValueIsEscaped ? System.Text.Encoding.UTF8.GetBytes(json.GetString()!) : json.ValueSpan.ToArray();
            }
            else if (json.TokenType == JsonTokenType.String)
            {
                text = json.GetString();
            }
            else if (json.TokenType == JsonTokenType.Number && json.TryGetDouble(out double y) && double.IsFinite(y))
            {
                number = y;
            }
            else
            {
                string expected = json.TokenType == JsonTokenType.Number ? "a number within ±1.7e308" : "a number, or a text that names a class";
                throw RefusalException.BadRequest($"{path}: expected {expected}, got {JsonWords.Value(ref json)}");
            }
        }

        if (receipt is null) throw RefusalException.BadRequest($"{item}.receipt: expected a text, got no such key");
        if (number is null && text is null) throw RefusalException.BadRequest($"{item}.y: expected the truth, got no such key");
        return new FeedbackItem(receipt, number, text);
    }

    private static RefusalException Unknown(ref Utf8JsonReader json, string path, params string[] keys)
    {
        string name = JsonWords.Short(json.ValueSpan);
        return RefusalException.BadRequest($"{path}.{name}: unknown key; did you mean \"{Spelling.Nearest(name, keys)}\"?");
    }
}

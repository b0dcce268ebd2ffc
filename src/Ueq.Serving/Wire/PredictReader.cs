using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Ueq.Serving.Wire;

/// <summary>Reads the body of a prediction request.</summary>
internal static class PredictReader
{
    public const int Depth = 16;

    // One-hot columns can make a small body large; this is 256 MiB of floats.
    public const int MostFeatures = 1 << 26;

    private static readonly string[] Keys = ["X", "return_uncertainty", "monitor", "coverage", "batch_size", "receipts", "groups", "model", "timeout_ms", "priority", "user_id"];

    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Reads <paramref name="body"/> into <paramref name="work"/>.</summary>
    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public static void Read(ReadOnlySpan<byte> body, FeatureSchema schema, int maxRows, PredictWork work)
    {
        if (!schema.IsNumeric || !new QuickReader(body).TryRead(schema.Width, maxRows, work)) ReadCarefully(body, schema, maxRows, work);
    }

    /// <summary>The same without the quick way, with the last word on what is an error.</summary>
    public static void ReadCarefully(ReadOnlySpan<byte> body, FeatureSchema schema, int maxRows, PredictWork work)
    {
        if (body.StartsWith(ByteOrderMark)) body = body[ByteOrderMark.Length..];
        if (!Utf8.IsValid(body)) throw RefusalException.BadRequest($"$: expected UTF-8, got other bytes at byte {FirstInvalid(body)}");
        Progress progress = new();
        Utf8JsonReader json = new(body, new JsonReaderOptions { MaxDepth = Depth });
        try
        {
            ReadObject(ref json, schema, maxRows, work, ref progress);
            json.Read(); // Whatever follows the object is an error, which the reader finds.
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(body, bad, progress.Path);
        }
        catch (InvalidOperationException)
        {
            throw JsonWords.HalfCharacter(progress.Path);
        }
    }

    private static void ReadObject(ref Utf8JsonReader json, FeatureSchema schema, int maxRows, PredictWork work, ref Progress progress)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw RefusalException.BadRequest($"$: expected an object such as {{\"X\": [[1, 2]]}}, got {JsonWords.Value(ref json)}");
        int seen = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = KeyOf(ref json);
            if ((seen & 1 << key) != 0) throw RefusalException.BadRequest($"$.{Keys[key]}: expected the key once, got it twice");
            seen |= 1 << key;
            progress = new Progress { Key = Keys[key] };
            json.Read();
            switch (key)
            {
                case 0: ReadRows(ref json, schema, maxRows, work, ref progress); break;
                case 1: work.WantsUncertainty = Flag(ref json, Keys[key]); break;
                case 2: work.WantsMonitoring = Flag(ref json, Keys[key]); break;
                case 3: work.Coverage = Level(ref json); break;
                case 4: work.BatchSize = BatchSize(ref json); break;
                case 5: work.WantsReceipts = Flag(ref json, Keys[key]); break;
                case 6: ReadGroups(ref json, maxRows, work); break;
                case 8: work.TimeoutMilliseconds = Timeout(ref json); break;
                case 9: work.Priority = Priority(ref json); break;
                case 10: ReadUser(ref json, work); break;
                default: RequireText(ref json, Keys[key]); break;
            }

            progress = new Progress();
        }

        if ((seen & 1) == 0) throw RefusalException.BadRequest("$.X: expected an array of rows, got no such key");
        if (work.Groups.Count > 0 && work.Groups.Count != work.Rows)
            throw RefusalException.BadRequest($"$.groups: expected {work.Rows} groups, one per row, got {work.Groups.Count}");
    }

    private static void ReadGroups(ref Utf8JsonReader json, int maxRows, PredictWork work)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            throw RefusalException.BadRequest($"$.groups: expected an array of texts, one per row, got {JsonWords.Value(ref json)}");
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (work.Groups.Count == maxRows) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"$.groups: expected at most {maxRows} groups"));
            work.Groups.Add(ref json, string.Create(CultureInfo.InvariantCulture, $"$.groups[{work.Groups.Count}]"));
        }

        if (work.Groups.Count == 0) throw RefusalException.BadRequest("$.groups: expected one group per row, got an empty array");
    }

    private static void ReadRows(ref Utf8JsonReader json, FeatureSchema schema, int maxRows, PredictWork work, ref Progress progress)
    {
        if (json.TokenType != JsonTokenType.StartArray)
            throw RefusalException.BadRequest($"$.X: expected an array of rows, got {JsonWords.Value(ref json)}");
        RowReader reader = new(schema, "$.X");
        int width = schema.Width, row = 0;
        for (; ; row++)
        {
            progress.Row = row;
            progress.Column = -1;
            json.Read();
            if (json.TokenType == JsonTokenType.EndArray) break;
            if (row == maxRows) throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"$.X: expected at most {maxRows} rows"));
            if (json.TokenType != JsonTokenType.StartArray)
            {
                throw RefusalException.BadRequest(string.Create(
                    CultureInfo.InvariantCulture,
                    $"$.X[{row}]: expected a row, which is an array of {schema.Columns.Count} values, got {JsonWords.Value(ref json)}"));
            }

            if ((row + 1L) * width > MostFeatures)
                throw RefusalException.TooLarge(string.Create(CultureInfo.InvariantCulture, $"$.X: expected at most {MostFeatures} encoded values"));
            work.Features.Reserve((row + 1) * width);
            reader.Read(ref json, row, work.Features.Span((row + 1) * width)[(row * width)..], out progress.Column);
        }

        if (row == 0) throw RefusalException.BadRequest("$.X: expected one row or more, got an empty array");
        work.Rows = row;
    }

    private static int KeyOf(ref Utf8JsonReader json)
    {
        if (json.ValueTextEquals("X"u8)) return 0;
        for (int key = 1; key < Keys.Length; key++)
            if (json.ValueTextEquals(Keys[key])) return key;
        string name = JsonWords.Short(json.ValueSpan);
        throw RefusalException.BadRequest($"$.{name}: unknown key; did you mean \"{Spelling.Nearest(name, Keys)}\"?");
    }

    private static bool Flag(ref Utf8JsonReader json, string key) => json.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw RefusalException.BadRequest($"$.{key}: expected true or false, got {JsonWords.Value(ref json)}"),
    };

    // What it says was read before the rows were.
    private static void RequireText(ref Utf8JsonReader json, string key)
    {
        if (json.TokenType != JsonTokenType.String) throw RefusalException.BadRequest($"$.{key}: expected a text, got {JsonWords.Value(ref json)}");
    }

    private static void ReadUser(ref Utf8JsonReader json, PredictWork work)
    {
        Span<byte> text = stackalloc byte[6 * Assignment.MostUserBytes];
        int length = json.TokenType == JsonTokenType.String && json.ValueSpan.Length <= text.Length ? json.CopyString(text) : 0;
        if (!work.TrySetUser(text[..length]))
            throw RefusalException.BadRequest($"$.user_id: expected a text of 1 to {Assignment.MostUserBytes} bytes, got {JsonWords.Value(ref json)}");
    }

    private static Coverage Level(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetDouble(out double level) && Coverage.IsLevel(level)
            ? new Coverage(level)
            : throw RefusalException.BadRequest($"$.coverage: expected a number strictly between 0 and 1, got {JsonWords.Value(ref json)}");

    private static int BatchSize(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int size) && size >= 1
            ? size
            : throw RefusalException.BadRequest($"$.batch_size: expected a whole number from 1, got {JsonWords.Value(ref json)}");

    private static int Timeout(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.Number && json.TryGetInt32(out int milliseconds) && RequestTerms.IsTimeout(milliseconds)
            ? milliseconds
            : throw RefusalException.BadRequest($"$.timeout_ms: expected {RequestTerms.TimeoutExpected}, got {JsonWords.Value(ref json)}");

    private static RequestPriority Priority(ref Utf8JsonReader json) =>
        json.TokenType == JsonTokenType.String && RequestTerms.PriorityOf(json.GetString()) is { } priority
            ? priority
            : throw RefusalException.BadRequest($"$.priority: expected {RequestTerms.PriorityExpected}, got {JsonWords.Value(ref json)}");

    private static int FirstInvalid(ReadOnlySpan<byte> body)
    {
        int at = 0;
        while (System.Text.Rune.DecodeFromUtf8(body[at..], out _, out int used) == System.Buffers.OperationStatus.Done) at += used;
        return at;
    }

    // Where the reader was when the text turned out to be no JSON.
    private struct Progress
    {
        public string? Key;
        public int Row;
        public int Column;

        public readonly string Path => Key is null ? "$"
            : Key != "X" ? $"$.{Key}"
            : Column < 0 ? string.Create(CultureInfo.InvariantCulture, $"$.X[{Row}]")
            : string.Create(CultureInfo.InvariantCulture, $"$.X[{Row}][{Column}]");
    }
}

using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;

namespace Ueq.Serving.Streams;

/// <summary>Reads one NDJSON line, <c>[1, 2]</c>, <c>{"x": [1, 2]}</c> or <c>{"x": [1, 2], "group": "a"}</c>, into encoded features.</summary>
internal static class LineReader
{
    private const int Depth = 8;

    /// <summary>Takes the next line off a buffer; at the end of the stream the last one needs no line end.</summary>
    public static bool TryTake(ref ReadOnlySequence<byte> buffer, LastPart last, out ReadOnlySequence<byte> line)
    {
        if (buffer.PositionOf((byte)'\n') is { } end)
        {
            line = buffer.Slice(0, end);
            buffer = buffer.Slice(buffer.GetPosition(1, end));
            return true;
        }

        line = buffer;
        if (last == LastPart.MoreFollows || buffer.IsEmpty) return false;
        buffer = buffer.Slice(buffer.End);
        return true;
    }

    public static bool IsBlank(ReadOnlySpan<byte> line) => line.IndexOfAnyExcept(" \t\r"u8) < 0;

    /// <summary>Reads a line into <paramref name="features"/>, and its group, if it has one, as that of <paramref name="row"/>.</summary>
    /// <exception cref="RefusalException">The line is not a row; says where.</exception>
    public static void Read(ReadOnlySpan<byte> line, FeatureSchema schema, Span<float> features, RowGroups groups, int row)
    {
        if (!Utf8.IsValid(line)) throw RefusalException.BadRequest("$: expected UTF-8, got other bytes");
        Utf8JsonReader json = new(line, new JsonReaderOptions { MaxDepth = Depth });
        string path = "$";
        int column = -1;
        try
        {
            json.Read();
            if (json.TokenType == JsonTokenType.StartObject)
            {
                ReadKeys(ref json, schema, features, groups, row, ref path, ref column);
            }
            else
            {
                ReadRow(ref json, schema, path, features, out column);
                column = -1;
            }

            json.Read(); // Whatever follows is an error, which the reader finds.
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(line, bad, column < 0 ? path : $"{path}[{column}]");
        }
        catch (InvalidOperationException)
        {
            throw JsonWords.HalfCharacter(path);
        }
    }

    private static void ReadKeys(ref Utf8JsonReader json, FeatureSchema schema, Span<float> features, RowGroups groups, int row, ref string path, ref int column)
    {
        int seen = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = json.ValueTextEquals("x"u8) ? 1 : json.ValueTextEquals("group"u8) ? 2 : 0;
            if (key == 0) throw RefusalException.BadRequest($"$: expected the keys \"x\" and \"group\" and no more, got also {JsonWords.Value(ref json)}");
            path = key == 1 ? "$.x" : "$.group";
            if ((seen & key) != 0) throw RefusalException.BadRequest($"{path}: expected the key once, got it twice");
            seen |= key;
            json.Read();
            if (key == 1)
            {
                ReadRow(ref json, schema, path, features, out column);
                column = -1;
            }
            else
            {
                groups.AddNone(row);
                groups.Add(ref json, path);
            }

            path = "$";
        }

        if ((seen & 1) == 0) throw RefusalException.BadRequest("$.x: expected a row, got no such key");
    }

    private static void ReadRow(ref Utf8JsonReader json, FeatureSchema schema, string path, Span<float> features, out int column)
    {
        column = -1;
        if (json.TokenType != JsonTokenType.StartArray)
            throw RefusalException.BadRequest($"{path}: expected a row, which is an array of {schema.Columns.Count} values, got {JsonWords.Value(ref json)}");
        new RowReader(schema, path).Read(ref json, -1, features, out column);
    }
}

/// <summary>Whether a buffer holds the end of its stream.</summary>
internal enum LastPart
{
    MoreFollows,
    IsLast,
}

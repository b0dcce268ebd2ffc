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
            bool wrapped = json.TokenType == JsonTokenType.StartObject;
            if (wrapped)
            {
                path = "$.x";
                json.Read();
                if (json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals("x"u8))
                {
                    string found = json.TokenType == JsonTokenType.PropertyName ? JsonWords.Value(ref json) : "no key";
                    throw RefusalException.BadRequest($"$: expected the key \"x\" first, got {found}");
                }

                json.Read();
            }

            if (json.TokenType != JsonTokenType.StartArray)
                throw RefusalException.BadRequest($"{path}: expected a row, which is an array of {schema.Columns.Count} values, got {JsonWords.Value(ref json)}");
            new RowReader(schema, path).Read(ref json, -1, features, out column);
            column = -1;
            json.Read();
            if (wrapped && json.TokenType == JsonTokenType.PropertyName && json.ValueTextEquals("group"u8))
            {
                path = "$.group";
                json.Read();
                groups.AddNone(row);
                groups.Add(ref json, path);
                json.Read();
            }

            if (wrapped && json.TokenType != JsonTokenType.EndObject)
                throw RefusalException.BadRequest($"$: expected the keys \"x\" and \"group\" and no more, got also {JsonWords.Value(ref json)}");
            if (wrapped) json.Read();
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
}

/// <summary>Whether a buffer holds the end of its stream.</summary>
internal enum LastPart
{
    MoreFollows,
    IsLast,
}

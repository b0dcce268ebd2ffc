using System.Text;
using System.Text.Json;

namespace Ueq.Cli.Tests.Faults;

/// <summary>Changes one value or name of a JSON text in its place, which need not leave JSON behind.</summary>
internal static class JsonMutation
{
    public static byte[] Apply(byte[] body, string[] values, ref Rng rng)
    {
        List<(int Start, int End)> spans = Spans(body);
        if (spans.Count == 0) return body;
        (int start, int end) = spans[rng.NextIndex(spans.Count)];
        byte[] before = body[..start], value = body[start..end], after = body[end..];
        byte[] put = rng.NextIndex(8) switch
        {
            0 => [],
            1 => [.. value, (byte)',', .. value],
            2 => Nested(value, 1 + rng.NextIndex(rng.NextIndex(4) == 0 ? 3000 : 12)),
            3 => Repeated(value, 1 + rng.NextIndex(rng.NextIndex(8) == 0 ? 2000 : 8)),
            4 => Encoding.UTF8.GetBytes("\"" + new string('a', rng.NextIndex(4000)) + "\""),
            _ => Encoding.UTF8.GetBytes(values[rng.NextIndex(values.Length)]),
        };
        return [.. before, .. put, .. after];
    }

    // Whole values, names among them, as far as the text is JSON.
    private static List<(int Start, int End)> Spans(byte[] body)
    {
        List<(int, int)> spans = [];
        Stack<int> open = new();
        try
        {
            Utf8JsonReader reader = new(body, new JsonReaderOptions { AllowMultipleValues = true, MaxDepth = 4000 });
            while (reader.Read())
            {
                int start = (int)reader.TokenStartIndex, end = (int)reader.BytesConsumed;
                if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject) open.Push(start);
                else spans.Add((reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject ? open.Pop() : start, end));
            }
        }
        catch (JsonException)
        {
            // An earlier mutation broke it from here on.
        }

        return spans;
    }

    private static byte[] Nested(byte[] value, int deep) => [.. Enumerable.Repeat((byte)'[', deep), .. value, .. Enumerable.Repeat((byte)']', deep)];

    private static byte[] Repeated(byte[] value, int times)
    {
        List<byte> all = [.. "["u8, .. value];
        for (int i = 1; i < times && all.Count < 1 << 18; i++)
        {
            all.Add((byte)',');
            all.AddRange(value);
        }

        all.Add((byte)']');
        return [.. all];
    }
}

using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace Ueq.Serving.Inference;

/// <summary>The values of a tensor that stand in the JSON, nested as the shape says or flat.</summary>
internal static class JsonTensor
{
    private const int LongestText = 1 << 16;

    /// <summary>Reads the array at which the reader stands.</summary>
    /// <param name="json">Stands at the opening bracket.</param>
    /// <param name="bytes">Bytes of the whole JSON: there cannot be more values.</param>
    /// <param name="input">Has type and shape; learns where its values are.</param>
    /// <param name="index">Its number among the inputs.</param>
    /// <param name="values">Receives the values.</param>
    public static void Read(ref Utf8JsonReader json, int bytes, ref Tensor input, int index, JsonBytes values)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"$.inputs[{index}].data: expected an array, got {JsonWords.Value(ref json)}"));
        long elements = input.Shape.Elements;
        if (elements > bytes) throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"$.inputs[{index}].data: expected as many values as the shape {input.Shape} says, got fewer"));
        input.Start = values.Length;
        Span<long> counts = stackalloc long[TensorShape.MostRank];
        int depth = 0, rank = input.Shape.Rank, innermost = -1;
        long count = 0;
        counts[0] = 0;
        while (true)
        {
            json.Read();
            if (json.TokenType == JsonTokenType.EndArray)
            {
                if (innermost > 0 && counts[depth] != input.Shape[depth]) throw Wrong(input, index, count, $"{input.Shape[depth]} values or arrays here, as the shape {input.Shape} says", $"{counts[depth]}");
                if (depth-- == 0) break;
                counts[depth]++;
            }
            else if (json.TokenType == JsonTokenType.StartArray)
            {
                if (innermost < 0) innermost = rank - 1;
                if (depth >= innermost) throw Wrong(input, index, count, Element(input.Type), "an array");
                counts[++depth] = 0;
            }
            else
            {
                if (innermost < 0) innermost = 0;
                if (depth != innermost) throw Wrong(input, index, count, "an array, as the values before it are nested", JsonWords.Value(ref json));
                if (count == elements) throw Wrong(input, index, count, $"{elements} values, as the shape {input.Shape} says", "more");
                if (!TryWrite(ref json, input.Type, values)) throw Wrong(input, index, count, Element(input.Type), JsonWords.Value(ref json));
                counts[depth]++;
                count++;
            }
        }

        if (count != elements) throw Wrong(input, index, count, $"{elements} values, as the shape {input.Shape} says", $"{count}");
        input.Length = values.Length - input.Start;
    }

    private static bool TryWrite(ref Utf8JsonReader json, TensorType type, JsonBytes values)
    {
        if (type == TensorType.Bytes) return TryWriteText(ref json, values);
        if (type >= TensorType.Fp16) return TryWriteReal(ref json, type, values);
        if (type == TensorType.Bool && json.TokenType is JsonTokenType.True or JsonTokenType.False) return Put(values, (byte)(json.TokenType == JsonTokenType.True ? 1 : 0));
        if (json.TokenType != JsonTokenType.Number) return false;
        if (type == TensorType.UInt64) return json.TryGetUInt64(out ulong large) && Put(values, large);
        if (!json.TryGetInt64(out long whole)) return false;
        return type switch
        {
            TensorType.Bool => whole is 0 or 1 && Put(values, (byte)whole),
            TensorType.Int8 => whole is >= sbyte.MinValue and <= sbyte.MaxValue && Put(values, (sbyte)whole),
            TensorType.Int16 => whole is >= short.MinValue and <= short.MaxValue && Put(values, (short)whole),
            TensorType.Int32 => whole is >= int.MinValue and <= int.MaxValue && Put(values, (int)whole),
            TensorType.UInt8 => whole is >= 0 and <= byte.MaxValue && Put(values, (byte)whole),
            TensorType.UInt16 => whole is >= 0 and <= ushort.MaxValue && Put(values, (ushort)whole),
            TensorType.UInt32 => whole is >= 0 and <= uint.MaxValue && Put(values, (uint)whole),
            _ => Put(values, whole),
        };
    }

    // A missing value is null, which stands as NaN; whether it may be missing is the model's to say.
    private static bool TryWriteReal(ref Utf8JsonReader json, TensorType type, JsonBytes values)
    {
        bool isMissing = json.TokenType == JsonTokenType.Null;
        if (!isMissing && json.TokenType != JsonTokenType.Number) return false;
        if (type == TensorType.Fp64)
        {
            double wide = double.NaN;
            return (isMissing || (json.TryGetDouble(out wide) && double.IsFinite(wide))) && Put(values, wide);
        }

        float value = isMissing ? float.NaN : FloatText.Read(json.ValueSpan);
        if (type == TensorType.Fp32) return (isMissing || float.IsFinite(value)) && Put(values, value);
        Half half = (Half)value;
        return (isMissing || Half.IsFinite(half)) && Put(values, half);
    }

    private static bool TryWriteText(ref Utf8JsonReader json, JsonBytes values)
    {
        if (json.TokenType == JsonTokenType.Null) return Put(values, 0);
        if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || json.ValueSpan.Length > LongestText) return false;
        Span<byte> room = values.GetSpan(4 + json.ValueSpan.Length);
        int length = json.ValueSpan.Length;
        if (json.TokenType == JsonTokenType.String) length = json.CopyString(room[4..]);
        else json.ValueSpan.CopyTo(room[4..]);
        BinaryPrimitives.WriteInt32LittleEndian(room, length);
        values.Advance(4 + length);
        return true;
    }

    private static bool Put<T>(JsonBytes values, T value)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        MemoryMarshal.Write(values.GetSpan(size), in value);
        values.Advance(size);
        return true;
    }

    private static string Element(TensorType type) => type switch
    {
        TensorType.Bytes => $"a text of at most {LongestText} bytes",
        TensorType.Bool => "true or false",
        >= TensorType.Fp16 => $"a number in the range of {type.Name()}",
        _ => $"a whole number in the range of {type.Name()}",
    };

    private static RefusalException Wrong(in Tensor input, int index, long element, string expected, string got) => RefusalException.BadRequest(
        string.Create(CultureInfo.InvariantCulture, $"$.inputs[{index}].data, element {element}{Row(input, element)}: expected {expected}, got {got}"));

    private static string Row(in Tensor input, long element) => input.Shape.Rank > 1 && input.Shape[0] > 0 && input.Shape.Elements / input.Shape[0] is > 0 and var width
        ? string.Create(CultureInfo.InvariantCulture, $" (row {element / width})")
        : "";
}

using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Ueq.Serving.Inference;

namespace Ueq.Serving.Streams;

/// <summary>One column of a record batch becoming features.</summary>
/// <param name="schema">The model's columns.</param>
/// <param name="column">The column of the stream.</param>
/// <param name="features">Row-major features, rows × width.</param>
/// <param name="faults">Per row what is wrong with it; filled as far as something is.</param>
internal readonly ref struct ArrowValues(FeatureSchema schema, ArrowColumn column, Span<float> features, ArrowFaults faults)
{
    private const int LongestText = 256;

    private readonly Span<float> _features = features;

    public void TakeNumbers(ReadOnlySpan<byte> values, ArrowValidity validity)
    {
        switch (column.Type)
        {
            case TensorType.Int8: Convert<sbyte>(values, validity); break;
            case TensorType.Int16: Convert<short>(values, validity); break;
            case TensorType.Int32: Convert<int>(values, validity); break;
            case TensorType.Int64: Convert<long>(values, validity); break;
            case TensorType.UInt8: Convert<byte>(values, validity); break;
            case TensorType.UInt16: Convert<ushort>(values, validity); break;
            case TensorType.UInt32: Convert<uint>(values, validity); break;
            case TensorType.UInt64: Convert<ulong>(values, validity); break;
            case TensorType.Fp16: Convert<Half>(values, validity); break;
            case TensorType.Fp32: Convert<float>(values, validity); break;
            default: Convert<double>(values, validity); break;
        }
    }

    public void TakeBits(ReadOnlySpan<byte> bits, ArrowValidity validity, int rows)
    {
        int stride = schema.Width, start = schema.Offset(column.Target);
        for (int row = 0; row < rows; row++)
            _features[start + row * stride] = validity.IsNull(row) ? Missing(row, column.Target, "null") : bits[row >> 3] >> (row & 7) & 1;
    }

    public void TakeTexts(ArrowTexts texts, ArrowValidity validity, int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            if (validity.IsNull(row)) TakeMissingText(row);
            else if (texts.Of(row) is var text) Take(row, CategoryOf(schema, column.Target, text), text);
        }
    }

    /// <summary>Takes whole numbers that are called like categories.</summary>
    public void TakeCategories(ReadOnlySpan<byte> values, ArrowValidity validity, int rows)
    {
        Span<byte> digits = stackalloc byte[32];
        int size = column.Type.Size();
        for (int row = 0; row < rows; row++)
        {
            if (validity.IsNull(row))
            {
                TakeMissingText(row);
                continue;
            }

            ReadOnlySpan<byte> value = values.Slice(row * size, size);
            int written;
            if (column.Type == TensorType.UInt64) MemoryMarshal.Read<ulong>(value).TryFormat(digits, out written, default, CultureInfo.InvariantCulture);
            else ArrowIndices.At(column.Type, value).TryFormat(digits, out written, default, CultureInfo.InvariantCulture);
            Take(row, CategoryOf(schema, column.Target, digits[..written]), digits[..written]);
        }
    }

    public void TakeIndices(ReadOnlySpan<byte> values, ArrowValidity validity, ArrowDictionary dictionary, int rows)
    {
        int size = column.Type.Size();
        for (int row = 0; row < rows; row++)
        {
            if (validity.IsNull(row))
            {
                TakeMissingText(row);
                continue;
            }

            long index = ArrowIndices.At(column.Type, values.Slice(row * size, size));
            if (index < 0 || index >= dictionary.Count)
                throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"column \"{schema.Columns[column.Target].Name}\": expected an index below {dictionary.Count}, that of its dictionary, got {index}"));
            int category = dictionary.Categories[(int)index];
            if (category == ArrowDictionary.IsNull) TakeMissingText(row);
            else Take(row, category, category >= 0 ? default : dictionary.Unknown[(int)index]);
        }
    }

    /// <summary>The category that a text names; −1 when it names none.</summary>
    public static int CategoryOf(FeatureSchema schema, int target, ReadOnlySpan<byte> text)
    {
        Span<char> characters = stackalloc char[LongestText];
        return text.Length <= LongestText && Utf8.ToUtf16(text, characters, out _, out int length, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done
            ? schema.CategoryIndex(target, characters[..length]) : -1;
    }

    private void Convert<T>(ReadOnlySpan<byte> values, ArrowValidity validity)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(values);
        if (column.Target == ArrowColumn.All && typeof(T) == typeof(float) && !validity.HasNulls)
        {
            // The bytes are the features already.
            values.CopyTo(MemoryMarshal.AsBytes(_features));
            if (_features.IsEmpty || float.IsFinite(TensorPrimitives.MaxMagnitude<float>(_features))) return;
        }

        bool isAll = column.Target == ArrowColumn.All;
        int columns = isAll ? schema.Width : 1, stride = isAll ? 1 : schema.Width, start = isAll ? 0 : schema.Offset(column.Target);
        for (int i = 0; i < from.Length; i++)
        {
            float value = float.CreateTruncating(from[i]);
            if (!float.IsFinite(value) || validity.IsNull(i)) value = Odd(i / columns, isAll ? i % columns : column.Target, value, double.CreateTruncating(from[i]), validity.IsNull(i));
            _features[start + i * stride] = value;
        }
    }

    private float Odd(int row, int target, float value, double got, bool isNull)
    {
        if (isNull) return Missing(row, target, "null");
        if (float.IsNaN(value)) return Missing(row, target, "NaN");
        Fault(row, target, double.IsFinite(got) ? "a number within ±3.4e38" : "a finite number", got.ToString("R", CultureInfo.InvariantCulture));
        return float.NaN;
    }

    private float Missing(int row, int target, string got)
    {
        if (schema.Columns[target].Missing != MissingValues.Allowed) Fault(row, target, "a finite number", got);
        return float.NaN;
    }

    private void TakeMissingText(int row)
    {
        FeatureColumn about = schema.Columns[column.Target];
        if (about.Missing != MissingValues.Allowed) Fault(row, column.Target, RowReader.Expected(about.Categories!), "null");
        Own(row).Fill(float.NaN);
    }

    private void Take(int row, int category, ReadOnlySpan<byte> text)
    {
        Span<float> own = Own(row);
        own.Clear();
        if (category >= 0) own[category] = 1;
        else Fault(row, column.Target, RowReader.Expected(schema.Columns[column.Target].Categories!), $"\"{JsonWords.Short(text)}\"");
    }

    private Span<float> Own(int row) => _features.Slice(row * schema.Width + schema.Offset(column.Target), schema.Columns[column.Target].Width);

    private void Fault(int row, int target, string expected, string got) => faults.Add(row, schema.Columns[target].Name, expected, got);
}

/// <summary>Whole numbers of any type.</summary>
internal static class ArrowIndices
{
    /// <summary>The number that some bytes are; one beyond 64 bits with a sign is negative.</summary>
    public static long At(TensorType type, ReadOnlySpan<byte> value) => type switch
    {
        TensorType.Int8 => (sbyte)value[0],
        TensorType.UInt8 => value[0],
        TensorType.Int16 => MemoryMarshal.Read<short>(value),
        TensorType.UInt16 => MemoryMarshal.Read<ushort>(value),
        TensorType.Int32 => MemoryMarshal.Read<int>(value),
        TensorType.UInt32 => MemoryMarshal.Read<uint>(value),
        _ => MemoryMarshal.Read<long>(value),
    };
}

using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace Ueq.Serving.Inference;

/// <summary>An input tensor becoming features: one of all columns, or the one of a column.</summary>
/// <param name="schema">The model's columns.</param>
/// <param name="features">Row-major features, rows × width.</param>
/// <param name="column">The column; −1 for all of them.</param>
/// <param name="index">Number of the tensor among the inputs.</param>
internal readonly ref struct FeatureTensor(FeatureSchema schema, Span<float> features, int column, int index)
{
    private const int LongestText = 256;
    private const int CategoriesSaid = 20;

    private readonly Span<float> _features = features;

    public void Take(TensorType type, ReadOnlySpan<byte> values)
    {
        if (column >= 0 && schema.Columns[column].Categories is not null) TakeCategories(type, values);
        else if (type == TensorType.Fp32 && column < 0) TakeAll(values);
        else TakeNumbers(type, values);
    }

    // The bytes are the features already.
    private void TakeAll(ReadOnlySpan<byte> values)
    {
        values.CopyTo(MemoryMarshal.AsBytes(_features));
        if (float.IsFinite(TensorPrimitives.MaxMagnitude<float>(_features))) return;
        for (int i = 0; i < _features.Length; i++)
            if (!float.IsFinite(_features[i])) Check(i, _features[i], _features[i]);
    }

    private void TakeNumbers(TensorType type, ReadOnlySpan<byte> values)
    {
        switch (type)
        {
            case TensorType.Bool or TensorType.UInt8: Convert<byte>(values); break;
            case TensorType.Int8: Convert<sbyte>(values); break;
            case TensorType.Int16: Convert<short>(values); break;
            case TensorType.Int32: Convert<int>(values); break;
            case TensorType.Int64: Convert<long>(values); break;
            case TensorType.UInt16: Convert<ushort>(values); break;
            case TensorType.UInt32: Convert<uint>(values); break;
            case TensorType.UInt64: Convert<ulong>(values); break;
            case TensorType.Fp16: Convert<Half>(values); break;
            case TensorType.Fp32: Convert<float>(values); break;
            case TensorType.Fp64: Convert<double>(values); break;
            default: throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{index}].datatype: expected numbers{Named(column)}, got {type.Name()}"));
        }
    }

    private void Convert<T>(ReadOnlySpan<byte> values)
        where T : unmanaged, INumberBase<T>
    {
        ReadOnlySpan<T> from = MemoryMarshal.Cast<byte, T>(values);
        int stride = column < 0 ? 1 : schema.Width, start = column < 0 ? 0 : schema.Offset(column);
        for (int i = 0; i < from.Length; i++)
        {
            float value = float.CreateTruncating(from[i]);
            if (!float.IsFinite(value)) Check(i, value, double.CreateTruncating(from[i]));
            _features[start + i * stride] = value;
        }
    }

    private void Check(int element, float value, double got)
    {
        int c = column < 0 ? element % schema.Columns.Count : column;
        bool mayMiss = schema.Columns[c].Missing == MissingValues.Allowed;
        if (float.IsNaN(value) && mayMiss) return;
        throw Bad(element, c, double.IsFinite(got) ? "a number within ±3.4e38" : $"a finite number{(mayMiss ? ", or NaN where it is missing" : "")}", got.ToString("R", CultureInfo.InvariantCulture));
    }

    private void TakeCategories(TensorType type, ReadOnlySpan<byte> values)
    {
        if (type is TensorType.Bool or >= TensorType.Fp16 and not TensorType.Bytes)
            throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{index}].datatype: expected BYTES, since the column \"{schema.Columns[column].Name}\" is of texts, got {type.Name()}"));
        int size = type.Size(), at = 0;
        Span<byte> digits = stackalloc byte[32];
        for (int row = 0; at < values.Length; row++)
        {
            scoped ReadOnlySpan<byte> text;
            if (size == 0)
            {
                text = values.Slice(at + 4, BinaryPrimitives.ReadInt32LittleEndian(values[at..]));
                at += 4 + text.Length;
            }
            else
            {
                text = digits[..Write(type, values.Slice(at, size), digits)];
                at += size;
            }

            TakeCategory(row, text);
        }
    }

    private void TakeCategory(int row, ReadOnlySpan<byte> text)
    {
        FeatureColumn about = schema.Columns[column];
        Span<float> own = _features.Slice(row * schema.Width + schema.Offset(column), about.Width);
        Span<char> characters = stackalloc char[LongestText];
        int category = text.Length <= LongestText && Utf8.ToUtf16(text, characters, out _, out int length, replaceInvalidSequences: false) == System.Buffers.OperationStatus.Done
            ? schema.CategoryIndex(column, characters[..length]) : -1;
        if (category >= 0)
        {
            own.Clear();
            own[category] = 1;
            return;
        }

        if (!text.IsEmpty || about.Missing != MissingValues.Allowed) throw Bad(row, column, $"one of {Some(about.Categories!)}", $"\"{JsonWords.Short(text)}\"");
        own.Fill(float.NaN);
    }

    private static int Write(TensorType type, ReadOnlySpan<byte> value, Span<byte> digits)
    {
        int written;
        if (type == TensorType.UInt64) BinaryPrimitives.ReadUInt64LittleEndian(value).TryFormat(digits, out written, default, CultureInfo.InvariantCulture);
        else Whole(type, value).TryFormat(digits, out written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static long Whole(TensorType type, ReadOnlySpan<byte> value) => type switch
    {
        TensorType.Int8 => (sbyte)value[0],
        TensorType.UInt8 => value[0],
        TensorType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(value),
        TensorType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(value),
        TensorType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(value),
        TensorType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(value),
        _ => BinaryPrimitives.ReadInt64LittleEndian(value),
    };

    private static string Some(IReadOnlyList<string> categories) =>
        string.Join(", ", categories.Take(CategoriesSaid).Select(c => $"\"{c}\"")) + (categories.Count > CategoriesSaid ? FormattableString.Invariant($", … ({categories.Count} in all)") : "");

    private string Named(int c) => c < 0 ? "" : $" of the column \"{schema.Columns[c].Name}\"";

    private RefusalException Bad(int element, int c, string expected, string got) => RefusalException.BadRequest(
        FormattableString.Invariant($"$.inputs[{index}], element {element} (row {(column < 0 ? element / schema.Columns.Count : element)}, column \"{schema.Columns[c].Name}\"): expected {expected}, got {got}"));
}

using Ueq.Serving.Inference;

namespace Ueq.Serving.Streams;

/// <summary>How the values of an Arrow column stand in its buffers.</summary>
internal enum ArrowLayout
{
    /// <summary>Numbers of a fixed size.</summary>
    Numbers,

    /// <summary>A bit per value.</summary>
    Bits,

    /// <summary>Texts behind offsets of 32 bits.</summary>
    Texts,

    /// <summary>Texts behind offsets of 64 bits.</summary>
    LargeTexts,

    /// <summary>Whole numbers that stand for the texts of a dictionary.</summary>
    Indices,

    /// <summary>All columns of a row, one number behind the other.</summary>
    Rows,
}

/// <summary>A column of an Arrow stream and what it is to the model.</summary>
/// <param name="Target">Number of the model's column; <see cref="Group"/> or <see cref="All"/>.</param>
/// <param name="Layout">How its values stand in its buffers.</param>
/// <param name="Type">The type of its numbers, or of its indices.</param>
/// <param name="Dictionary">The dictionary of its indices.</param>
internal readonly record struct ArrowColumn(int Target, ArrowLayout Layout, TensorType Type, long Dictionary)
{
    /// <summary>The column holds the rows' groups.</summary>
    public const int Group = -1;

    /// <summary>The column holds whole rows.</summary>
    public const int All = -2;

    private enum FieldType : byte
    {
        Int = 2,
        Float = 3,
        Text = 5,
        Bool = 6,
        FixedSizeList = 16,
        LargeText = 20,
    }

    private static readonly string[] TypeNames =
    [
        "none", "null", "int", "float", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp", "interval", "list", "struct", "union", "fixed_size_binary",
        "fixed_size_list", "map", "duration", "large_binary", "large_utf8", "large_list", "run_end_encoded", "binary_view", "utf8_view", "list_view", "large_list_view",
    ];

    /// <summary>Reads what a field of the schema says of its type.</summary>
    /// <returns><c>null</c> when no column can be of such a type.</returns>
    public static ArrowColumn? Of(FlatTable field, int target)
    {
        FieldType type = (FieldType)field.Byte(2);
        if (field.Has(4))
        {
            FlatTable encoding = field.Table(4);
            // Without a type, indices are of 32 bits.
            TensorType? index = encoding.Has(1) ? Whole(encoding.Table(1)) : TensorType.Int32;
            return type is FieldType.Text or FieldType.LargeText && index is { } whole ? new ArrowColumn(target, ArrowLayout.Indices, whole, encoding.Int64(0)) : null;
        }

        switch (type)
        {
            case FieldType.Int: return Whole(field.Table(3)) is { } numbers ? new ArrowColumn(target, ArrowLayout.Numbers, numbers, 0) : null;
            case FieldType.Float: return Fraction(field.Table(3)) is { } fractions ? new ArrowColumn(target, ArrowLayout.Numbers, fractions, 0) : null;
            case FieldType.Text: return new ArrowColumn(target, ArrowLayout.Texts, TensorType.Bytes, 0);
            case FieldType.LargeText: return new ArrowColumn(target, ArrowLayout.LargeTexts, TensorType.Bytes, 0);
            case FieldType.Bool: return new ArrowColumn(target, ArrowLayout.Bits, TensorType.Bool, 0);
            default: return null;
        }
    }

    /// <summary>A list of numbers that is a whole row each; <c>null</c> where the field is none.</summary>
    /// <param name="field">The field.</param>
    /// <param name="size">Receives how many numbers are in each list.</param>
    public static ArrowColumn? Rows(FlatTable field, out int size)
    {
        size = 0;
        if ((FieldType)field.Byte(2) != FieldType.FixedSizeList || field.Has(4) || field.Tables(5) != 1) return null;
        size = field.Table(3).Int32(0);
        return Of(field.Table(5, 0), All) is { Layout: ArrowLayout.Numbers } numbers ? numbers with { Layout = ArrowLayout.Rows } : null;
    }

    /// <summary>How the texts of a field are written, in its dictionary if it has one.</summary>
    public static ArrowLayout TextsOf(FlatTable field) => (FieldType)field.Byte(2) == FieldType.LargeText ? ArrowLayout.LargeTexts : ArrowLayout.Texts;

    /// <summary>What a field's type is called.</summary>
    public static string NameOf(FlatTable field) =>
        (field.Has(4) ? "a dictionary of " : "") + (field.Byte(2) is var type && type < TypeNames.Length ? TypeNames[type] : "an unknown type");

    private static TensorType? Whole(FlatTable type) => (type.Int32(0), type.Byte(1) != 0) switch
    {
        (8, true) => TensorType.Int8,
        (16, true) => TensorType.Int16,
        (32, true) => TensorType.Int32,
        (64, true) => TensorType.Int64,
        (8, false) => TensorType.UInt8,
        (16, false) => TensorType.UInt16,
        (32, false) => TensorType.UInt32,
        (64, false) => TensorType.UInt64,
        _ => null,
    };

    private static TensorType? Fraction(FlatTable type) => type.Int16(0) switch
    {
        0 => TensorType.Fp16,
        1 => TensorType.Fp32,
        2 => TensorType.Fp64,
        _ => null,
    };
}

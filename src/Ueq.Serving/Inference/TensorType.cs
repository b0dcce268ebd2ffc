namespace Ueq.Serving.Inference;

/// <summary>The datatypes of tensors, in the protocol's words.</summary>
internal enum TensorType
{
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Fp16,
    Fp32,
    Fp64,
    Bytes,
}

/// <summary>Names and sizes of the datatypes.</summary>
internal static class TensorTypes
{
    private static readonly (string Name, byte[] Utf8, int Size)[] All =
    [
        .. new (string Name, int Size)[]
        {
            ("BOOL", 1), ("INT8", 1), ("INT16", 2), ("INT32", 4), ("INT64", 8), ("UINT8", 1), ("UINT16", 2), ("UINT32", 4), ("UINT64", 8),
            ("FP16", 2), ("FP32", 4), ("FP64", 8), ("BYTES", 0),
        }.Select(t => (t.Name, System.Text.Encoding.ASCII.GetBytes(t.Name), t.Size)),
    ];

    public static string Known { get; } = string.Join(", ", All.Select(t => t.Name));

    public static string Name(this TensorType type) => All[(int)type].Name;

    public static ReadOnlySpan<byte> Utf8(this TensorType type) => All[(int)type].Utf8;

    /// <summary>Bytes of one element; 0 for BYTES, whose elements each say their length.</summary>
    public static int Size(this TensorType type) => All[(int)type].Size;

    /// <summary>The datatype of a name; <c>null</c> when it is none.</summary>
    public static TensorType? Find(ReadOnlySpan<byte> name)
    {
        for (int i = 0; i < All.Length; i++)
            if (name.SequenceEqual(All[i].Utf8)) return (TensorType)i;
        return null;
    }
}

using System.Buffers.Binary;

namespace Ueq.Serving.Streams;

/// <summary>A table of a FlatBuffer that a stranger may have written: every place is checked before it is read, and nothing is followed by itself.</summary>
/// <remarks>
/// Offsets may point to the same table again and again, so who walks into tables of tables decides how far. Apache.Arrow's reader follows
/// nested fields as deep and as often as they say, which a few kilobytes can make more than any machine has time or stack for.
/// </remarks>
internal readonly ref struct FlatTable
{
    private readonly ReadOnlySpan<byte> _bytes;
    private readonly int _at;
    private readonly int _slots;
    private readonly int _vtable;

    private FlatTable(ReadOnlySpan<byte> bytes, int at)
    {
        _bytes = bytes;
        _at = at;
        _vtable = Place(at - (long)Int32(bytes, at), 4);
        _slots = (UInt16(bytes, _vtable) - 4) / 2;
    }

    /// <summary>The table that a buffer begins with.</summary>
    /// <exception cref="InvalidDataException">The bytes are no FlatBuffer.</exception>
    public static FlatTable Root(ReadOnlySpan<byte> bytes) => Follow(bytes, 0);

    public bool Has(int slot) => Field(slot) != 0;

    public byte Byte(int slot, byte otherwise = 0) => Field(slot) is > 0 and var at ? _bytes[Place(at, 1)] : otherwise;

    public short Int16(int slot, short otherwise = 0) => Field(slot) is > 0 and var at ? BinaryPrimitives.ReadInt16LittleEndian(_bytes[Place(at, 2)..]) : otherwise;

    public int Int32(int slot, int otherwise = 0) => Field(slot) is > 0 and var at ? Int32(_bytes, at) : otherwise;

    public long Int64(int slot, long otherwise = 0) => Field(slot) is > 0 and var at ? BinaryPrimitives.ReadInt64LittleEndian(_bytes[Place(at, 8)..]) : otherwise;

    /// <summary>The table in a slot that must have one.</summary>
    public FlatTable Table(int slot) => Field(slot) is > 0 and var at ? Follow(_bytes, at) : throw Damaged();

    /// <summary>The bytes of a text, or of a vector of structures; empty where there is none.</summary>
    /// <param name="slot">The slot.</param>
    /// <param name="size">Bytes of an element.</param>
    public ReadOnlySpan<byte> Vector(int slot, int size)
    {
        if (Field(slot) is not (> 0 and var at)) return default;
        int start = Place(at + (long)UInt32(_bytes, at), 4);
        long length = UInt32(_bytes, start) * (long)size;
        return _bytes.Slice(Place(start + 4L, length), (int)length);
    }

    /// <summary>Number of tables in a vector.</summary>
    public int Tables(int slot) => Vector(slot, 4).Length / 4;

    /// <summary>One table of a vector.</summary>
    public FlatTable Table(int slot, int index)
    {
        int at = Field(slot);
        int start = at + (int)UInt32(_bytes, at) + 4;
        return Follow(_bytes, start + 4 * index);
    }

    private static FlatTable Follow(ReadOnlySpan<byte> bytes, int at)
    {
        long table = at + (long)UInt32(bytes, at);
        return table <= bytes.Length - 4 ? new FlatTable(bytes, (int)table) : throw Damaged();
    }

    private static InvalidDataException Damaged() => new("its metadata are damaged");

    private static uint UInt32(ReadOnlySpan<byte> bytes, int at) => at <= bytes.Length - 4 ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]) : throw Damaged();

    private static int Int32(ReadOnlySpan<byte> bytes, int at) => (int)UInt32(bytes, at);

    private static ushort UInt16(ReadOnlySpan<byte> bytes, int at) => at <= bytes.Length - 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]) : throw Damaged();

    private int Field(int slot)
    {
        if (slot >= _slots) return 0;
        int offset = UInt16(_bytes, _vtable + 4 + 2 * slot);
        return offset == 0 ? 0 : Place(_at + (long)offset, 1);
    }

    private int Place(long at, long length) => at >= 0 && length >= 0 && at <= _bytes.Length - length ? (int)at : throw Damaged();
}

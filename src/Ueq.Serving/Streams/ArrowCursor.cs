using System.Buffers.Binary;
using System.Globalization;

namespace Ueq.Serving.Streams;

/// <summary>Goes through the buffers of a record batch in their order.</summary>
internal ref struct ArrowCursor
{
    private const int PairBytes = 16;

    private readonly ReadOnlySpan<byte> _body;
    private ReadOnlySpan<byte> _nodes, _buffers;

    /// <summary>Begins with a batch.</summary>
    /// <exception cref="RefusalException">The batch is compressed.</exception>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public ArrowCursor(FlatTable batch, ReadOnlySpan<byte> body)
    {
        if (batch.Has(3)) throw RefusalException.BadRequest("expected buffers that are not compressed each for itself; compress the whole body, and say so in Content-Encoding");
        _body = body;
        _nodes = batch.Vector(1, PairBytes);
        _buffers = batch.Vector(2, PairBytes);
    }

    /// <summary>The next column, which must have so many values.</summary>
    public void Node(long values)
    {
        long found = Take(ref _nodes).First;
        if (found != values) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"expected {values} values in each of its columns, got {found}"));
    }

    /// <summary>The next buffer.</summary>
    public ReadOnlySpan<byte> Buffer()
    {
        (long start, long length) = Take(ref _buffers);
        // Where nothing stands, it is written anywhere.
        if (length == 0) return default;
        if (start < 0 || length < 0 || start > _body.Length - length) throw new InvalidDataException("a buffer lies outside its body");
        return _body.Slice((int)start, (int)length);
    }

    /// <summary>The next buffer, which must have so many bytes.</summary>
    public ReadOnlySpan<byte> Buffer(long least)
    {
        ReadOnlySpan<byte> buffer = Buffer();
        if (buffer.Length < least) throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"expected a buffer of {least} bytes, got {buffer.Length}"));
        return buffer[..(int)least];
    }

    /// <summary>The next buffer, whose bits say which values are there.</summary>
    public ArrowValidity Validity(int values)
    {
        ReadOnlySpan<byte> buffer = Buffer();
        if (!buffer.IsEmpty && buffer.Length < (values + 7) / 8) throw new InvalidDataException("a column's nulls are cut off");
        return new ArrowValidity(buffer);
    }

    /// <summary>The next two buffers, which must have so many texts.</summary>
    public ArrowTexts Texts(int values, ArrowLayout layout)
    {
        int size = layout == ArrowLayout.LargeTexts ? sizeof(long) : sizeof(int);
        // No texts may have no offsets.
        ReadOnlySpan<byte> offsets = values == 0 ? Buffer() : Buffer((values + 1L) * size);
        return new ArrowTexts(offsets, Buffer(), size);
    }

    private static (long First, long Second) Take(ref ReadOnlySpan<byte> pairs)
    {
        if (pairs.IsEmpty) throw new InvalidDataException("it has fewer columns than the schema says");
        (long, long) pair = (BinaryPrimitives.ReadInt64LittleEndian(pairs), BinaryPrimitives.ReadInt64LittleEndian(pairs[8..]));
        pairs = pairs[PairBytes..];
        return pair;
    }
}

/// <summary>Which values of a column are there; without bits, all.</summary>
internal readonly ref struct ArrowValidity(ReadOnlySpan<byte> bits)
{
    private readonly ReadOnlySpan<byte> _bits = bits;

    public bool HasNulls => !_bits.IsEmpty;

    public bool IsNull(int value) => !_bits.IsEmpty && (_bits[value >> 3] >> (value & 7) & 1) == 0;
}

/// <summary>The texts of a column.</summary>
internal readonly ref struct ArrowTexts
{
    private readonly ReadOnlySpan<byte> _offsets, _bytes;
    private readonly int _size;

    /// <summary>Takes the two buffers of some texts, with offsets of so many bytes each.</summary>
    public ArrowTexts(ReadOnlySpan<byte> offsets, ReadOnlySpan<byte> bytes, int size)
    {
        _offsets = offsets;
        _bytes = bytes;
        _size = size;
    }

    public ReadOnlySpan<byte> Of(int value)
    {
        long start = Offset(value), end = Offset(value + 1);
        if (start < 0 || end < start || end > _bytes.Length) throw new InvalidDataException("a text lies outside its buffer");
        return _bytes[(int)start..(int)end];
    }

    private long Offset(int value) =>
        _size == 8 ? BinaryPrimitives.ReadInt64LittleEndian(_offsets[(8 * value)..]) : BinaryPrimitives.ReadInt32LittleEndian(_offsets[(4 * value)..]);
}

using System.Buffers.Binary;
using System.Text;

namespace Ueq.Onnx;

/// <summary>One field of a protobuf message.</summary>
/// <param name="Number">Number of the field.</param>
/// <param name="Wire">How it is written: 0 a varint, 1 eight bytes, 2 bytes with a length, 5 four bytes.</param>
/// <param name="Start">Where the field starts, with its tag.</param>
/// <param name="End">Where the next field starts.</param>
/// <param name="Value">The number; of a field with a length, the length.</param>
internal readonly record struct ProtoField(int Number, int Wire, int Start, int End, ulong Value)
{
    /// <summary>Where the content of a field with a length starts.</summary>
    public int ContentStart => End - (int)Value;
}

/// <summary>A protobuf message, field after field. A file that breaks off or contradicts itself is an <see cref="InvalidDataException"/>.</summary>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private readonly ReadOnlySpan<byte> _message = message;
    private int _at;

    public bool Next(out ProtoField field)
    {
        field = default;
        if (_at >= _message.Length) return false;
        int start = _at;
        ulong tag = Varint();
        int number = (int)(tag >> 3), wire = (int)(tag & 7);
        if (number < 1 || tag > uint.MaxValue) throw Damaged(start);
        ulong value;
        switch (wire)
        {
            case 0:
                value = Varint();
                break;
            case 1:
                value = BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));
                break;
            case 2:
                value = Varint();
                if (value > (ulong)(_message.Length - _at)) throw Damaged(start);
                _at += (int)value;
                break;
            case 5:
                value = BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));
                break;
            default:
                throw Damaged(start);
        }

        field = new ProtoField(number, wire, start, _at, value);
        return true;
    }

    /// <summary>The next of numbers that are packed without tags.</summary>
    public bool NextVarint(out ulong value)
    {
        value = 0;
        if (_at >= _message.Length) return false;
        value = Varint();
        return true;
    }

    public readonly ReadOnlySpan<byte> Content(ProtoField field) =>
        field.Wire == 2 ? _message[field.ContentStart..field.End] : throw Damaged(field.Start);

    public readonly string Text(ProtoField field) => Encoding.UTF8.GetString(Content(field));

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value;
        }

        throw Damaged(_at);
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > _message.Length - _at) throw Damaged(_at);
        _at += count;
        return _message.Slice(_at - count, count);
    }

    private static InvalidDataException Damaged(int at) => new($"expected an ONNX model, got something else or a damaged file (at byte {at} of a message).");
}

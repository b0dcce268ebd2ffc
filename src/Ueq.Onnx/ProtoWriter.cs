using System.Text;

namespace Ueq.Onnx;

/// <summary>Writes fields of a protobuf message.</summary>
internal static class ProtoWriter
{
    private const int Varint = 0, WithLength = 2, FourBytes = 5;

    public static void Write(Stream message, int number, ReadOnlySpan<byte> content)
    {
        using BinaryWriter writer = new(message, Encoding.UTF8, leaveOpen: true);
        writer.Write7BitEncodedInt(number << 3 | WithLength);
        writer.Write7BitEncodedInt(content.Length);
        writer.Write(content);
    }

    public static void Write(Stream message, int number, string text) => Write(message, number, Encoding.UTF8.GetBytes(text));

    public static void Write(Stream message, int number, long value)
    {
        using BinaryWriter writer = new(message, Encoding.UTF8, leaveOpen: true);
        writer.Write7BitEncodedInt(number << 3 | Varint);
        writer.Write7BitEncodedInt64(value);
    }

    public static void Write(Stream message, int number, float value)
    {
        using BinaryWriter writer = new(message, Encoding.UTF8, leaveOpen: true);
        writer.Write7BitEncodedInt(number << 3 | FourBytes);
        writer.Write(value);
    }
}

using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>JSON being written into one pooled array.</summary>
internal sealed class JsonBytes : IBufferWriter<byte>
{
    private const int Kept = 1 << 20;

    private readonly Grown<byte> _bytes = new(Kept);

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.Memory(Length);

    public void Clear() => Length = 0;

    public void Trim()
    {
        Clear();
        _bytes.Trim();
    }

    public void Raw(scoped ReadOnlySpan<byte> json)
    {
        json.CopyTo(GetSpan(json.Length));
        Length += json.Length;
    }

    /// <summary>A number, or the text "Infinity", "-Infinity" or "NaN", since JSON has no such numbers.</summary>
    public void Number(double value)
    {
        if (!double.IsFinite(value))
        {
            Raw(double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8);
            return;
        }

        Length += ShortestDouble.Write(value, GetSpan(ShortestDouble.Room));
    }

    /// <summary>A number, or null where there is none.</summary>
    public void Figure(double value)
    {
        if (double.IsNaN(value)) Raw("null"u8);
        else Number(value);
    }

    public void Number(long value)
    {
        Utf8Formatter.TryFormat(value, GetSpan(ShortestDouble.Room), out int written);
        Length += written;
    }

    public void Text(string text)
    {
        Raw("\""u8);
        Raw(JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
        Raw("\""u8);
    }

    public void Advance(int count) => Length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.Memory(_bytes.Capacity)[Length..];
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _bytes.Span(_bytes.Capacity)[Length..];
    }

    private void Reserve(int more) => _bytes.Reserve(Length + Math.Max(more, 1));
}

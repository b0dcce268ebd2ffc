using System.Security.Cryptography;
using System.Text;

namespace Ueq.Monitoring;

/// <summary>Writes the state of an accumulator: a name, a version, the content, and a digest of it all.</summary>
internal sealed class TallyWriter(string name, int version)
{
    public const int DigestBytes = 8;

    private readonly MemoryStream _bytes = Begin(name, version);
    private readonly byte[] _word = new byte[10];

    public void Number(double value)
    {
        BitConverter.TryWriteBytes(_word, value);
        _bytes.Write(_word, 0, sizeof(double));
    }

    /// <summary>A whole number, zero or more: seven bits a byte.</summary>
    public void Whole(long value)
    {
        int length = 0;
        ulong rest = (ulong)value;
        for (; rest >= 0x80; rest >>= 7) _word[length++] = (byte)(rest | 0x80);
        _word[length++] = (byte)rest;
        _bytes.Write(_word, 0, length);
    }

    public void Time(DateTimeOffset value) => Whole(value.UtcTicks);

    public void Text(string value)
    {
        byte[] text = Encoding.UTF8.GetBytes(value);
        Whole(text.Length);
        _bytes.Write(text);
    }

    /// <summary>Counts of which most are zero: runs of zeros by their length.</summary>
    public void Counts(ReadOnlySpan<long> counts)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            Whole(counts[i]);
            if (counts[i] != 0) continue;
            int zeros = counts[i..].IndexOfAnyExcept(0);
            if (zeros < 0) zeros = counts.Length - i;
            Whole(zeros);
            i += zeros - 1;
        }
    }

    public void End(Stream destination)
    {
        Span<byte> content = _bytes.GetBuffer().AsSpan(0, (int)_bytes.Length);
        destination.Write(content);
        destination.Write(SHA256.HashData(content).AsSpan(0, DigestBytes));
    }

    private static MemoryStream Begin(string name, int version)
    {
        MemoryStream bytes = new();
        bytes.Write(Encoding.ASCII.GetBytes(name));
        bytes.WriteByte((byte)version);
        return bytes;
    }
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ueq.Monitoring;

/// <summary>Reads what <see cref="TallyWriter"/> wrote; whatever is wrong is named by its place.</summary>
internal ref struct TallyReader
{
    private const int LongestText = 4096;
    private readonly ReadOnlySpan<byte> _bytes;
    private int _at;

    public TallyReader(Stream source, string name, int version)
    {
        using MemoryStream all = new();
        source.CopyTo(all);
        ReadOnlySpan<byte> bytes = all.ToArray();
        int head = name.Length + 1;
        if (bytes.Length < head || !bytes.StartsWith(Encoding.ASCII.GetBytes(name)))
            throw new InvalidDataException($"The state is damaged at byte 0: expected the beginning \"{name}\".");
        if (bytes[head - 1] != version) throw new InvalidDataException($"The state is of version {bytes[head - 1]}; this library reads {version}.");
        if (bytes.Length < head + TallyWriter.DigestBytes) throw new InvalidDataException($"The state ends too early, at byte {bytes.Length}.");
        ReadOnlySpan<byte> content = bytes[..^TallyWriter.DigestBytes];
        if (!SHA256.HashData(content).AsSpan(0, TallyWriter.DigestBytes).SequenceEqual(bytes[^TallyWriter.DigestBytes..]))
            throw new InvalidDataException("The state is damaged at its digest: it was changed, or cut off.");
        _bytes = content;
        _at = head;
    }

    public double Number(string place) => BitConverter.ToDouble(Take(sizeof(double), place));

    public double Finite(string place)
    {
        double value = Number(place);
        return double.IsFinite(value) ? value : throw Damaged(place, "expected a finite number", value);
    }

    public double Share(string place)
    {
        double value = Number(place);
        return value is >= 0 and <= 1 ? value : throw Damaged(place, "expected a number from 0 to 1", value);
    }

    /// <summary>A sum of squares or sizes; infinite when one of them was too large for a number.</summary>
    public double NotNegative(string place)
    {
        double value = Number(place);
        return value >= 0 ? value : throw Damaged(place, "expected zero or more", value);
    }

    public long Count(string place, long most = long.MaxValue)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            byte part = Take(1, place)[0];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80) return value <= (ulong)most ? (long)value : throw Damaged(place, $"expected zero to {most}", value);
        }

        throw Damaged(place, "expected a whole number", value);
    }

    public DateTimeOffset Time(string place) => new(Count(place, DateTime.MaxValue.Ticks), TimeSpan.Zero);

    public string Text(string place) => Encoding.UTF8.GetString(Take((int)Count(place, LongestText), place));

    public void Counts(Span<long> counts, string place)
    {
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = Count(place);
            if (counts[i] != 0) continue;
            int zeros = (int)Count(place, counts.Length - i);
            if (zeros == 0) throw Damaged(place, "expected a run of one zero or more", 0);
            counts.Slice(i, zeros).Clear();
            i += zeros - 1;
        }
    }

    public readonly void End()
    {
        if (_at != _bytes.Length) throw Damaged("the end", $"expected no more than {_at} bytes", _bytes.Length);
    }

    public static InvalidDataException Damaged(string place, string expected, double value) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The state is damaged at {place}: {expected}, got {value:R}."));

    private ReadOnlySpan<byte> Take(int count, string place)
    {
        if (_bytes.Length - _at < count) throw new InvalidDataException($"The state is damaged at {place}: it ends too early.");
        _at += count;
        return _bytes.Slice(_at - count, count);
    }
}

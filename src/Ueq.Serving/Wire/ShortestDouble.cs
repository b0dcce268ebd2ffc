using System.Globalization;
using System.Numerics;

namespace Ueq.Serving.Wire;

/// <summary>The shortest text that reads back as the same double: Schubfach (Giulietti 2020), the text of <c>ToString("R")</c>.</summary>
/// <remarks>Numbers from 1e-4 to 1e15 are written here, in about half the time; all others by the runtime.</remarks>
internal static class ShortestDouble
{
    /// <summary>Room that any number needs.</summary>
    public const int Room = 32;

    private const int MantissaBits = 52;
    private const int Bias = 1075;
    private const int LowestPower = -292;
    private const int HighestPower = 324;

    private static readonly UInt128[] Powers = MakePowers();

    /// <summary>Writes a finite number; returns the number of bytes.</summary>
    public static int Write(double value, Span<byte> to)
    {
        double size = Math.Abs(value);
        if (size is >= 1e-4 and < 1e15)
        {
            int sign = value < 0 ? 1 : 0;
            to[0] = (byte)'-';
            return sign + WriteUsual(BitConverter.DoubleToUInt64Bits(size), to[sign..]);
        }

        value.TryFormat(to, out int written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static int WriteUsual(ulong bits, Span<byte> to)
    {
        ulong fraction = bits & ((1UL << MantissaBits) - 1);
        ulong c = fraction | 1UL << MantissaBits;
        int q = (int)(bits >> MantissaBits) - Bias;

        // A whole number stands there already.
        if (q is <= 0 and > -MantissaBits - 1 && (c & ((1UL << -q) - 1)) == 0) return WriteWhole(c >> -q, to);
        (ulong digits, int power) = Shortest(c, q, fraction == 0);
        while (digits % 10 == 0)
        {
            digits /= 10;
            power++;
        }

        return power >= 0 ? WriteWhole(digits * (ulong)Math.Pow(10, power), to) : WriteDecimal(digits, -power, to);
    }

    // Giulietti's names: the double is c·2^q; vb is four times it in units of 10^k, vbl and vbr are the ends of its rounding interval.
    private static (ulong Digits, int Power) Shortest(ulong c, int q, bool lowerIsCloser)
    {
        ulong outside = c & 1;
        int k = (q * 1262611 - (lowerIsCloser ? 524031 : 0)) >> 22;
        int h = q + ((-k * 1741647) >> 19) + 1;
        UInt128 power = Powers[-k - LowestPower];
        ulong lower = RoundToOdd(power, (4 * c - 2 + (lowerIsCloser ? 1UL : 0)) << h) + outside;
        ulong vb = RoundToOdd(power, 4 * c << h);
        ulong upper = RoundToOdd(power, (4 * c + 2) << h) - outside;
        ulong s = vb / 4;
        if (s >= 10)
        {
            ulong tenth = s / 10;
            bool down = lower <= 40 * tenth, up = 40 * tenth + 40 <= upper;
            if (down != up) return (tenth + (up ? 1UL : 0), k + 1);
        }

        bool below = lower <= 4 * s, above = 4 * s + 4 <= upper;
        if (below != above) return (s + (above ? 1UL : 0), k);
        ulong middle = 4 * s + 2;
        return (s + (vb > middle || (vb == middle && (s & 1) != 0) ? 1UL : 0), k);
    }

    private static ulong RoundToOdd(UInt128 power, ulong factor)
    {
        ulong carried = Math.BigMul((ulong)power, factor, out _);
        ulong high = Math.BigMul((ulong)(power >> 64), factor, out ulong low);
        low += carried;
        if (low < carried) high++;
        return high | (low > 1 ? 1UL : 0);
    }

    private static int WriteWhole(ulong value, Span<byte> to)
    {
        value.TryFormat(to, out int written, default, CultureInfo.InvariantCulture);
        return written;
    }

    private static int WriteDecimal(ulong digits, int places, Span<byte> to)
    {
        Span<byte> text = stackalloc byte[20];
        int count = WriteWhole(digits, text);
        int whole = count - places;
        if (whole > 0)
        {
            text[..whole].CopyTo(to);
            to[whole] = (byte)'.';
            text[whole..count].CopyTo(to[(whole + 1)..]);
            return count + 1;
        }

        to[..(2 - whole)].Fill((byte)'0');
        to[1] = (byte)'.';
        text[..count].CopyTo(to[(2 - whole)..]);
        return count + 2 - whole;
    }

    // ⌈10^k / 2^r⌉ with r such that 128 bits remain.
    private static UInt128[] MakePowers()
    {
        UInt128[] powers = new UInt128[HighestPower - LowestPower + 1];
        for (int k = LowestPower; k <= HighestPower; k++)
        {
            int shift = 127 - ((k * 1741647) >> 19);
            BigInteger ten = BigInteger.Pow(10, Math.Abs(k));
            BigInteger numerator = (k < 0 ? BigInteger.One : ten) << Math.Max(shift, 0);
            BigInteger denominator = (k < 0 ? ten : BigInteger.One) << Math.Max(-shift, 0);
            powers[k - LowestPower] = (UInt128)((numerator + denominator - 1) / denominator);
        }

        return powers;
    }
}

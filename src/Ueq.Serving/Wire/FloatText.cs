using System.Globalization;

namespace Ueq.Serving.Wire;

/// <summary>The float nearest to a JSON number.</summary>
/// <remarks>
/// Up to 19 digits and a power of ten up to 22 are computed in double, with an error below two units in its last place. The
/// rounding to float is then decided unless the double lies within a few units of the middle between two floats; only those, and
/// the ends of the range, take the slow road. The result is always that of <see cref="float.Parse(ReadOnlySpan{byte}, NumberStyles, IFormatProvider)"/>.
/// </remarks>
internal static class FloatText
{
    public const int MostDigits = 19;
    private const int MostPower = 22;
    private const int DroppedBits = 29;
    private const long Middle = 1L << (DroppedBits - 1);
    private const long Doubt = 8;

    private static readonly double[] Powers =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The value of a token that is known to be a JSON number; infinite when it is too large for a float.</summary>
    public static float Read(ReadOnlySpan<byte> token) => TryReadQuickly(token, out float value)
        ? value
        : float.Parse(token, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static bool TryReadQuickly(ReadOnlySpan<byte> token, out float value)
    {
        value = 0;
        ulong digits = 0;
        int count = 0, power = 0, i = 0;
        bool negative = token[0] == '-';
        if (negative) i++;
        for (; i < token.Length && IsDigit(token[i]); i++, count++) digits = digits * 10 + (uint)(token[i] - '0');
        if (i < token.Length && token[i] == '.')
        {
            int point = ++i;
            for (; i < token.Length && IsDigit(token[i]); i++, count++) digits = digits * 10 + (uint)(token[i] - '0');
            power = point - i;
        }

        if (count > MostDigits) return false;
        if (i < token.Length && !TryAddExponent(token[(i + 1)..], ref power)) return false;
        return TryScale(digits, power, negative, out value);
    }

    /// <summary>The float nearest to digits·10^power, when the quick way decides it.</summary>
    /// <param name="digits">At most 19 decimal digits.</param>
    /// <param name="power">Power of ten.</param>
    /// <param name="negative">Whether a minus sign stands before.</param>
    /// <param name="value">The float.</param>
    public static bool TryScale(ulong digits, int power, bool negative, out float value)
    {
        value = negative ? -0f : 0f;
        if (digits == 0) return true;
        if (power is < -MostPower or > MostPower) return false;
        double wide = power < 0 ? digits / Powers[-power] : digits * Powers[power];
        if (wide is < 1e-37 or > 3e38) return false;
        long dropped = BitConverter.DoubleToInt64Bits(wide) & ((1L << DroppedBits) - 1);
        if (Math.Abs(dropped - Middle) <= Doubt) return false;
        value = negative ? -(float)wide : (float)wide;
        return true;
    }

    private static bool TryAddExponent(ReadOnlySpan<byte> text, ref int power)
    {
        bool negative = text[0] == '-';
        if (text[0] is (byte)'-' or (byte)'+') text = text[1..];
        if (text.Length > 3) return false;
        int exponent = 0;
        foreach (byte digit in text) exponent = exponent * 10 + (digit - '0');
        power += negative ? -exponent : exponent;
        return true;
    }

    private static bool IsDigit(byte b) => (uint)(b - '0') <= 9;
}

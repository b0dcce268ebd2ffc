namespace Ueq;

/// <summary>The share of cases in which an answer is to contain the truth: a number strictly inside (0, 1).</summary>
/// <remarks>
/// <para><c>default(Coverage)</c> is 90 %.</para>
/// <para>
/// A level is read as the decimal number a person wrote, not as the binary fraction that stores it: 0.9 means nine tenths, so
/// <c>Rank(9)</c> is 9. Fifteen significant digits are honoured, which is what a double can hold of a decimal.
/// </para>
/// </remarks>
public readonly record struct Coverage : IComparable<Coverage>
{
    private const double Ninety = 0.9;

    // Relative resolution of a 15-digit decimal; makes 2/3 of 3 equal 2 although 0.666666666666667 is a little more than 2/3.
    private const decimal Resolution = 1e-15m;

    // Zero stands for 90 %, so that default(Coverage) is a level and equals new Coverage(0.9).
    private readonly double _value;

    /// <summary>A level.</summary>
    /// <param name="value">Strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value, as a decimal, is not strictly inside (0, 1), or is not a number.</exception>
    public Coverage(double value)
    {
        if (!IsLevel(value)) Throw.OutOfRange(nameof(value), value, "a coverage strictly between 0 and 1, such as 0.9");
        _value = value == Ninety ? 0 : value;
    }

    /// <summary>Whether a number is a level: strictly between 0 and 1, as a decimal too. 0.9999999999999999 reads as 1, of which there is no miss and no tail.</summary>
    public static bool IsLevel(double value) => value > 0 && value < 1 && (decimal)value is > 0m and < 1m;

    /// <summary>The level as a number in (0, 1).</summary>
    public double Value => _value == 0 ? Ninety : _value;

    /// <summary>The share of cases that may be missed: 1 − level, rounded as a decimal.</summary>
    public double Miss => (double)(1m - Exact);

    /// <summary>The level of each tail when the miss is shared between two sides: 90 % becomes 95 %.</summary>
    public Coverage PerSide => new((double)(1m - (1m - Exact) / 2m));

    private decimal Exact => (decimal)Value;

    /// <summary>The conformal rank k = ⌈(n + 1)·c⌉: the k-th smallest of n calibration scores is the threshold.</summary>
    /// <remarks>A rank above <paramref name="count"/> means that no finite threshold delivers the level; it is an answer, not an error.</remarks>
    /// <param name="count">Number of calibration scores, zero or more.</param>
    /// <returns>A rank between 1 and <paramref name="count"/> + 1.</returns>
    public int Rank(int count)
    {
        if (count < 0) Throw.OutOfRange(nameof(count), count, "a number of scores, zero or more");
        decimal places = (decimal)count + 1;
        decimal rank = places * Exact;
        decimal whole = decimal.Round(rank);
        // A short decimal is exact; only one that fills its digits was rounded.
        decimal tolerance = Exact.Scale < 15 ? 0m : places * Resolution;
        if (Math.Abs(rank - whole) > tolerance) whole = decimal.Ceiling(rank);
        return (int)Math.Max(whole, 1m);
    }

    /// <summary>The smallest number of calibration scores that gives a finite threshold at this level; the largest int where none does.</summary>
    public int SufficientCount
    {
        get
        {
            // In decimals: 1 − 0.999999999 as a double is off by enough to miss the count by dozens.
            decimal estimate = Exact / (1m - Exact);
            if (estimate > int.MaxValue - 2) return int.MaxValue;
            int count = Math.Max((int)estimate - 2, 1);
            while (Rank(count) > count) count++;
            return count;
        }
    }

    /// <inheritdoc/>
    public int CompareTo(Coverage other) => Value.CompareTo(other.Value);

    /// <summary>The level in percent, as in <c>90 %</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Value * 100:0.############} %");

    /// <summary>Whether the left level is lower.</summary>
    public static bool operator <(Coverage left, Coverage right) => left.Value < right.Value;

    /// <summary>Whether the left level is higher.</summary>
    public static bool operator >(Coverage left, Coverage right) => left.Value > right.Value;

    /// <summary>Whether the left level is lower or the same.</summary>
    public static bool operator <=(Coverage left, Coverage right) => left.Value <= right.Value;

    /// <summary>Whether the left level is higher or the same.</summary>
    public static bool operator >=(Coverage left, Coverage right) => left.Value >= right.Value;
}

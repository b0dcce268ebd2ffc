namespace Ueq;

/// <summary>A closed interval of the real line; infinite ends are legal and mean "cannot say".</summary>
/// <param name="Lower">Lower end, in units of the target.</param>
/// <param name="Upper">Upper end, in units of the target. Below <paramref name="Lower"/> only in an empty interval.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>The interval that says nothing: (−∞, ∞).</summary>
    public static Interval Unbounded => new(double.NegativeInfinity, double.PositiveInfinity);

    /// <summary>The interval that contains no value: (∞, −∞), so that no number is at least its lower end.</summary>
    public static Interval Empty => new(double.PositiveInfinity, double.NegativeInfinity);

    /// <summary>Upper − lower; infinite for an unbounded interval, zero for an empty one.</summary>
    public double Width => Upper > Lower ? Upper - Lower : 0;

    /// <summary>Whether it stays within finite ends; an empty interval does.</summary>
    public bool IsBounded => Lower > double.NegativeInfinity && Upper < double.PositiveInfinity;

    /// <summary>Whether no number lies inside: a calibration may shrink a band past nothing, and an online level may ask for no value at all.</summary>
    public bool IsEmpty => !(Lower <= Upper);

    /// <summary>Whether a value lies inside, ends included.</summary>
    public bool Contains(double y) => Lower <= y && y <= Upper;
}

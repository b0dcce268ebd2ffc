namespace Ueq.Client;

/// <summary>The lower and upper end of an answer; infinite ends mean that the evidence does not suffice for the coverage asked.</summary>
/// <remarks>Where a model's coverage is held by labels, an interval may also be empty, with its ends the wrong way round: (∞, −∞).</remarks>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct PredictedInterval(double Lower, double Upper)
{
    /// <summary>Whether it stays within finite ends; an empty interval does.</summary>
    public bool IsBounded => Lower > double.NegativeInfinity && Upper < double.PositiveInfinity;

    /// <summary>Whether no value lies in it.</summary>
    public bool IsEmpty => !(Lower <= Upper);

    /// <summary>Distance of the ends; infinite of an unbounded interval, 0 of an empty one.</summary>
    public double Width => Upper > Lower ? Upper - Lower : 0;

    /// <summary>Whether a value lies in it, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}

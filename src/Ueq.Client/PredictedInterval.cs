namespace Ueq.Client;

/// <summary>The lower and upper end of an answer; infinite ends mean that the evidence does not suffice for the coverage asked.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct PredictedInterval(double Lower, double Upper)
{
    /// <summary>Whether both ends are finite.</summary>
    public bool IsBounded => double.IsFinite(Lower) && double.IsFinite(Upper);

    /// <summary>Distance of the ends.</summary>
    public double Width => Upper - Lower;

    /// <summary>Whether a value lies in it, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;
}

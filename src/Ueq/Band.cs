namespace Ueq;

/// <summary>What a model claims about one row before calibration.</summary>
/// <remarks>
/// An absolute residual is (ŷ, ŷ, 1), a normalised one (ŷ, ŷ, σ), a quantile pair (q_lo, q_hi, 1), a Gaussian (μ, μ, σ), a
/// one-sided bound (−∞, q, 1).
/// </remarks>
/// <param name="Lower">Lower claim, in units of the target.</param>
/// <param name="Upper">Upper claim, in units of the target, not below <paramref name="Lower"/>.</param>
/// <param name="Scale">Unit of the score at this row: positive and finite.</param>
public readonly record struct Band(double Lower, double Upper, double Scale)
{
    /// <summary>How far a value lies outside, in scales; negative inside.</summary>
    public double Score(double y) => Math.Max(Lower - y, y - Upper) / Scale;

    /// <summary>The interval of all values whose score is at most <paramref name="threshold"/>.</summary>
    public Interval Widen(double threshold) => new(Lower - threshold * Scale, Upper + threshold * Scale);

    /// <summary>The middle of the claim; the finite end of a one-sided band.</summary>
    public double Centre => double.IsInfinity(Lower) ? Upper : double.IsInfinity(Upper) ? Lower : Lower + (Upper - Lower) / 2;
}

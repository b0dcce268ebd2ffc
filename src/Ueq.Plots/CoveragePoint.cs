namespace Ueq.Plots;

/// <summary>Live coverage after a number of labels: the share of answers that contained the truth, and what it may be in truth.</summary>
/// <param name="Labels">Number of labels that have arrived, or another count along the horizontal axis.</param>
/// <param name="Realised">The share of them that lay inside the answer.</param>
/// <param name="Lower">Lower bound of the true coverage: of a confidence sequence, so that looking at any time is allowed.</param>
/// <param name="Upper">Upper bound of the true coverage.</param>
public readonly record struct CoveragePoint(long Labels, double Realised, double Lower, double Upper)
{
    /// <summary>The share among the latest labels only, which follows a change sooner. Default: NaN, not drawn.</summary>
    public double Latest { get; init; } = double.NaN;
}

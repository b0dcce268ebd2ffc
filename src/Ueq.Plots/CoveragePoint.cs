namespace Ueq.Plots;

/// <summary>Live coverage after a number of labels: the share of answers that contained the truth, and what it may be in truth.</summary>
/// <param name="Labels">Number of labels that have arrived.</param>
/// <param name="Realised">The share of them that lay inside the answer.</param>
/// <param name="Lower">Lower bound of the true coverage: of a confidence sequence, so that looking at any time is allowed.</param>
/// <param name="Upper">Upper bound of the true coverage.</param>
public readonly record struct CoveragePoint(long Labels, double Realised, double Lower, double Upper);

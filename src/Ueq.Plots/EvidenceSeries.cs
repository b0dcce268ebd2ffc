namespace Ueq.Plots;

/// <summary>The evidence of one signal over the rows.</summary>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Points">Natural logarithms of the evidence; the largest of each point is drawn.</param>
public sealed record EvidenceSeries(string Signal, IReadOnlyList<TracePoint> Points);

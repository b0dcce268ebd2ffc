namespace Ueq.Plots;

/// <summary>Consecutive rows of a stream as one point of a line.</summary>
/// <param name="FirstRow">The first of the rows, from 1.</param>
/// <param name="Rows">Number of rows.</param>
/// <param name="Count">Number of finite values; with none the other figures are NaN.</param>
/// <param name="Mean">Mean of the finite values.</param>
/// <param name="StandardDeviation">Standard deviation of the finite values, dividing by n.</param>
/// <param name="Minimum">Smallest finite value.</param>
/// <param name="Maximum">Largest finite value.</param>
public readonly record struct TracePoint(
    long FirstRow, long Rows, long Count, double Mean, double StandardDeviation, double Minimum, double Maximum)
{
    /// <summary>The middle of the rows, where the point is drawn.</summary>
    public double Centre => FirstRow + (Rows - 1) / 2.0;
}

namespace Ueq.Scoring;

/// <summary>The figures of a set of intervals against the truth.</summary>
/// <param name="Count">Number of rows.</param>
/// <param name="Coverage">Share of rows whose interval contains the target.</param>
/// <param name="MeanWidth">Mean width in units of the target; infinite as soon as one interval is unbounded.</param>
/// <param name="MedianWidth">Median width in units of the target.</param>
/// <param name="Unbounded">Share of intervals with an infinite end.</param>
/// <param name="Winkler">Mean interval score: width + (2/miss)·(distance by which the target is missed); lower is better. Infinite as soon as one interval is unbounded or empty.</param>
public readonly record struct IntervalReading(
    int Count, double Coverage, double MeanWidth, double MedianWidth, double Unbounded, double Winkler);

/// <summary>Coverage and size of prediction intervals: coverage alone proves nothing, for an infinite interval always covers.</summary>
/// <remarks>Winkler's score is strictly proper for the pair of quantiles (Winkler 1972; Gneiting and Raftery 2007, §6.2).</remarks>
public static class IntervalScores
{
    /// <summary>The figures of intervals that were asked for at a level.</summary>
    /// <exception cref="ArgumentException">No rows, or the lengths differ.</exception>
    public static IntervalReading Read(ReadOnlySpan<Interval> intervals, ReadOnlySpan<double> targets, Coverage coverage)
    {
        if (intervals.IsEmpty) Throw.Length(nameof(intervals), 0, "one interval or more");
        Throw.IfDifferent(nameof(targets), targets.Length, intervals.Length, "targets, one per interval");
        Throw.IfNotFinite(targets, nameof(targets), "target");
        double[] widths = new double[intervals.Length];
        int covered = 0, unbounded = 0;
        double width = 0, winkler = 0;
        for (int i = 0; i < widths.Length; i++)
        {
            Interval interval = intervals[i];
            if (interval.Contains(targets[i])) covered++;
            if (!interval.IsBounded) unbounded++;
            width += widths[i] = interval.Width;
            winkler += Winkler(interval, targets[i], coverage);
        }

        Array.Sort(widths);
        double n = widths.Length;
        return new IntervalReading(
            widths.Length, covered / n, width / n, Numerics.OrderStatistics.SortedQuantile(widths, 0.5), unbounded / n, winkler / n);
    }

    /// <summary>The interval score of one row, in units of the target; lower is better. Of an empty interval +∞: no value of it is near.</summary>
    public static double Winkler(Interval interval, double y, Coverage coverage)
    {
        double outside = Math.Max(Math.Max(interval.Lower - y, y - interval.Upper), 0);
        return interval.Width + 2 / coverage.Miss * outside;
    }

    /// <summary>Standard error of a delivered coverage when rows are independent: √(c(1 − c)/n).</summary>
    public static double StandardError(Coverage coverage, int count)
    {
        if (count < 1) Throw.OutOfRange(nameof(count), count, "one row or more");
        return Math.Sqrt(coverage.Value * coverage.Miss / count);
    }
}

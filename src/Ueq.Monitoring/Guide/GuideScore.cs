namespace Ueq.Monitoring;

/// <summary>The guide's drift score of widths: 0.4·|Δmean|/|mean| + 0.3·|Δstd|/std + 0.3·|Δmedian|/|median|.</summary>
/// <remarks>A term whose baseline is zero counts 0 without change and 1 otherwise.</remarks>
internal static class GuideScore
{
    public static double Of(SampleSummary then, SampleSummary now) =>
        0.4 * Relative(then.Mean, now.Mean) + 0.3 * Relative(then.StandardDeviation, now.StandardDeviation) + 0.3 * Relative(then.Median, now.Median);

    /// <summary>The score of ascending samples.</summary>
    public static double OfSorted(ReadOnlySpan<double> then, ReadOnlySpan<double> now) => Of(SampleSummary.From(then), SampleSummary.From(now));

    /// <summary>Whether all widths are one up to rounding, as those of a method with constant width are.</summary>
    public static bool IsOneValue(SampleSummary summary)
    {
        const double Rounding = 1e-9;
        return summary.Maximum - summary.Minimum <= Rounding * Math.Max(Math.Abs(summary.Minimum), Math.Abs(summary.Maximum));
    }

    /// <summary>At most so many values, drawn without replacement; the draw makes limits wider, never narrower.</summary>
    public static double[] Thin(ReadOnlySpan<double> values, int most, ulong seed)
    {
        double[] kept = values.ToArray();
        if (kept.Length <= most) return kept;
        Rng rng = Rng.Stream(seed, ulong.MaxValue);
        rng.Shuffle(kept.AsSpan());
        return kept[..most];
    }

    /// <summary>The finite ones of widths; the others are unbounded intervals.</summary>
    public static double[] Finite(ReadOnlySpan<double> widths, string parameter)
    {
        List<double> finite = new(widths.Length);
        for (int i = 0; i < widths.Length; i++)
        {
            if (!(widths[i] >= 0)) throw new ArgumentException(FormattableString.Invariant($"Expected widths of 0 or more, got {widths[i]} at index {i}."), parameter);
            if (double.IsFinite(widths[i])) finite.Add(widths[i]);
        }

        return [.. finite];
    }

    private static double Relative(double then, double now) => now == then ? 0 : then == 0 ? 1 : Math.Abs(now - then) / Math.Abs(then);
}

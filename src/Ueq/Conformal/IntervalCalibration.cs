namespace Ueq.Conformal;

/// <summary>The sorted scores of a calibration set: what turns bands into intervals that cover as often as they say.</summary>
/// <remarks>
/// <para>
/// The threshold at level c is the k-th smallest of n scores, k = ⌈(n + 1)c⌉; when k > n it is +∞ and the interval unbounded.
/// </para>
/// <para>
/// Guarantee: if the calibration rows and the new row are exchangeable and the model saw none of them, the interval contains the
/// target with probability at least k/(n + 1) ≥ c, over the draw of all of them. Given one calibration set the delivered coverage
/// is Beta(k, n + 1 − k) when scores have no ties; ties can only raise it. (Vovk, Gammerman, Shafer 2005, §2.2; Lei et al. 2018,
/// theorem 2.2; Vovk 2012, proposition 2a.)
/// </para>
/// <para>It fails when rows are not exchangeable (drift, time series) or when the model was fitted on the calibration rows.</para>
/// Immutable and safe to share between threads.
/// </remarks>
public sealed class IntervalCalibration
{
    private readonly double[] _scores;

    private IntervalCalibration(double[] sorted) => _scores = sorted;

    /// <summary>Calibrates on bands of rows the model has not seen, and their targets.</summary>
    /// <exception cref="ArgumentException">The lengths differ, an end is not a number, or a scale is not positive and finite; names the row.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A target is not finite; names the row.</exception>
    public static IntervalCalibration From(ReadOnlySpan<Band> bands, ReadOnlySpan<double> targets)
    {
        Throw.IfDifferent(nameof(targets), targets.Length, bands.Length, "targets, one per band");
        Throw.IfNotFinite(targets, nameof(targets), "target");
        double[] scores = new double[bands.Length];
        for (int i = 0; i < scores.Length; i++)
        {
            if (Check.Fault(bands[i]) is { } fault) Throw.Argument(nameof(bands), $"Expected {fault} at row {i}.");
            scores[i] = ScoreThatContains(bands[i], targets[i]);
        }

        Array.Sort(scores);
        return new IntervalCalibration(scores);
    }

    /// <summary>A calibration from scores that were computed elsewhere, in any order.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A score is not finite; names the row.</exception>
    public static IntervalCalibration FromScores(ReadOnlySpan<double> scores)
    {
        Throw.IfNotFinite(scores, nameof(scores), "score");
        double[] sorted = scores.ToArray();
        Array.Sort(sorted);
        return new IntervalCalibration(sorted);
    }

    /// <summary>Number n of calibration scores.</summary>
    public int Count => _scores.Length;

    /// <summary>The scores in rising order.</summary>
    public ReadOnlySpan<double> Scores => _scores;

    /// <summary>The threshold at a level: a score in units of the band's scale, or +∞ when there are too few scores.</summary>
    public double Threshold(Coverage coverage)
    {
        int rank = coverage.Rank(_scores.Length);
        return rank > _scores.Length ? double.PositiveInfinity : _scores[rank - 1];
    }

    /// <summary>The interval of one band at a level.</summary>
    public Interval Apply(Band band, Coverage coverage) => Widen(band, Threshold(coverage));

    /// <summary>The intervals of many bands at a level; allocates nothing.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public void Apply(ReadOnlySpan<Band> bands, Coverage coverage, Span<Interval> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, bands.Length, "intervals, one per band");
        double threshold = Threshold(coverage);
        for (int i = 0; i < bands.Length; i++) destination[i] = Widen(bands[i], threshold);
    }

    /// <summary>The conformal p-value of a target: (1 + number of scores at least as large) / (n + 1).</summary>
    public double PValue(Band band, double y) => Numerics.OrderStatistics.TailShare(_scores, band.Score(y));

    /// <summary>What is promised at a level, and on how many scores.</summary>
    public Guarantee Guarantee(Coverage coverage) =>
        new(GuaranteeKind.SplitConformal, coverage, coverage.Rank(_scores.Length), _scores.Length);

    // A negative threshold can shrink a quantile band past nothing. The middle is then answered: a point contains the empty set.
    private static Interval Widen(Band band, double threshold)
    {
        Interval interval = band.Widen(threshold);
        return interval.Lower <= interval.Upper ? interval : new Interval(band.Centre, band.Centre);
    }

    // ŷ + (y − ŷ) can round to just below y. Where targets repeat (counts, ratings) the interval would then miss every row of the
    // tie that makes the threshold, so the score is the smallest that reaches the target. A few steps of one rounding do.
    private static double ScoreThatContains(Band band, double y)
    {
        double score = band.Score(y);
        for (int step = 0; step < 8 && double.IsFinite(score) && !Widen(band, score).Contains(y); step++) score = Math.BitIncrement(score);
        return score;
    }
}

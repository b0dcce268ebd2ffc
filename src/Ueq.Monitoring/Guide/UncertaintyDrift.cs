namespace Ueq.Monitoring;

/// <summary>How <see cref="UncertaintyDrift"/> and <see cref="DriftDetector"/> decide.</summary>
public sealed record UncertaintyDriftOptions
{
    /// <summary>The guide's threshold of its score: smaller changes are no drift, however sure. 0 or more. Default: 0.1.</summary>
    public double Threshold { get; init; } = 0.1;

    /// <summary>Probability that drift is said when there is none: inside (0, 1). Default: 5 %.</summary>
    public double FalseAlarmProbability { get; init; } = 0.05;

    /// <summary>How often labels are shuffled: 19 to 1,000,000. Default: 999.</summary>
    public int Permutations { get; init; } = 999;

    /// <summary>Names the shuffles.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (!(Threshold >= 0 && double.IsFinite(Threshold))) Throw.OutOfRange(nameof(Threshold), Threshold, "a score of 0 or more");
        DetectorCheck.Probability(nameof(FalseAlarmProbability), FalseAlarmProbability);
        new PermutationOptions { Permutations = Permutations }.Validate();
        if (!((Permutations + 1) * FalseAlarmProbability >= 1))
            Throw.OutOfRange(nameof(Permutations), Permutations, FormattableString.Invariant($"{Math.Ceiling(1 / FalseAlarmProbability - 1)} permutations or more for a probability of {FalseAlarmProbability}"));
    }
}

/// <summary>Whether widths changed, with the guide's figures.</summary>
/// <param name="DriftDetected">The score is above the threshold and chance does not explain it.</param>
/// <param name="DriftScore">The guide's score: a figure, which decides nothing alone.</param>
/// <param name="PValue">Probability of a score this large without change, by permutations; NaN where the baseline is not informative.</param>
/// <param name="BaselineMean">Mean finite width of the baseline.</param>
/// <param name="CurrentMean">Mean finite width now.</param>
/// <param name="Content">Whether the baseline can tell anything.</param>
public readonly record struct UncertaintyDriftReading(
    bool DriftDetected, double DriftScore, double PValue, double BaselineMean, double CurrentMean, SignalContent Content);

/// <summary>The guide's <c>detect_uncertainty_drift</c>: two sets of widths compared.</summary>
/// <remarks>
/// The guide says drift when its score exceeds 0.1, which it does without drift in half or more of small samples. Here the score must also be one that
/// shuffling the samples rarely reaches. Widths that are all one, of a method with constant width, are "not informative": the score of their
/// rounding noise is 0. Unbounded intervals are left out of the score; count them apart.
/// </remarks>
public static class UncertaintyDrift
{
    // Enough to describe a baseline; permuting more would only take longer.
    internal const int MostValues = 5000;

    /// <summary>Compares widths.</summary>
    /// <param name="baseline">Widths as they were: 0 or more, infinite where unbounded.</param>
    /// <param name="current">Widths as they are.</param>
    /// <param name="options">Threshold, probability and permutations.</param>
    /// <param name="cancellation">Stops between two permutations.</param>
    /// <exception cref="ArgumentException">A width is negative or NaN, or no width is finite; the message says where.</exception>
    public static UncertaintyDriftReading Detect(
        ReadOnlySpan<double> baseline, ReadOnlySpan<double> current, UncertaintyDriftOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new UncertaintyDriftOptions();
        options.Validate();
        double[] then = GuideScore.Finite(baseline, nameof(baseline)), now = GuideScore.Finite(current, nameof(current));
        if (then.Length == 0) throw new ArgumentException("Expected one finite width or more, got none.", nameof(baseline));
        if (now.Length == 0) throw new ArgumentException("Expected one finite width or more, got none.", nameof(current));
        RadixSort.Ascending(then);
        RadixSort.Ascending(now);
        SampleSummary before = SampleSummary.From(then), after = SampleSummary.From(now);
        if (GuideScore.IsOneValue(before)) return new(false, 0, double.NaN, before.Mean, after.Mean, SignalContent.OneValue);
        TestReading test = PermutationTest.OfStatistic(
            GuideScore.Thin(then, MostValues, options.Seed), GuideScore.Thin(now, MostValues, options.Seed), GuideScore.OfSorted,
            new PermutationOptions { Permutations = options.Permutations, Seed = options.Seed }, cancellation: cancellation);
        double score = GuideScore.Of(before, after);
        return new(score > options.Threshold && test.PValue <= options.FalseAlarmProbability, score, test.PValue, before.Mean, after.Mean, SignalContent.Informative);
    }

    /// <summary>Compares intervals by their widths.</summary>
    /// <inheritdoc cref="Detect"/>
    public static UncertaintyDriftReading DetectIntervals(
        ReadOnlySpan<Interval> baseline, ReadOnlySpan<Interval> current, UncertaintyDriftOptions? options = null, CancellationToken cancellation = default) =>
        Detect(Widths(baseline), Widths(current), options, cancellation);

    internal static double[] Widths(ReadOnlySpan<Interval> intervals)
    {
        double[] widths = new double[intervals.Length];
        for (int i = 0; i < widths.Length; i++) widths[i] = intervals[i].Upper - intervals[i].Lower;
        return widths;
    }
}

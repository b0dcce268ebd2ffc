namespace Ueq.Monitoring;

/// <summary>How live coverage is judged.</summary>
public sealed record CoverageOptions
{
    /// <summary>Probability that a monitor whose coverage is as promised ever alarms: 1e-9 to 0.5. Default: 0.01.</summary>
    public double AlarmProbability { get; init; } = 0.01;

    /// <summary>Coverage of the confidence sequences, over all times together. Default: 95 %.</summary>
    public Coverage Sequence { get; init; } = new(0.95);

    /// <summary>Groups that are counted each on its own: 0 to 10,000; labels of further groups are counted together. Default: 50.</summary>
    public int MostGroups { get; init; } = 50;

    /// <summary>Latest labels in the recent figures: 1 to 1,000,000. Default: 100.</summary>
    public int RecentLabels { get; init; } = 100;

    /// <summary>Labels before the state is more than learning: 0 to 1,000,000. An alarm does not wait for them. Default: 50.</summary>
    public int LearningLabels { get; init; } = 50;

    /// <summary>Labels without evidence of misses that end an alarm, or as many as the evidence took to gather where that is more: 1 to 1,000,000. Default: 200.</summary>
    public int DwellLabels { get; init; } = 200;

    /// <summary>Time without a label after which nothing is known any more: above zero. Default: 7 days.</summary>
    public TimeSpan StaleAfter { get; init; } = TimeSpan.FromDays(7);

    internal void Validate()
    {
        if (!(AlarmProbability is >= 1e-9 and <= 0.5)) Throw.OutOfRange(nameof(AlarmProbability), AlarmProbability, "a probability between 1e-9 and 0.5");
        if (MostGroups is < 0 or > 10_000) Throw.OutOfRange(nameof(MostGroups), MostGroups, "0 to 10,000 groups");
        if (RecentLabels is < 1 or > 1_000_000) Throw.OutOfRange(nameof(RecentLabels), RecentLabels, "1 to 1,000,000 labels");
        if (LearningLabels is < 0 or > 1_000_000) Throw.OutOfRange(nameof(LearningLabels), LearningLabels, "0 to 1,000,000 labels");
        if (DwellLabels is < 1 or > 1_000_000) Throw.OutOfRange(nameof(DwellLabels), DwellLabels, "1 to 1,000,000 labels");
        if (StaleAfter <= TimeSpan.Zero) Throw.OutOfRange(nameof(StaleAfter), StaleAfter.TotalSeconds, "a time above zero, in seconds");
    }
}

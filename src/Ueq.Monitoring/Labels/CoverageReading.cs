using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>Coverage as labels show it, with a confidence sequence.</summary>
/// <param name="Labels">Labels of answers of the watched coverage.</param>
/// <param name="Covered">Share of them whose answer contained the truth; NaN without labels.</param>
/// <param name="Bounds">Bounds of the share behind it that hold at all times together.</param>
/// <param name="Unbounded">Answers among them that contain every truth: without a finite end, or sets of all classes.</param>
public readonly record struct RealisedCoverage(long Labels, double Covered, Interval Bounds, long Unbounded)
{
    internal static RealisedCoverage From(GroupTally tally, Coverage sequence) => new(
        tally.Labels, tally.Labels == 0 ? double.NaN : 1 - (double)tally.Misses / tally.Labels,
        ConfidenceSequence.OfShare(tally.Labels - tally.Misses, tally.Labels, sequence), tally.Unbounded);
}

/// <summary>The coverage of one group.</summary>
/// <param name="Group">Name of the group.</param>
/// <param name="Coverage">Its coverage. A calibration promises nothing for a group alone.</param>
public readonly record struct GroupCoverage(string Group, RealisedCoverage Coverage);

/// <summary>Losses that labels show; NaN where there is nothing to show, or where they make no sense for the task.</summary>
/// <param name="Labels">Labels behind the figures, whatever the coverage of their answers.</param>
/// <param name="Mae">Mean absolute error, in units of the target; regression only.</param>
/// <param name="Mse">Mean squared error; regression only.</param>
/// <param name="Rmse">Its root; regression only.</param>
/// <param name="Accuracy">Share of right classes; classification only.</param>
public readonly record struct RealisedPerformance(long Labels, double Mae, double Mse, double Rmse, double Accuracy);

/// <summary>How long labels take.</summary>
/// <param name="Labels">Labels that came.</param>
/// <param name="Median">Half of them came within this time; <c>null</c> without labels. Within 3 %.</param>
/// <param name="Percentile95">95 % of them came within this time; <c>null</c> without labels. Within 3 %.</param>
public readonly record struct LabelLag(long Labels, TimeSpan? Median, TimeSpan? Percentile95);

/// <summary>How many receipts of one age have their label.</summary>
/// <param name="From">Youngest age of the receipts, in whole hours of the clock.</param>
/// <param name="To">Age from which on they belong to the next.</param>
/// <param name="Receipts">Receipts of that age that were issued.</param>
/// <param name="Labels">Labels that came for them.</param>
public readonly record struct LabelCompleteness(TimeSpan From, TimeSpan To, long Receipts, long Labels)
{
    /// <summary>Labels over receipts, at most 1; NaN without receipts.</summary>
    [JsonIgnore]
    public double Share => Receipts == 0 ? double.NaN : Math.Min(1, (double)Labels / Receipts);
}

/// <summary>Everything labels have shown so far.</summary>
public sealed record CoverageReading
{
    /// <summary>Learning with few labels, alarm when coverage has been lost, recovering after that, stale when no labels come, else healthy.</summary>
    public required SignalState State { get; init; }

    /// <summary>What is promised, and what is tolerated.</summary>
    public required CoverageTolerance Tolerance { get; init; }

    /// <summary>Realised coverage of all labels.</summary>
    public required RealisedCoverage Coverage { get; init; }

    /// <summary>Natural logarithm of the evidence that there are more misses than tolerated.</summary>
    public required double LogEvidence { get; init; }

    /// <summary>The evidence that alarms: the natural logarithm of one over the alarm probability.</summary>
    public required double LogThreshold { get; init; }

    /// <summary>Natural logarithm of the evidence that there are fewer misses than a sound calibration has: answers could be smaller. It never alarms.</summary>
    public required double LogEvidenceOfFewer { get; init; }

    /// <summary>Alarms so far.</summary>
    public required long Alarms { get; init; }

    /// <summary>When the evidence of the latest alarm began to gather; <c>null</c> without an alarm.</summary>
    public required DateTimeOffset? Since { get; init; }

    /// <summary>When the latest alarm was raised; <c>null</c> without an alarm.</summary>
    public required DateTimeOffset? AlarmedAt { get; init; }

    /// <summary>Labels of answers of another coverage than the watched; they count for performance only.</summary>
    public required long OtherCoverage { get; init; }

    /// <summary>Losses of all labels.</summary>
    public required RealisedPerformance Performance { get; init; }

    /// <summary>Losses of the latest labels.</summary>
    public required RealisedPerformance Recent { get; init; }

    /// <summary>Mean width of bounded intervals, or mean size of sets; NaN without.</summary>
    public required double MeanWidth { get; init; }

    /// <summary>Mean of Winkler's interval score over bounded intervals, smaller is better; NaN without, and for classification.</summary>
    public required double MeanWinkler { get; init; }

    /// <summary>Groups in the order of their names.</summary>
    public required IReadOnlyList<GroupCoverage> Groups { get; init; }

    /// <summary>Labels of groups beyond the most that are counted each on its own, together.</summary>
    public required RealisedCoverage OtherGroups { get; init; }

    /// <summary>How long labels take.</summary>
    public required LabelLag Lag { get; init; }

    /// <summary>How many receipts have their label, by age; empty where receipts are not counted.</summary>
    public required IReadOnlyList<LabelCompleteness> Completeness { get; init; }

    /// <summary>When the latest label came; <c>null</c> without labels.</summary>
    public required DateTimeOffset? LatestArrival { get; init; }
}

namespace Ueq.Serving.Telemetry;

/// <summary>What is known of late labels, for the metrics; NaN where nothing is known.</summary>
/// <param name="Observed">Share of labels that were covered.</param>
/// <param name="Lower">Lower end of its confidence sequence.</param>
/// <param name="Upper">Upper end of its confidence sequence.</param>
/// <param name="Target">The coverage that is promised.</param>
/// <param name="EvidenceLog10">Evidence that coverage is lost, as a power of ten.</param>
/// <param name="LagMedian">Median time from prediction to label, in seconds.</param>
/// <param name="LagP95">95th percentile of it, in seconds.</param>
/// <param name="Completeness">Labels over receipts issued.</param>
/// <param name="Accepted">Labels counted.</param>
/// <param name="Duplicates">Labels whose receipt was counted before.</param>
/// <param name="Rejected">Labels refused, by reason.</param>
internal sealed record LabelFigures(
    double Observed, double Lower, double Upper, double Target, double EvidenceLog10, double LagMedian, double LagP95, double Completeness,
    long Accepted, long Duplicates, IReadOnlyDictionary<string, long> Rejected);

/// <summary>Where the figures of labels come from, once something takes labels.</summary>
internal sealed class LabelSource
{
    /// <summary>The figures as they stand; <c>null</c> when no labels are taken.</summary>
    public Func<LabelFigures?> Read { get; set; } = () => null;
}

using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>The guide's two types of alert.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UQAlertType>))]
public enum UQAlertType
{
    /// <summary>Widths or predictions are distributed differently.</summary>
    [JsonStringEnumMemberName("drift")]
    Drift,

    /// <summary>Intervals have become wider.</summary>
    [JsonStringEnumMemberName("uncertainty_spike")]
    UncertaintySpike,
}

/// <summary>How far beyond chance an alert is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UQAlertSeverity>))]
public enum UQAlertSeverity
{
    /// <summary>Beyond the limit.</summary>
    [JsonStringEnumMemberName("medium")]
    Medium,

    /// <summary>Far beyond it.</summary>
    [JsonStringEnumMemberName("high")]
    High,
}

/// <summary>The guide's status of a monitor.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<UQStatus>))]
public enum UQStatus
{
    /// <summary>The latest call raised no alert.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>The latest call raised an alert.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,
}

/// <summary>An alert with the guide's words.</summary>
/// <param name="Type">Drift, or an uncertainty spike: widths grew.</param>
/// <param name="Severity">High from twice the limit on, or a probability below a thousandth of the limit's.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record UQAlert(UQAlertType Type, UQAlertSeverity Severity, string Message);

/// <summary>What <see cref="UQMonitor.Monitor(ReadOnlySpan{double}, ReadOnlySpan{double})"/> answers, with the guide's names.</summary>
public sealed record UQMonitorReading
{
    /// <summary>The guide's score of the latest widths: a figure, which decides nothing alone. 0 where the baseline is not informative.</summary>
    public required double DriftScore { get; init; }

    /// <summary>The score that chance exceeds too rarely to explain it; infinite where the baseline is not informative.</summary>
    public required double DriftLimit { get; init; }

    /// <summary>Whether an alert was raised; never before the window is full.</summary>
    public bool DriftDetected => Alerts.Count > 0;

    /// <summary>Alerts of this call.</summary>
    public required IReadOnlyList<UQAlert> Alerts { get; init; }

    /// <summary>Latest finite widths; NaN figures when there is none.</summary>
    public required SampleSummary CurrentStats { get; init; }

    /// <summary>Finite widths of the baseline.</summary>
    public required SampleSummary BaselineStats { get; init; }

    /// <summary>Rows in the window.</summary>
    public required int HistorySize { get; init; }

    /// <summary>Whether widths can tell anything: of equal ones they cannot.</summary>
    public required SignalContent Content { get; init; }
}

/// <summary>The guide's summary of a monitor.</summary>
/// <param name="TotalSamples">Rows so far.</param>
/// <param name="RecentDriftScore">The latest score.</param>
/// <param name="MaxDriftScore">The highest score of a full window.</param>
/// <param name="AlertsCount">Alerts so far.</param>
/// <param name="Status">Warning when the latest call raised an alert.</param>
public readonly record struct UQMonitorSummary(long TotalSamples, double RecentDriftScore, double MaxDriftScore, long AlertsCount, UQStatus Status);

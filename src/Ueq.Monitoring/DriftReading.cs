using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>What a monitor can say.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftState>))]
public enum DriftState
{
    /// <summary>No window is full yet.</summary>
    [JsonStringEnumMemberName("learning")]
    Learning,

    /// <summary>The latest window raised no alert.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>The latest window raised an alert.</summary>
    [JsonStringEnumMemberName("alert")]
    Alert,
}

/// <summary>The guide's status: its drift score against its threshold, and nothing else.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuideStatus>))]
public enum GuideStatus
{
    /// <summary>The drift score is at most the threshold.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>The drift score is above the threshold.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,
}

/// <summary>Which comparison was made.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TestKind>))]
public enum TestKind
{
    /// <summary>Population stability index over bins, against its χ² critical value.</summary>
    [JsonStringEnumMemberName("psi")]
    Psi,

    /// <summary>Number of values in the rare bins of the reference, against Fisher's exact test.</summary>
    [JsonStringEnumMemberName("rare_values")]
    RareValues,

    /// <summary>Number of missing values, against Fisher's exact test.</summary>
    [JsonStringEnumMemberName("missing")]
    Missing,

    /// <summary>Number of unbounded intervals, against Fisher's exact test.</summary>
    [JsonStringEnumMemberName("unbounded")]
    Unbounded,
}

/// <summary>The guide's two types of alert.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertType>))]
public enum AlertType
{
    /// <summary>A signal is distributed differently.</summary>
    [JsonStringEnumMemberName("drift")]
    Drift,

    /// <summary>Intervals have become wider, or sets larger.</summary>
    [JsonStringEnumMemberName("uncertainty_spike")]
    UncertaintySpike,
}

/// <summary>How far an alert's statistic is beyond its critical value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AlertSeverity>))]
public enum AlertSeverity
{
    /// <summary>Less than twice the critical value.</summary>
    [JsonStringEnumMemberName("medium")]
    Medium,

    /// <summary>Twice the critical value or more.</summary>
    [JsonStringEnumMemberName("high")]
    High,
}

/// <summary>One comparison of the latest window that chance does not explain.</summary>
/// <param name="Type">Drift, or an uncertainty spike.</param>
/// <param name="Severity">Medium, or high from twice the critical value on.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Test">Which comparison was made.</param>
/// <param name="Message">A sentence for people.</param>
/// <param name="Statistic">PSI, or a number of rows in the window.</param>
/// <param name="Critical">The value from which on the comparison alarms.</param>
public sealed record DriftAlert(
    AlertType Type, AlertSeverity Severity, string Signal, TestKind Test, string Message, double Statistic, double Critical);

/// <summary>One signal of the latest window.</summary>
/// <param name="Name">Name of the signal.</param>
/// <param name="Kind">What it measures.</param>
/// <param name="Content">Whether its reference can tell anything.</param>
/// <param name="Test">How finite values were compared; <c>null</c> where the reference cannot tell anything.</param>
/// <param name="Statistic">PSI, or the number of rare values.</param>
/// <param name="Critical">The value from which on the statistic alarms; infinite where it was not judged.</param>
/// <param name="Count">Number of finite values.</param>
/// <param name="Missing">Number of missing values.</param>
/// <param name="Unbounded">Number of infinite values.</param>
/// <param name="Mean">Mean of the finite values; NaN when there are none.</param>
/// <param name="StandardDeviation">Standard deviation of the finite values, dividing by n; NaN when there are none.</param>
public readonly record struct SignalReading(
    string Name, SignalKind Kind, SignalContent Content, TestKind? Test, double Statistic, double Critical,
    int Count, int Missing, int Unbounded, double Mean, double StandardDeviation);

/// <summary>What the latest full window says. It never latches: the next window is judged afresh.</summary>
public sealed record DriftReading
{
    /// <summary>Learning until a window is full, then healthy or alert by the latest window alone.</summary>
    public required DriftState State { get; init; }

    /// <summary>The guide's status: whether the drift score is above the guide's threshold.</summary>
    public required GuideStatus Status { get; init; }

    /// <summary>Full windows so far.</summary>
    public required long WindowsClosed { get; init; }

    /// <summary>Rows in all full windows so far.</summary>
    public required long Rows { get; init; }

    /// <summary>The guide's <c>history_size</c>: rows behind the current figures, none while learning.</summary>
    public required int HistorySize { get; init; }

    /// <summary>The guide's drift score of sizes in the latest window.</summary>
    /// <remarks>
    /// 0.4·|Δmean|/|mean| + 0.3·|Δstd|/std + 0.3·|Δmedian|/|median|. A term whose reference is zero counts 0 without change and 1
    /// otherwise. 0 while learning and where <see cref="SizeContent"/> is not informative; 1 when no size of the window is finite.
    /// </remarks>
    public required double DriftScore { get; init; }

    /// <summary>The highest drift score of any window so far.</summary>
    public required double MaxDriftScore { get; init; }

    /// <summary>Number of alerts in all windows so far.</summary>
    public required long AlertsSoFar { get; init; }

    /// <summary>Whether the reference of sizes can tell anything: with one width for all rows the drift score is 0 by definition.</summary>
    public required SignalContent SizeContent { get; init; }

    /// <summary>Alerts of the latest window.</summary>
    public required IReadOnlyList<DriftAlert> Alerts { get; init; }

    /// <summary>Finite sizes of the latest window; <c>null</c> while learning.</summary>
    public required SampleSummary? CurrentStats { get; init; }

    /// <summary>Finite sizes of the reference.</summary>
    public required SampleSummary BaselineStats { get; init; }

    /// <summary>Every signal of the latest window; empty while learning.</summary>
    public required IReadOnlyList<SignalReading> Signals { get; init; }
}

using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>What a performance alert is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PerformanceAlertType>))]
public enum PerformanceAlertType
{
    /// <summary>More than one request in twenty takes longer than the threshold.</summary>
    [JsonStringEnumMemberName("high_latency")]
    HighLatency,

    /// <summary>More requests fail than the threshold allows.</summary>
    [JsonStringEnumMemberName("high_error_rate")]
    HighErrorRate,

    /// <summary>The machine's memory is nearly used up.</summary>
    [JsonStringEnumMemberName("high_memory")]
    HighMemory,

    /// <summary>The processors are nearly always busy.</summary>
    [JsonStringEnumMemberName("high_cpu")]
    HighCpu,
}

/// <summary>How urgent a performance alert is.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PerformanceSeverity>))]
public enum PerformanceSeverity
{
    /// <summary>Worth a look.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The service may fail soon.</summary>
    [JsonStringEnumMemberName("critical")]
    Critical,
}

/// <summary>A threshold of performance that is passed.</summary>
/// <param name="Type">What it is about.</param>
/// <param name="Severity">Critical for memory, warning otherwise, as in the guide.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record PerformanceAlert(PerformanceAlertType Type, PerformanceSeverity Severity, string Message);

/// <summary>Figures of one request.</summary>
/// <param name="Timestamp">When it was tracked.</param>
/// <param name="Mse">Mean squared error; NaN without labels.</param>
/// <param name="Mae">Mean absolute error; NaN without labels.</param>
/// <param name="InferenceTime">How long the answer took.</param>
/// <param name="MemoryUsage">Share of the memory that is used: 0 to 1.</param>
/// <param name="CpuUsage">Share of the processors' time that this process used since the last request: 0 to 1; NaN for the first.</param>
/// <param name="Throughput">Requests a second at this speed; 0 for an immeasurably short time.</param>
public readonly record struct PerformanceMetrics(
    DateTimeOffset Timestamp, double Mse, double Mae, TimeSpan InferenceTime, double MemoryUsage, double CpuUsage, double Throughput);

/// <summary>What <see cref="PerformanceTracker.TrackRequest"/> answers.</summary>
/// <param name="Metrics">Figures of this request.</param>
/// <param name="Alerts">Thresholds that the latest requests pass.</param>
public sealed record PerformanceReading(PerformanceMetrics Metrics, IReadOnlyList<PerformanceAlert> Alerts);

/// <summary>The guide's performance summary.</summary>
public sealed record PerformanceSummary
{
    /// <summary>Mean of the squared errors of the ten latest requests with labels; NaN without any.</summary>
    public required double RecentMse { get; init; }

    /// <summary>Mean of the absolute errors of the ten latest requests with labels; NaN without any.</summary>
    public required double RecentMae { get; init; }

    /// <summary>Root of <see cref="RecentMse"/>.</summary>
    public double RecentRmse => Math.Sqrt(RecentMse);

    /// <summary>Mean time of the ten latest answers.</summary>
    public required TimeSpan AverageLatency { get; init; }

    /// <summary>Time that 95 % of the window's answers stayed below (type 7, NumPy's default).</summary>
    /// <remarks>Over the whole window: of ten values, as in the guide, it would be little but the largest.</remarks>
    public required TimeSpan P95Latency { get; init; }

    /// <summary>Mean throughput of the ten latest requests, a second.</summary>
    public required double AverageThroughput { get; init; }

    /// <summary>Mean share of memory used at the ten latest requests.</summary>
    public required double AverageMemoryUsage { get; init; }

    /// <summary>Mean share of processor time at the ten latest requests.</summary>
    public required double AverageCpuUsage { get; init; }

    /// <summary>Share of the window's requests that failed.</summary>
    public required double ErrorRate { get; init; }

    /// <summary>Requests so far, failed ones too.</summary>
    public required long TotalRequests { get; init; }
}

namespace Ueq.Monitoring;

/// <summary>What <see cref="PerformanceTracker"/> holds requests against.</summary>
public sealed record PerformanceTrackerOptions
{
    /// <summary>Latest requests that are kept (the guide's <c>window_size</c>): 20 to 1,000,000. Default: 100.</summary>
    public int WindowSize { get; init; } = 100;

    /// <summary>Time that 95 % of answers are to stay below (the guide's <c>latency_p95</c>): positive. Default: one second.</summary>
    public TimeSpan LatencyP95 { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Share of requests that may fail: inside (0, 1). Default: 5 %.</summary>
    public double ErrorRate { get; init; } = 0.05;

    /// <summary>Share of the memory that may be used: inside (0, 1]. Default: 80 %.</summary>
    public double MemoryUsage { get; init; } = 0.8;

    /// <summary>Share of the processors' time that may be used: inside (0, 1]. Default: 80 %.</summary>
    public double CpuUsage { get; init; } = 0.8;

    /// <summary>Probability that a call alerts on times or failures that keep their threshold: inside (0, 1). Default: 0.001.</summary>
    public double FalseAlarmProbability { get; init; } = 0.001;

    internal void Validate()
    {
        if (WindowSize is < 20 or > 1_000_000) Throw.OutOfRange(nameof(WindowSize), WindowSize, "20 to 1,000,000 requests");
        if (LatencyP95 <= TimeSpan.Zero) Throw.OutOfRange(nameof(LatencyP95), LatencyP95.TotalSeconds, "a positive time");
        DetectorCheck.Probability(nameof(ErrorRate), ErrorRate);
        if (!(MemoryUsage is > 0 and <= 1)) Throw.OutOfRange(nameof(MemoryUsage), MemoryUsage, "a share above 0 and at most 1");
        if (!(CpuUsage is > 0 and <= 1)) Throw.OutOfRange(nameof(CpuUsage), CpuUsage, "a share above 0 and at most 1");
        DetectorCheck.Probability(nameof(FalseAlarmProbability), FalseAlarmProbability);
    }
}

/// <summary>The guide's <c>PerformanceTracker</c>: errors, times, failures, memory and processor of the latest requests.</summary>
/// <remarks>
/// What differs from the guide, and why: labels are optional and errors NaN without them, so zeros can never stand for the truth; a single slow answer
/// is no alert, but more slow ones than one in twenty explains (binomial), and likewise failures; memory and processor alert on the mean of the ten
/// latest requests, three or more, not on one reading. One writer.
/// </remarks>
public sealed class PerformanceTracker
{
    private const int Recent = 10, Fewest = 3;
    private const double SlowShare = 0.05;
    private readonly PerformanceTrackerOptions _options;
    private readonly TimeProvider _time;
    private readonly (PerformanceMetrics Metrics, bool Failed)[] _window;
    private long _requests, _lastStamp;
    private TimeSpan _lastProcessor;

    /// <summary>A tracker of no request.</summary>
    public PerformanceTracker(PerformanceTrackerOptions? options = null, TimeProvider? time = null)
    {
        _options = options ?? new PerformanceTrackerOptions();
        _options.Validate();
        _time = time ?? TimeProvider.System;
        _window = new (PerformanceMetrics, bool)[_options.WindowSize];
    }

    /// <summary>Tracks one request that was answered.</summary>
    /// <param name="predictions">What was answered.</param>
    /// <param name="trueValues">The truth, where it is known: one per prediction, or empty.</param>
    /// <param name="inferenceTime">How long it took: zero or more.</param>
    /// <param name="memoryUsage">Share of memory used, 0 to 1; <c>null</c> measures it.</param>
    /// <param name="cpuUsage">Share of the processors' time, 0 to 1; <c>null</c> measures that of this process since the last request.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a value is not what is asked for; the message says where.</exception>
    public PerformanceReading TrackRequest(
        ReadOnlySpan<double> predictions, ReadOnlySpan<double> trueValues, TimeSpan inferenceTime, double? memoryUsage = null, double? cpuUsage = null)
    {
        if (!trueValues.IsEmpty) Throw.IfDifferent(nameof(trueValues), trueValues.Length, predictions.Length, "true values, one per prediction, or none");
        double squares = 0, absolutes = 0;
        for (int i = 0; i < trueValues.Length; i++)
        {
            double error = predictions[i] - trueValues[i];
            if (!double.IsFinite(error)) throw new ArgumentException(FormattableString.Invariant($"Expected finite values, got the prediction {predictions[i]} and the truth {trueValues[i]} at index {i}."), nameof(trueValues));
            squares += error * error;
            absolutes += Math.Abs(error);
        }

        // 0/0: no label is no error, not an error of zero.
        return Track(squares / trueValues.Length, absolutes / trueValues.Length, inferenceTime, memoryUsage, cpuUsage, failed: false);
    }

    /// <summary>Tracks one request that failed.</summary>
    /// <param name="inferenceTime">How long it took: zero or more.</param>
    public PerformanceReading TrackFailure(TimeSpan inferenceTime) => Track(double.NaN, double.NaN, inferenceTime, null, null, failed: true);

    /// <summary>The guide's <c>get_performance_summary</c>; <c>null</c> before the first request.</summary>
    public PerformanceSummary? Summary()
    {
        if (_requests == 0) return null;
        PerformanceMetrics[] recent = [.. Latest(Recent)];
        PerformanceMetrics[] labelled = [.. Latest(_window.Length).Where(m => !double.IsNaN(m.Mse)).Take(Recent)];
        double[] seconds = [.. Latest(_window.Length).Select(m => m.InferenceTime.TotalSeconds).Order()];
        double[] processor = [.. recent.Select(m => m.CpuUsage).Where(share => !double.IsNaN(share))];
        return new PerformanceSummary
        {
            RecentMse = labelled.Length == 0 ? double.NaN : labelled.Average(m => m.Mse),
            RecentMae = labelled.Length == 0 ? double.NaN : labelled.Average(m => m.Mae),
            AverageLatency = TimeSpan.FromSeconds(recent.Average(m => m.InferenceTime.TotalSeconds)),
            P95Latency = TimeSpan.FromSeconds(Quantile(seconds, 1 - SlowShare)),
            AverageThroughput = recent.Average(m => m.Throughput),
            AverageMemoryUsage = recent.Average(m => m.MemoryUsage),
            AverageCpuUsage = processor.Length == 0 ? double.NaN : processor.Average(),
            ErrorRate = (double)Failures() / Kept,
            TotalRequests = _requests,
        };
    }

    private int Kept => (int)Math.Min(_requests, _window.Length);

    private PerformanceReading Track(double mse, double mae, TimeSpan inferenceTime, double? memoryUsage, double? cpuUsage, bool failed)
    {
        if (inferenceTime < TimeSpan.Zero) Throw.OutOfRange(nameof(inferenceTime), inferenceTime.TotalSeconds, "a time of zero or more");
        if (memoryUsage is { } memory && !(memory is >= 0 and <= 1)) Throw.OutOfRange(nameof(memoryUsage), memory, "a share from 0 to 1");
        if (cpuUsage is { } cpu && !(cpu is >= 0 and <= 1)) Throw.OutOfRange(nameof(cpuUsage), cpu, "a share from 0 to 1");
        double seconds = inferenceTime.TotalSeconds;
        PerformanceMetrics metrics = new(_time.GetUtcNow(), mse, mae, inferenceTime, memoryUsage ?? Memory(), cpuUsage ?? Processor(), seconds > 0 ? 1 / seconds : 0);
        _window[_requests++ % _window.Length] = (metrics, failed);
        return new PerformanceReading(metrics, Alerts());
    }

    private List<PerformanceAlert> Alerts()
    {
        List<PerformanceAlert> alerts = [];
        int kept = Kept, slow = Latest(kept).Count(m => m.InferenceTime > _options.LatencyP95), failures = Failures();
        double each = _options.FalseAlarmProbability / 2;
        if (BinomialDistribution.Tail(slow, kept, SlowShare) <= each)
            alerts.Add(new(PerformanceAlertType.HighLatency, PerformanceSeverity.Warning, FormattableString.Invariant($"{slow} of the last {kept} answers took longer than {_options.LatencyP95.TotalSeconds:0.###} s; one in twenty may.")));
        if (BinomialDistribution.Tail(failures, kept, _options.ErrorRate) <= each)
            alerts.Add(new(PerformanceAlertType.HighErrorRate, PerformanceSeverity.Warning, FormattableString.Invariant($"{failures} of the last {kept} requests failed; {_options.ErrorRate:P1} may.")));
        if (Mean(m => m.MemoryUsage) is { } memory && memory > _options.MemoryUsage)
            alerts.Add(new(PerformanceAlertType.HighMemory, PerformanceSeverity.Critical, FormattableString.Invariant($"{memory:P1} of the memory is used; {_options.MemoryUsage:P1} may be.")));
        if (Mean(m => m.CpuUsage) is { } processor && processor > _options.CpuUsage)
            alerts.Add(new(PerformanceAlertType.HighCpu, PerformanceSeverity.Warning, FormattableString.Invariant($"{processor:P1} of the processors' time is used; {_options.CpuUsage:P1} may be.")));
        return alerts;
    }

    private double? Mean(Func<PerformanceMetrics, double> figure)
    {
        double[] recent = [.. Latest(Recent).Select(figure).Where(value => !double.IsNaN(value))];
        return recent.Length < Fewest ? null : recent.Average();
    }

    private int Failures() => _window.AsSpan(0, Kept).ToArray().Count(request => request.Failed);

    /// <summary>At most so many requests, newest first.</summary>
    private IEnumerable<PerformanceMetrics> Latest(int most)
    {
        int count = Math.Min(most, Kept);
        for (long k = 1; k <= count; k++) yield return _window[(_requests - k) % _window.Length].Metrics;
    }

    private static double Memory()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return info.TotalAvailableMemoryBytes > 0 ? Math.Min(1, (double)info.MemoryLoadBytes / info.TotalAvailableMemoryBytes) : 0;
    }

    private double Processor()
    {
        TimeSpan used = Environment.CpuUsage.TotalTime;
        long stamp = _time.GetTimestamp();
        double elapsed = _lastStamp == 0 ? 0 : _time.GetElapsedTime(_lastStamp, stamp).TotalSeconds;
        double share = elapsed > 0 ? Math.Clamp((used - _lastProcessor).TotalSeconds / (elapsed * Environment.ProcessorCount), 0, 1) : double.NaN;
        (_lastStamp, _lastProcessor) = (stamp, used);
        return share;
    }

    private static double Quantile(double[] ascending, double share)
    {
        double place = share * (ascending.Length - 1);
        int below = (int)place;
        return below + 1 < ascending.Length ? ascending[below] + (place - below) * (ascending[below + 1] - ascending[below]) : ascending[below];
    }
}

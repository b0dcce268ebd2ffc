using Ueq.Monitoring;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>The guide's classes with their defaults; widths are the absolute values of a stream.</summary>
internal static class NullGuide
{
    private const int Batch = 100, Batches = 10, Requests = 1000;

    private static readonly Source _thresholds = Source.Of("at the thresholds", (ref Rng g) => g.NextUniform());

    public static readonly NullSubject[] All =
    [
        new("UQMonitor", "0.001 a call, over widths and predictions. Ten windows of 100 rows a run, each a call.", new UQMonitorOptions().FalseAlarmProbability, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Batches * Batch, run);
            UQMonitor monitor = new(then, Widths(then), new() { Seed = (ulong)run });
            return new NullCount(Batches, now.Chunk(Batch).Count(batch => monitor.Monitor(batch, Widths(batch)).DriftDetected));
        }) { Streams = Source.Few },
        new("UncertaintyDrift", "5 % of batches. One batch of 100 rows a run.", new UncertaintyDriftOptions().FalseAlarmProbability, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Batch, run);
            return new NullCount(1, UncertaintyDrift.Detect(Widths(then), Widths(now), new() { Seed = (ulong)run }).DriftDetected ? 1 : 0);
        }) { Streams = Source.Few },
        new("DriftDetector", "5 % of batches, over its three methods. One batch of 100 rows a run.", new UncertaintyDriftOptions().FalseAlarmProbability, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Batch, run);
            return new NullCount(1, new DriftDetector(Widths(then), null, new() { Seed = (ulong)run }).Detect(Widths(now)).DriftDetected ? 1 : 0);
        }) { Streams = Source.Few },
        new("SizeMonitor, its status", "No claim, and no alarm hangs on it: the guide's score of 100 rows above the guide's 0.1. Ten windows a run.", double.NaN, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Batches * Batch, run);
            SizeMonitor monitor = new(Sizes(then), Batch, 0.1);
            return new NullCount(Batches, now.Chunk(Batch).Count(batch =>
            {
                monitor.Add(Widths(batch));
                return monitor.Read().Status == GuideStatus.Warning;
            }));
        }) { Streams = Source.Few },
        new("PerformanceTracker", "0.001 a request, over times and failures. One answer in twenty is slow, one in twenty fails; 1,000 requests a run. No reference, so the columns are three tries of the same; an alert lasts for many requests, so counts vary more than a Poisson count: judge by their sum.",
            new PerformanceTrackerOptions().FalseAlarmProbability, (source, reference, run) =>
            {
                PerformanceTracker tracker = new();
                return new NullCount(Requests, source.Values(reference, Requests, run).Stream.Count(u =>
                    (u < 0.05 ? tracker.TrackFailure(TimeSpan.Zero) : tracker.TrackRequest([], [], TimeSpan.FromSeconds(u < 0.1 ? 2 : 0.1), 0.5, 0.5))
                        .Alerts.Any(a => a.Type is PerformanceAlertType.HighLatency or PerformanceAlertType.HighErrorRate)));
            }) { Streams = [_thresholds] },
    ];

    private static double[] Widths(double[] values) => [.. values.Select(Math.Abs)];

    private static DriftReference Sizes(double[] values) => DriftReference.From(
        new FeatureSchema([new("value")]), new FeatureMatrix(Array.ConvertAll(values, v => (float)v), 1), values, Widths(values));
}

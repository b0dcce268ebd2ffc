namespace Ueq.Monitoring.Tests.Guide;

public sealed class PerformanceTrackerTests
{
    [Fact]
    public void FiguresAreTheGuides()
    {
        PerformanceTracker tracker = new();
        PerformanceMetrics metrics = tracker.TrackRequest([1, 2, 3], [1, 4, 6], TimeSpan.FromSeconds(0.25), 0.5, 0.25).Metrics;
        Assert.Equal((13.0 / 3, 5.0 / 3, 4.0, 0.5, 0.25), (metrics.Mse, metrics.Mae, metrics.Throughput, metrics.MemoryUsage, metrics.CpuUsage));
        PerformanceSummary summary = tracker.Summary()!;
        Assert.Equal((13.0 / 3, 5.0 / 3, 1L, 0.0), (summary.RecentMse, summary.RecentMae, summary.TotalRequests, summary.ErrorRate));
        Assert.Equal(Math.Sqrt(13.0 / 3), summary.RecentRmse);
    }

    [Fact]
    public void WithoutLabelsThereIsNoErrorAndNotAnErrorOfZero()
    {
        PerformanceTracker tracker = new();
        Assert.Null(tracker.Summary());
        Assert.True(double.IsNaN(tracker.TrackRequest([1, 2], [], TimeSpan.FromSeconds(1)).Metrics.Mse));
        Assert.True(double.IsNaN(tracker.Summary()!.RecentMae));
        tracker.TrackRequest([1], [3], TimeSpan.FromSeconds(1));
        // Those without labels do not water it down.
        Assert.Equal(4, tracker.Summary()!.RecentMse);
    }

    [Fact]
    public void OneSlowAnswerIsNoAlertAndManyAre()
    {
        PerformanceTracker tracker = new();
        Assert.Empty(Track(tracker, 3).Alerts);
        for (int i = 0; i < 60; i++) Assert.Empty(Track(tracker, 0.1).Alerts);
        PerformanceReading reading = Track(tracker, 2);
        for (int i = 0; i < 14; i++) reading = Track(tracker, 2);
        PerformanceAlert alert = Assert.Single(reading.Alerts);
        Assert.Equal((PerformanceAlertType.HighLatency, PerformanceSeverity.Warning), (alert.Type, alert.Severity));
        Assert.Contains("16 of the last 76", alert.Message, StringComparison.Ordinal);
        Assert.InRange(tracker.Summary()!.P95Latency.TotalSeconds, 1.9, 3);
    }

    [Fact]
    public void FailuresBeyondTheirShareAlert()
    {
        PerformanceTracker tracker = new();
        for (int i = 0; i < 90; i++) Track(tracker, 0.1);
        for (int i = 0; i < 5; i++) Assert.Empty(tracker.TrackFailure(TimeSpan.FromSeconds(0.1)).Alerts);
        PerformanceReading reading = tracker.TrackFailure(TimeSpan.Zero);
        for (int i = 0; i < 14; i++) reading = tracker.TrackFailure(TimeSpan.Zero);
        Assert.Contains(reading.Alerts, a => a.Type == PerformanceAlertType.HighErrorRate);
        Assert.Equal(0.2, tracker.Summary()!.ErrorRate);
    }

    [Fact]
    public void MemoryAndProcessorAlertOnTheirMeanNotOnOneReading()
    {
        PerformanceTracker tracker = new();
        Assert.Empty(tracker.TrackRequest([], [], TimeSpan.FromSeconds(0.1), 0.99, 0.99).Alerts);
        tracker.TrackRequest([], [], TimeSpan.FromSeconds(0.1), 0.99, 0.99);
        PerformanceAlert[] alerts = [.. tracker.TrackRequest([], [], TimeSpan.FromSeconds(0.1), 0.99, 0.99).Alerts];
        Assert.Equal([PerformanceAlertType.HighMemory, PerformanceAlertType.HighCpu], alerts.Select(a => a.Type));
        Assert.Equal(PerformanceSeverity.Critical, alerts[0].Severity);
    }

    [Fact]
    public void WhatIsNotGivenIsMeasured()
    {
        PerformanceTracker tracker = new();
        tracker.TrackRequest([1], [], TimeSpan.FromSeconds(0.1));
        PerformanceMetrics metrics = tracker.TrackRequest([1], [], TimeSpan.FromSeconds(0.1)).Metrics;
        Assert.InRange(metrics.MemoryUsage, 0, 1);
        Assert.InRange(metrics.CpuUsage, 0, 1);
        Assert.Equal(0, tracker.TrackRequest([1], [], TimeSpan.Zero).Metrics.Throughput);
    }

    [Fact]
    public void TheWindowForgetsTheOldest()
    {
        PerformanceTracker tracker = new(new() { WindowSize = 20 });
        for (int i = 0; i < 30; i++) Track(tracker, 5);
        for (int i = 0; i < 20; i++) Track(tracker, 0.5);
        PerformanceSummary summary = tracker.Summary()!;
        Assert.Equal((50L, 0.5, 0.5), (summary.TotalRequests, summary.P95Latency.TotalSeconds, summary.AverageLatency.TotalSeconds));
    }

    [Fact]
    public void BadInputIsNamedAndNothingIsTracked()
    {
        PerformanceTracker tracker = new();
        Assert.Throws<ArgumentException>("trueValues", () => tracker.TrackRequest([1, 2], [1], TimeSpan.Zero));
        Assert.Contains("at index 1", Assert.Throws<ArgumentException>("trueValues", () => tracker.TrackRequest([1, 2], [1, double.NaN], TimeSpan.Zero)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("inferenceTime", () => tracker.TrackRequest([], [], TimeSpan.FromSeconds(-1)));
        Assert.Throws<ArgumentOutOfRangeException>("memoryUsage", () => tracker.TrackRequest([], [], TimeSpan.Zero, 80));
        Assert.Null(tracker.Summary());
        Assert.Throws<ArgumentOutOfRangeException>("ErrorRate", () => new PerformanceTracker(new() { ErrorRate = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("LatencyP95", () => new PerformanceTracker(new() { LatencyP95 = TimeSpan.Zero }));
    }

    private static PerformanceReading Track(PerformanceTracker tracker, double seconds) => tracker.TrackRequest([], [], TimeSpan.FromSeconds(seconds), 0.1, 0.1);
}

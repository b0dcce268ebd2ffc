namespace Ueq.Monitoring.Tests;

public sealed class SizeMonitorTests
{
    [Fact]
    public void TheDriftScoreIsTheGuides()
    {
        (FeatureMatrix x, double[] p, _) = new Streams(39).Next(20);
        double[] then = [.. Enumerable.Range(1, 20).Select(i => (double)i)];
        double[] now = [.. then.Select(v => 2 * v + 1)];
        SizeMonitor monitor = new(DriftReference.From(Streams.Schema, x, p, then), 20, 1.05);
        Assert.Equal((0L, 0, 0.0), (monitor.Read().WindowsClosed, monitor.Read().HistorySize, monitor.Read().DriftScore));
        Assert.Null(monitor.Read().CurrentStats);
        monitor.Add(now);
        Assert.Equal(0.4 * 11.5 / 10.5 + 0.3 + 0.3 * 11.5 / 10.5, monitor.Read().DriftScore, 12);
        Assert.Equal((GuideStatus.Warning, 20), (monitor.Read().Status, monitor.Read().HistorySize));
        monitor.Add(then);
        Assert.Equal((0.0, GuideStatus.Healthy), (monitor.Read().DriftScore, monitor.Read().Status));
        Assert.True(monitor.Read().MaxDriftScore > 1);
    }

    [Fact]
    public void AddAllocatesNothingEvenWhenWindowsClose()
    {
        SizeMonitor monitor = new(new Streams(17).Reference(300), 100, 0.1);
        double[] sizes = new Streams(18).Next(64).Sizes;
        monitor.Add(sizes);
        monitor.Add(sizes);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) monitor.Add(sizes);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1002 * 64 / 100, monitor.Read().WindowsClosed);
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        DriftReference reference = new Streams(20).Reference(50);
        Assert.Contains("20 to 1,000,000", Assert.Throws<ArgumentOutOfRangeException>(() => new SizeMonitor(reference, 10, 0.1)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SizeMonitor(reference, 100, double.NaN));
        Assert.Throws<ArgumentException>(() => new SizeMonitor(DriftReference.OfColumns(["a"], new FeatureMatrix(new float[] { 1 }, 1), []), 100, 0.1));
    }
}

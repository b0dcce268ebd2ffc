namespace Ueq.Monitoring.Tests;

public sealed class DriftMonitorTests
{
    [Fact]
    public void AMonitorLearnsUntilItsFirstWindowIsFull()
    {
        DriftMonitor monitor = new(new Streams(10).Reference(1000), new());
        new Streams(11).AddTo(monitor, 99);
        DriftReading learning = monitor.Read();
        Assert.Equal((DriftState.Learning, 0L, 0, 0.0), (learning.State, learning.WindowsClosed, learning.HistorySize, learning.DriftScore));
        Assert.Null(learning.CurrentStats);
        new Streams(12).AddTo(monitor, 1);
        DriftReading reading = monitor.Read();
        Assert.Equal((DriftState.Healthy, 1L, 100L, 100), (reading.State, reading.WindowsClosed, reading.Rows, reading.HistorySize));
        Assert.Equal(100, reading.CurrentStats!.Value.Count);
        Assert.Equal(6, reading.Signals.Count);
        Assert.All(reading.Signals, s => Assert.Equal(100, s.Count + s.Missing + s.Unbounded));
        Assert.Same(reading, monitor.Read());
    }

    [Fact]
    public void BatchesOfAnySizeGiveTheSameReading()
    {
        DriftReference reference = new Streams(13).Reference(300);
        (FeatureMatrix x, double[] p, double[] s) = new Streams(14) { Widening = 1.2 }.Next(1050);
        DriftMonitor whole = new(reference, new()), pieces = new(reference, new());
        whole.Add(x, p, s);
        for (int at = 0, size = 1; at < 1050; at += size, size = Math.Min(size + 3, 1050 - at))
            pieces.Add(x.Slice(at, size), p.AsSpan(at, size), s.AsSpan(at, size));
        DriftReading a = whole.Read(), b = pieces.Read();
        Assert.Equal(10, a.WindowsClosed);
        Assert.Equal(a.Signals, b.Signals);
        Assert.Equal(a.Alerts, b.Alerts);
        Assert.Equal((a.DriftScore, a.MaxDriftScore, a.AlertsSoFar), (b.DriftScore, b.MaxDriftScore, b.AlertsSoFar));
        Assert.Equal(1050, pieces.Rows);
    }

    [Fact]
    public void TheOrderWithinAWindowDoesNotMatter()
    {
        DriftReference reference = new Streams(15).Reference(300);
        (FeatureMatrix x, double[] p, double[] s) = new Streams(16) { Shift = 0.5, Widening = 1.3 }.Next(100);
        int[] order = [.. Enumerable.Range(0, 100)];
        Rng rng = Rng.Stream(1, 1);
        rng.Shuffle<int>(order);
        DriftMonitor one = new(reference, new()), two = new(reference, new());
        one.Add(x, p, s);
        two.Add(x.Gather(order), [.. order.Select(i => p[i])], [.. order.Select(i => s[i])]);
        DriftReading a = one.Read(), b = two.Read();
        Assert.Equal(a.CurrentStats, b.CurrentStats);
        Assert.Equal(a.DriftScore, b.DriftScore);
        Assert.Equal(a.Signals.Select(r => r.Statistic), b.Signals.Select(r => r.Statistic));
        foreach ((SignalReading left, SignalReading right) in a.Signals.Zip(b.Signals)) Assert.Equal(left.Mean, right.Mean, 1e-9);
    }

    [Fact]
    public void AddAllocatesNothingEvenWhenWindowsClose()
    {
        DriftMonitor monitor = new(new Streams(17).Reference(300), new());
        (FeatureMatrix x, double[] p, double[] s) = new Streams(18).Next(64);
        for (int i = 0; i < 200; i++) monitor.Add(x, p, s);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) monitor.Add(x, p, s);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1200 * 64 / 100, monitor.Read().WindowsClosed);
    }

    [Fact]
    public async Task EightThreadsLoseNoRow()
    {
        DriftMonitor monitor = new(new Streams(19).Reference(300), new());
        await Task.WhenAll(Enumerable.Range(0, 8).Select(t => Task.Run(() =>
        {
            Streams stream = new((ulong)(100 + t));
            for (int i = 0; i < 500; i++)
            {
                stream.AddTo(monitor, 7);
                DriftReading reading = monitor.Read();
                if (reading.State == DriftState.Learning) continue;
                Assert.All(reading.Signals, s => Assert.Equal(100, s.Count + s.Missing + s.Unbounded));
            }
        })));
        Assert.Equal(8 * 500 * 7, monitor.Rows);
        Assert.Equal(280, monitor.Read().WindowsClosed);
    }

    [Fact]
    public void TheCallersMistakesSayWhatWasExpected()
    {
        DriftReference reference = new Streams(20).Reference(50);
        DriftMonitor monitor = new(reference, new());
        Assert.Contains("Expected 4 features", Assert.Throws<ArgumentException>(() => monitor.Add(new(new float[3], 3), [1], [1])).Message);
        Assert.Contains("Expected 1 sizes", Assert.Throws<ArgumentException>(() => monitor.Add(new(new float[4], 4), [1], [])).Message);
        Assert.Contains("20 to 1,000,000", Assert.Throws<ArgumentOutOfRangeException>(() => new DriftMonitor(reference, new() { WindowSize = 10 })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftMonitor(reference, new() { DriftThreshold = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DriftMonitor(reference, new() { FalseAlarmProbability = 0 }));
        Assert.Equal(0, monitor.Rows);
    }
}

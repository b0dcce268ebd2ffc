namespace Ueq.Monitoring.Tests;

public sealed class DetectionTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void AShiftOfOneStandardDeviationAlarmsWithinTwoWindows(int rows)
    {
        for (ulong run = 0; run < 50; run++)
        {
            DriftMonitor monitor = new(new Streams(1000 + run).Reference(rows), new());
            Streams shifted = new(2000 + run) { Shift = 1 };
            shifted.AddTo(monitor, 100);
            bool first = monitor.Read().Alerts.Any(a => a.Signal == "gaussian");
            shifted.AddTo(monitor, 100);
            Assert.True(first || monitor.Read().Alerts.Any(a => a.Signal == "gaussian"), $"run {run}");
        }
    }

    [Fact]
    public void WiderIntervalsAreAnUncertaintySpikeAndNarrowerOnesAreDrift()
    {
        DriftReference reference = new Streams(30).Reference(1000);
        foreach ((double widening, AlertType type) in new[] { (2.0, AlertType.UncertaintySpike), (0.5, AlertType.Drift) })
        {
            DriftMonitor monitor = new(reference, new());
            new Streams(31) { Widening = widening }.AddTo(monitor, 100);
            DriftReading reading = monitor.Read();
            DriftAlert alert = Assert.Single(reading.Alerts);
            Assert.Equal((type, AlertSeverity.High, "size", TestKind.Psi), (alert.Type, alert.Severity, alert.Signal, alert.Test));
            Assert.True(alert.Statistic >= 2 * alert.Critical);
            Assert.Equal(GuideStatus.Warning, reading.Status);
            Assert.Equal(Math.Abs(widening - 1), reading.DriftScore, 0.2);
        }
    }

    [Fact]
    public void AnAlertDoesNotLatch()
    {
        DriftMonitor monitor = new(new Streams(32).Reference(1000), new());
        new Streams(33) { Shift = 3 }.AddTo(monitor, 100);
        Assert.Equal(DriftState.Alert, monitor.Read().State);
        new Streams(34).AddTo(monitor, 100);
        DriftReading reading = monitor.Read();
        Assert.Equal((DriftState.Healthy, 1L), (reading.State, reading.AlertsSoFar));
        Assert.Empty(reading.Alerts);
    }

    [Fact]
    public void MissingValuesUnboundedIntervalsAndUnseenValuesAlarm()
    {
        DriftMonitor monitor = new(new Streams(35).Reference(1000), new());
        (FeatureMatrix x, double[] p, double[] s) = new Streams(36).Next(100);
        float[] values = x.Values.ToArray();
        for (int i = 0; i < 20; i++)
        {
            values[4 * i + 2] = float.NaN;
            values[4 * i + 3] = 8;
            s[i] = double.PositiveInfinity;
        }

        monitor.Add(new FeatureMatrix(values, 4), p, s);
        DriftReading reading = monitor.Read();
        Assert.Equal(
            [("ties", TestKind.Missing, AlertType.Drift), ("constant", TestKind.RareValues, AlertType.Drift), ("size", TestKind.Unbounded, AlertType.UncertaintySpike)],
            reading.Alerts.Select(a => (a.Signal, a.Test, a.Type)));
        Assert.All(reading.Alerts, a => Assert.Equal(20, a.Statistic));
        Assert.Equal((80, 20), (reading.Signals[5].Count, reading.Signals[5].Unbounded));
        Assert.Contains("'ties' is missing in 20 of the last 100 rows", reading.Alerts[0].Message);
    }

    [Fact]
    public void ARareCategoryThatBecomesCommonAlarms()
    {
        FeatureSchema schema = new([new("colour") { Categories = ["red", "blue"] }]);
        (FeatureMatrix X, double[] P, double[] S) Rows(int n, int every)
        {
            float[] x = new float[2 * n];
            for (int i = 0; i < n; i++) x[2 * i + (i % every == 0 ? 1 : 0)] = 1;
            double[] smooth = [.. Enumerable.Range(0, n).Select(i => (double)i / n)];
            return (new FeatureMatrix(x, 2), smooth, smooth);
        }

        (FeatureMatrix x, double[] p, double[] s) = Rows(1000, 100);
        DriftMonitor monitor = new(DriftReference.From(schema, x, p, s), new());
        (x, p, s) = Rows(100, 33);
        monitor.Add(x, p, s);
        Assert.Equal(DriftState.Healthy, monitor.Read().State);
        (x, p, s) = Rows(100, 5);
        monitor.Add(x, p, s);
        Assert.Equal(["colour=red", "colour=blue"], monitor.Read().Alerts.Select(a => a.Signal));
    }

    [Fact]
    public void OneWidthForAllRowsIsNotInformativeAndNeverAlarms()
    {
        (FeatureMatrix x, double[] p, double[] s) = new Streams(37).Next(400);
        Array.Fill(s, 0.3);
        DriftMonitor monitor = new(DriftReference.From(Streams.Schema, x, p, s), new());
        (x, p, s) = new Streams(38).Next(100);
        for (int i = 0; i < 100; i++) s[i] = p[i] + 0.15 - (p[i] - 0.15);
        monitor.Add(x, p, s);
        DriftReading reading = monitor.Read();
        Assert.Equal((DriftState.Healthy, SignalContent.OneValue, 0.0), (reading.State, reading.SizeContent, reading.DriftScore));
        Assert.Null(reading.Signals[5].Test);
    }

    [Fact]
    public void TheDriftScoreIsTheGuides()
    {
        (FeatureMatrix x, double[] p, _) = new Streams(39).Next(20);
        double[] then = [.. Enumerable.Range(1, 20).Select(i => (double)i)];
        double[] now = [.. then.Select(v => 2 * v + 1)];
        DriftMonitor monitor = new(DriftReference.From(Streams.Schema, x, p, then), new() { WindowSize = 20, DriftThreshold = 1.05 });
        monitor.Add(x, p, now);
        Assert.Equal(0.4 * 11.5 / 10.5 + 0.3 + 0.3 * 11.5 / 10.5, monitor.Read().DriftScore, 12);
        Assert.Equal(GuideStatus.Warning, monitor.Read().Status);
        monitor.Add(x, p, then);
        Assert.Equal(0, monitor.Read().DriftScore);
        Assert.Equal(GuideStatus.Healthy, monitor.Read().Status);
        Assert.True(monitor.Read().MaxDriftScore > 1);
    }
}

namespace Ueq.Monitoring.Tests.Guide;

public sealed class DriftDetectorTests
{
    private static readonly UncertaintyDriftOptions _options = new() { Permutations = 199, Seed = 6 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void TheScoreIsTheGuidesAndDecidesNothingAlone()
    {
        // mean 2 → 3, deviation √(2/3) → √(2/3), median 2 → 3: 0.4·½ + 0 + 0.3·½.
        UncertaintyDriftReading reading = UncertaintyDrift.Detect([1.0, 2, 3], [2.0, 3, 4], _options, Stop);
        Assert.Equal(0.35, reading.DriftScore, 1e-12);
        Assert.Equal((2.0, 3.0), (reading.BaselineMean, reading.CurrentMean));
        Assert.False(reading.DriftDetected);
        Assert.True(reading.PValue > 0.1);
    }

    [Fact]
    public void FalseAlarmsKeepTheirProbability()
    {
        int statistical = 0, three = 0, guides = 0;
        DriftDetector detector = new(UQMonitorTests.Rows(300, 1).Widths, options: _options);
        for (ulong run = 0; run < 200; run++)
        {
            double[] now = UQMonitorTests.Rows(30, 500 + run).Widths;
            UncertaintyDriftReading reading = UncertaintyDrift.Detect(UQMonitorTests.Rows(300, 9000 + run).Widths, now, _options, Stop);
            if (reading.DriftDetected) statistical++;
            if (reading.DriftScore > 0.1) guides++;
            if (detector.Detect(now, Stop).DriftDetected) three++;
        }

        // 5 % of 200; twenty-two and more come once in 2,000. All batches share one baseline in the last, so its own luck counts in.
        Assert.InRange(statistical, 1, 21);
        Assert.InRange(three, 0, 25);
        Assert.True(guides > 100, $"the threshold alone: {guides} of 200");
    }

    [Fact]
    public void AllThreeMethodsSeeAChange()
    {
        DriftDetector detector = new(UQMonitorTests.Rows(400, 1).Widths, options: _options);
        DriftDetection detection = detector.Detect(UQMonitorTests.Rows(200, 2, widening: 1.8).Widths, Stop);
        Assert.True(detection.DriftDetected);
        Assert.Equal([DriftMethod.Statistical, DriftMethod.KsTest, DriftMethod.Wasserstein], detection.Methods.Select(m => m.Method));
        Assert.All(detection.Methods, m => Assert.True(m.DriftDetected && m.PValue <= 0.05 / 3));
        Assert.Equal(detection.Methods.Average(m => m.Figure), detection.OverallDrift, 1e-12);
    }

    [Fact]
    public void FiguresHaveNoUnit()
    {
        double[] then = UQMonitorTests.Rows(200, 1).Widths, now = UQMonitorTests.Rows(100, 2, widening: 1.3).Widths;
        DriftDetection metres = new DriftDetector(then, options: _options).Detect(now, Stop);
        DriftDetection millimetres = new DriftDetector([.. then.Select(w => 1000 * w)], options: _options).Detect([.. now.Select(w => 1000 * w)], Stop);
        foreach ((DriftMethodReading a, DriftMethodReading b) in metres.Methods.Zip(millimetres.Methods)) Assert.Equal(a.Figure, b.Figure, 1e-9);
        Assert.Equal(metres.DriftDetected, millimetres.DriftDetected);
    }

    [Fact]
    public void TheTrendIsThatOfTheLastThree()
    {
        DriftDetector detector = new(UQMonitorTests.Rows(300, 1).Widths, [DriftMethod.KsTest], _options);
        DriftTrend[] trends = [.. new[] { 1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0, 1.0, 1.0, 1.0 }.Select((w, i) => detector.Detect(UQMonitorTests.Rows(400, 70 + (ulong)i, widening: w).Widths, Stop).Trend)];
        Assert.Equal([DriftTrend.InsufficientData, DriftTrend.InsufficientData], trends[..2]);
        Assert.Equal(DriftTrend.Increasing, trends[6]);
        Assert.Equal(DriftTrend.Decreasing, trends[9]);
    }

    [Fact]
    public void EqualWidthsAreNotInformative()
    {
        double[] widths = [.. Enumerable.Repeat(2.5, 50)];
        DriftDetection detection = new DriftDetector(widths, options: _options).Detect([.. widths.Select(w => w * (1 + 1e-14))], Stop);
        Assert.Equal((false, 0.0, SignalContent.OneValue), (detection.DriftDetected, detection.OverallDrift, detection.Content));
        Assert.Equal(SignalContent.OneValue, UncertaintyDrift.Detect(widths, widths, _options, Stop).Content);
    }

    [Fact]
    public void BadInputIsNamed()
    {
        Assert.Throws<ArgumentException>("baselineUncertainty", () => new DriftDetector([1]));
        Assert.Throws<ArgumentException>("methods", () => new DriftDetector([1, 2], [DriftMethod.KsTest, DriftMethod.KsTest]));
        Assert.Throws<ArgumentException>("currentUncertainty", () => new DriftDetector([1, 2]).Detect([double.PositiveInfinity], Stop));
        Assert.Contains("got NaN at index 1", Assert.Throws<ArgumentException>("current", () => UncertaintyDrift.Detect([1.0, 2], [1.0, double.NaN], cancellation: Stop)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>("Permutations", () => UncertaintyDrift.Detect([1.0, 2], [1.0, 3], new() { Permutations = 50, FalseAlarmProbability = 0.01 }, Stop));
        Assert.Equal(2, UncertaintyDrift.DetectIntervals([new(0, 1), new(0, 3)], [new(0, 2), new(1, 4)], _options, Stop).BaselineMean);
    }
}

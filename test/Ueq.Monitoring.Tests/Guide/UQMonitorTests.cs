using System.Text.Json;

namespace Ueq.Monitoring.Tests.Guide;

public sealed class UQMonitorTests
{
    private static readonly UQMonitorOptions _options = new() { FalseAlarmProbability = 0.01, Replicates = 999, Seed = 4 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void NothingIsSaidBeforeTheWindowIsFull()
    {
        UQMonitor monitor = Monitor();
        UQMonitorReading reading = monitor.Monitor(Rows(99, 5, shift: 9).Predictions, Rows(99, 5, widening: 9).Widths);
        Assert.False(reading.DriftDetected);
        Assert.Equal(99, reading.HistorySize);
        Assert.True(reading.DriftScore > 1);
        Assert.Equal(0, monitor.Summary().MaxDriftScore);
    }

    [Fact]
    public void AlertsAreRareWithoutChangeWhereTheGuidesThresholdAlertsOften()
    {
        int ours = 0, guides = 0, windows = 0;
        for (ulong m = 0; m < 20; m++)
        {
            // The probability holds over the draw of the baseline too, so each monitor has its own.
            UQMonitor monitor = Monitor(100 + m);
            for (ulong w = 0; w < 15; w++, windows++)
            {
                (double[] predictions, double[] widths) = Rows(100, 1000 + 15 * m + w);
                UQMonitorReading reading = monitor.Monitor(predictions, widths);
                if (reading.DriftDetected) ours++;
                if (reading.DriftScore > 0.1) guides++;
            }

            Assert.Equal(1500, monitor.Summary().TotalSamples);
        }

        // 1 % of windows is claimed; nine of 300 and more come once in 250.
        Assert.InRange(ours, 0, 9);
        Assert.True(guides > 30, $"the threshold alone alerts on {guides} of {windows} windows");
    }

    [Fact]
    public void WiderIntervalsAreASpikeAndTheStatusDoesNotLatch()
    {
        UQMonitor monitor = Monitor();
        (double[] predictions, double[] widths) = Rows(100, 17, widening: 2);
        UQMonitorReading reading = monitor.Monitor(predictions, widths);
        UQAlert alert = Assert.Single(reading.Alerts);
        Assert.Equal((UQAlertType.UncertaintySpike, UQAlertSeverity.High), (alert.Type, alert.Severity));
        Assert.Contains("wider", alert.Message, StringComparison.Ordinal);
        Assert.Equal(UQStatus.Warning, monitor.Summary().Status);
        (predictions, widths) = Rows(100, 8);
        Assert.False(monitor.Monitor(predictions, widths).DriftDetected);
        Assert.Equal(UQStatus.Healthy, monitor.Summary().Status);
        Assert.True(monitor.Summary().MaxDriftScore > monitor.Summary().RecentDriftScore);
    }

    [Fact]
    public void PredictionsThatMoveAreDriftThoughWidthsStay()
    {
        (double[] predictions, double[] widths) = Rows(100, 9, shift: 2);
        UQAlert alert = Assert.Single(Monitor().Monitor(predictions, widths).Alerts);
        Assert.Equal(UQAlertType.Drift, alert.Type);
        Assert.Contains("Predictions", alert.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EqualWidthsAreNotInformative()
    {
        double[] widths = [.. Enumerable.Range(0, 200).Select(i => 3 * (1 + 1e-13 * (i % 5)))];
        UQMonitor monitor = new([], widths, _options, Stop);
        UQMonitorReading reading = monitor.Monitor(new double[100], widths.AsSpan(0, 100));
        Assert.Equal((SignalContent.OneValue, 0.0, double.PositiveInfinity), (reading.Content, reading.DriftScore, reading.DriftLimit));
        Assert.False(reading.DriftDetected);
    }

    [Fact]
    public void ASmallChangeRaisesNoAlertHoweverSure()
    {
        UQMonitor monitor = new([], Rows(3000, 1).Widths, _options with { WindowSize = 5000, DriftThreshold = 0.2 }, Stop);
        (double[] predictions, double[] widths) = Rows(5000, 2, widening: 1.1);
        UQMonitorReading reading = monitor.Monitor(predictions, widths);
        Assert.InRange(reading.DriftScore, reading.DriftLimit, 0.2);
        Assert.Empty(reading.Alerts);
    }

    [Fact]
    public void IntervalsAndUnboundedOnesAreTaken()
    {
        UQMonitor monitor = Monitor();
        Interval[] intervals = [new(0, 2), new(double.NegativeInfinity, 5), new(1, 2)];
        UQMonitorReading reading = monitor.Monitor([1, 2, 3], intervals);
        Assert.Equal((2, 1.5, 3), (reading.CurrentStats.Count, reading.CurrentStats.Mean, reading.HistorySize));
    }

    [Fact]
    public void BadInputIsNamedAndNothingIsTaken()
    {
        UQMonitor monitor = Monitor();
        Assert.Contains("got -1 at index 1", Assert.Throws<ArgumentException>("widths", () => monitor.Monitor([1, 2], [1.0, -1])).Message, StringComparison.Ordinal);
        Assert.Contains("got NaN at index 0", Assert.Throws<ArgumentException>("predictions", () => monitor.Monitor([double.NaN], [1.0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("widths", () => monitor.Monitor([1, 2], [1.0]));
        Assert.Equal(0, monitor.Summary().TotalSamples);
        Assert.Throws<ArgumentException>("baselineUncertainty", () => new UQMonitor([], [1, 2, 3]));
        Assert.Throws<ArgumentOutOfRangeException>("WindowSize", () => new UQMonitor([], new double[30], new() { WindowSize = 5 }));
        Assert.Throws<ArgumentOutOfRangeException>("Replicates", () => new UQMonitor([], new double[30], new() { FalseAlarmProbability = 1e-5 }));
    }

    [Fact]
    public void AlertsAreWrittenWithTheGuidesWords() =>
        Assert.Contains("\"uncertainty_spike\"", JsonSerializer.Serialize(new UQAlert(UQAlertType.UncertaintySpike, UQAlertSeverity.High, "x")), StringComparison.Ordinal);

    private static UQMonitor Monitor(ulong stream = 2)
    {
        (double[] predictions, double[] widths) = Rows(500, stream);
        return new UQMonitor(predictions, widths, _options, Stop);
    }

    internal static (double[] Predictions, double[] Widths) Rows(int rows, ulong stream, double shift = 0, double widening = 1)
    {
        Rng rng = Rng.Stream(41, stream);
        double[] predictions = new double[rows], widths = new double[rows];
        for (int i = 0; i < rows; i++) (predictions[i], widths[i]) = (rng.NextNormal() + shift, widening * Math.Exp(0.5 * rng.NextNormal()));
        return (predictions, widths);
    }
}

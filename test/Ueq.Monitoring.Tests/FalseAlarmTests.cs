namespace Ueq.Monitoring.Tests;

public sealed class FalseAlarmTests
{
    private static double Rate(int referenceRows, int window, double probability, int references, int windows)
    {
        int alarms = 0;
        for (ulong run = 0; run < (ulong)references; run++)
        {
            Streams stream = new(100_000 + run);
            DriftMonitor monitor = new(stream.Reference(referenceRows), new() { WindowSize = window, FalseAlarmProbability = probability });
            for (int w = 0; w < windows; w++)
            {
                stream.AddTo(monitor, window);
                if (monitor.Read().State == DriftState.Alert) alarms++;
            }
        }

        return alarms / ((double)references * windows);
    }

    // Six signals and eleven tests: the critical values are those of single tests at 0.002 and less. With 16,000 windows three
    // standard errors are 0.002.
    [Theory]
    [InlineData(200, 100)]
    [InlineData(1000, 100)]
    [InlineData(200, 20)]
    [InlineData(1000, 50)]
    [InlineData(500, 500)]
    public void WithoutDriftWindowsAlarmAboutAsRarelyAsClaimed(int referenceRows, int window)
    {
        double rate = Rate(referenceRows, window, 0.01, references: 400, windows: window > 100 ? 10 : 40);
        TestContext.Current.SendDiagnosticMessage($"reference {referenceRows}, window {window}: {rate} of 0.01");
        Assert.InRange(rate, 0.0005, 0.012);
    }

    [Fact]
    public void ATenTimesRarerClaimIsKeptToo() => Assert.InRange(Rate(1000, 100, 0.001, references: 400, windows: 40), 0, 0.0016);

    [Fact]
    public void TheGuidesThresholdAlarmsOnNoise()
    {
        DriftMonitor monitor = new(new Streams(50).Reference(1000), new() { WindowSize = 20 });
        Streams stream = new(51);
        int warnings = 0;
        for (int w = 0; w < 500; w++)
        {
            stream.AddTo(monitor, 20);
            if (monitor.Read().Status == GuideStatus.Warning) warnings++;
        }

        Assert.InRange(warnings / 500.0, 0.2, 1);
    }
}

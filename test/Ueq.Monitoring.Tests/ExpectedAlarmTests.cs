namespace Ueq.Monitoring.Tests;

public sealed class ExpectedAlarmTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void WithoutAChangeAlarmsAreRarerThanClaimed(int referenceRows)
    {
        const int Runs = 30, Rows = 10_000;
        WatchOptions options = new() { ObservationsPerYear = 10_000, FalseAlarmsPerYear = 0.5 };
        int alarms = 0;
        for (ulong run = 0; run < Runs; run++)
        {
            Streams stream = new(100_000 + run);
            ModelWatch watch = new(stream.Reference(referenceRows), options with { Seed = run });
            stream.AddTo(watch, Rows);
            alarms += watch.TakeTransitions().Count(t => t.To == SignalState.Alarm);
        }

        // Each run lasts a year, so 15 false alarms are expected at most; 29 is beyond a Poisson count of 15 at 0.001.
        TestContext.Current.SendDiagnosticMessage($"reference {referenceRows}: {alarms} of 15");
        Assert.InRange(alarms, 0, 28);
    }
}

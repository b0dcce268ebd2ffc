namespace Ueq.Monitoring.Tests.Alarms;

public sealed class IncidentTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AnAlarmOpensOneIncident()
    {
        IncidentBook book = new();
        Incident opened = book.Apply("m", "1", Step(SignalState.Warning, SignalState.Alarm))!;
        Assert.Equal((IncidentState.Open, IncidentSeverity.Medium, Noon), (opened.State, opened.Severity, opened.OpenedAt));
        Assert.Equal(IncidentEntryKind.Opened, Assert.Single(opened.Timeline).Kind);
        Assert.Equal("x has moved", opened.Message);
        Assert.Same(opened, Assert.Single(book.Incidents));
    }

    [Fact]
    public void TheSameStepToldAgainChangesNothing()
    {
        IncidentBook book = new();
        SignalTransition[] steps =
        [
            Step(SignalState.Healthy, SignalState.Alarm, row: 100), Step(SignalState.Alarm, SignalState.Recovering, row: 700),
            Step(SignalState.Recovering, SignalState.Alarm, row: 800), Step(SignalState.Alarm, SignalState.Recovering, row: 1400),
            Step(SignalState.Recovering, SignalState.Healthy, row: 2000),
        ];
        foreach (SignalTransition step in steps) Assert.NotNull(book.Apply("m", "1", step));
        Incident before = Assert.Single(book.Incidents);
        foreach (SignalTransition step in steps) Assert.Null(book.Apply("m", "1", step));
        Assert.Same(before, Assert.Single(book.Incidents));
        Assert.Equal(
            [IncidentEntryKind.Opened, IncidentEntryKind.Recovering, IncidentEntryKind.Reopened, IncidentEntryKind.Recovering, IncidentEntryKind.Closed],
            before.Timeline.Select(e => e.Kind));
        Assert.Equal((IncidentState.Closed, Noon.AddSeconds(2000)), (before.State, before.ClosedAt!.Value));
    }

    [Fact]
    public void AnAlarmRaisedAgainByARestartedServiceIsTheSameIncident()
    {
        // The watch was saved before the alarm, the incident after it: the same epoch comes twice, some rows later.
        IncidentBook book = new();
        Assert.NotNull(book.Apply("m", "1", Step(SignalState.Healthy, SignalState.Alarm, row: 100)));
        Assert.Null(book.Apply("m", "1", Step(SignalState.Healthy, SignalState.Alarm, row: 130)));
        Assert.Single(Assert.Single(book.Incidents).Timeline);
    }

    [Theory]
    [InlineData("m", "1", "y", 1)]
    [InlineData("m", "1", "x", 2)]
    [InlineData("m", "2", "x", 1)]
    [InlineData("n", "1", "x", 1)]
    [InlineData("m1", "", "x", 1)]
    public void AnotherSignalVersionModelOrEpochIsAnotherIncident(string model, string version, string signal, int epoch)
    {
        IncidentBook book = new();
        book.Apply("m", "1", Step(SignalState.Healthy, SignalState.Alarm));
        Assert.NotNull(book.Apply(model, version, Step(SignalState.Healthy, SignalState.Alarm, signal: signal, epoch: epoch)));
        Assert.Equal(2, book.Incidents.Select(i => i.Id).Distinct().Count());
        Assert.All(book.Incidents, i => Assert.Matches("^[0-9a-f]{16}$", i.Id));
    }

    [Theory]
    [InlineData(SignalState.Learning, SignalState.Healthy)]
    [InlineData(SignalState.Healthy, SignalState.Warning)]
    [InlineData(SignalState.Warning, SignalState.Void)]
    [InlineData(SignalState.Healthy, SignalState.Stale)]
    public void StepsWithoutAnAlarmOpenNothing(SignalState from, SignalState to) => Assert.Null(new IncidentBook().Apply("m", "1", Step(from, to)));

    [Fact]
    public void RebaseliningIsNotedAndTheStepAfterItCloses()
    {
        Incident open = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        Incident closed = Incident.After(open.Rebaselined("ada", "new sensor", Noon.AddHours(1)), "m", "1", Step(SignalState.Alarm, SignalState.Healthy, row: 9000))!;
        Assert.Equal([IncidentEntryKind.Opened, IncidentEntryKind.Rebaselined, IncidentEntryKind.Closed], closed.Timeline.Select(e => e.Kind));
        Assert.Equal(IncidentState.Closed, closed.State);
    }

    [Fact]
    public void TheFirstToTakeNoteIsKeptAndNobodyIsNotedTwice()
    {
        Incident open = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        Incident noted = open.Acknowledge("ada", "", Noon.AddMinutes(1)).Acknowledge("bob", "mine", Noon.AddMinutes(2));
        Assert.Equal("ada", noted.AcknowledgedBy);
        Assert.Equal(3, noted.Timeline.Count);
        Assert.Same(noted, noted.Acknowledge("ada", "", Noon.AddMinutes(3)));
        Assert.Single(open.Timeline);
    }

    [Fact]
    public void AnEffectThatGrowsIsNotedOnce()
    {
        Incident open = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        Assert.Same(open, open.Observe(Signal(SignalState.Alarm, 0.09), Noon));
        Assert.Same(open, open.Observe(Signal(SignalState.Recovering, 0.5), Noon));
        Incident grown = open.Observe(Signal(SignalState.Alarm, 0.2), Noon.AddHours(1));
        Assert.Equal((IncidentSeverity.High, IncidentEntryKind.Evidence), (grown.Severity, grown.Timeline[^1].Kind));
        Assert.Same(grown, grown.Observe(Signal(SignalState.Alarm, 0.3), Noon.AddHours(2)));
        Assert.Equal(IncidentSeverity.High, Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm, effect: 0.1))!.Severity);
    }

    [Fact]
    public void ASilenceHoldsForItsSignalAndItsTime()
    {
        IncidentBook book = new();
        book.Put(new Silence("s", "m", "x", Noon, Noon.AddHours(1), "ada", "works"));
        Assert.True(book.IsSilent("m", "x", Noon));
        Assert.False(book.IsSilent("m", "x", Noon.AddHours(1)));
        Assert.False(book.IsSilent("m", "y", Noon));
        Assert.False(book.IsSilent("n", "x", Noon));
        book.Put(new Silence("all", "m", null, Noon, Noon.AddHours(1), "ada", "works"));
        Assert.True(book.IsSilent("m", "y", Noon));
        Assert.Equal("all", book.Lift("all")!.Id);
        Assert.Null(book.Lift("all"));
        Assert.False(book.IsSilent("m", "y", Noon));

        Incident open = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        Incident silenced = open.Silenced(book.Silences[0]);
        Assert.Contains("works", silenced.Timeline[^1].Text, StringComparison.Ordinal);
        Assert.Same(silenced, silenced.Silenced(book.Silences[0]));
    }

    [Fact]
    public void AnIncidentThatGoesToAndFroKeepsItsBeginningAndItsEnd()
    {
        Incident incident = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        for (int i = 0; i < 2000; i++) incident = incident.Noted("ada", $"note {i}", Noon);
        Assert.Equal(500, incident.Timeline.Count);
        Assert.Equal(IncidentEntryKind.Opened, incident.Timeline[0].Kind);
        Assert.Equal("note 1999", incident.Timeline[^1].Text);
    }

    [Fact]
    public void TheBookForgetsTheOldestClosedIncidents()
    {
        IncidentBook book = new();
        for (int epoch = 1; epoch <= 1200; epoch++)
        {
            book.Apply("m", "1", Step(SignalState.Healthy, SignalState.Alarm, row: 10 * epoch, epoch: epoch));
            if (epoch > 1) book.Apply("m", "1", Step(SignalState.Recovering, SignalState.Healthy, row: 10 * epoch + 5, epoch: epoch));
        }

        Assert.Equal(1001, book.Incidents.Count);
        Assert.Equal(1, book.Incidents[^1].Epoch);
        Assert.Equal(201, book.Incidents[^2].Epoch);
    }

    [Fact]
    public void AStepOfAnotherAlarmIsRefused()
    {
        Incident open = Incident.After(null, "m", "1", Step(SignalState.Healthy, SignalState.Alarm))!;
        Assert.Contains("epoch 2", Assert.Throws<ArgumentException>(() => Incident.After(open, "m", "1", Step(SignalState.Healthy, SignalState.Alarm, epoch: 2))).Message, StringComparison.Ordinal);
    }

    private static SignalTransition Step(SignalState from, SignalState to, long row = 100, string signal = "x", int epoch = 1, double effect = 0.05) => new(
        signal, SignalKind.Feature, epoch, from, to, Noon.AddSeconds(row == 100 ? 0 : row), row, 20, 18, Effect(effect), $"{signal} has moved");

    private static EffectReading Effect(double lower) => new(1000, lower + 0.05, lower, 0.3, 0.2, 0.05, 0.1);

    private static WatchedSignal Signal(SignalState state, double lower) => new(
        "x", SignalKind.Feature, SignalContent.Informative, state, 1, 5000, 30, 18, Effect(lower), 0, Noon, [], null);
}

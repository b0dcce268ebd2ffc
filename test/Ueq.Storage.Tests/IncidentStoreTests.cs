using System.Text.Json;
using Ueq.Monitoring;

namespace Ueq.Storage.Tests;

/// <summary>Incidents, silences and the audit log, whatever the store lies in.</summary>
public abstract class IncidentStoreTests
{
    private static readonly DateTimeOffset Noon = Labels.Noon;

    private protected abstract Task<StoreOptions> Fresh();

    [Fact]
    public async Task AnIncidentComesBackAsItWas()
    {
        StoreOptions options = await Fresh();
        Incident incident = Open("größe \u0001", 1).Acknowledge("ada", "\"mine\"", Noon.AddMinutes(5).AddTicks(3));
        await using (UeqStore store = await Open(options))
        {
            Assert.Null(await store.LoadIncidentAsync(incident.Id, default));
            Assert.True(await store.SaveIncidentAsync(incident, 0, null, default));
        }

        await using UeqStore again = await Open(options);
        StoredIncident stored = (await again.LoadIncidentAsync(incident.Id, default))!;
        Assert.Equal(JsonSerializer.Serialize(incident), JsonSerializer.Serialize(stored.Incident));
        Assert.Equal(1, stored.Revision);
        Assert.Equal(incident.Id, Assert.Single(await again.OpenIncidentsAsync(default)).Incident.Id);
    }

    [Fact]
    public async Task WhoChangesAnOldRevisionIsTold()
    {
        StoreOptions options = await Fresh();
        await using UeqStore one = await Open(options), two = await Open(options);
        Incident incident = Open("x", 1);
        Assert.True(await one.SaveIncidentAsync(incident, 0, null, default));
        Assert.False(await two.SaveIncidentAsync(incident, 0, Audit("a"), default));
        Assert.True(await two.SaveIncidentAsync(incident.Acknowledge("bob", "", Noon), 1, Audit("b"), default));
        Assert.False(await one.SaveIncidentAsync(incident.Acknowledge("ada", "", Noon), 1, Audit("c"), default));
        StoredIncident stored = (await one.LoadIncidentAsync(incident.Id, default))!;
        Assert.Equal((2, "bob"), (stored.Revision, stored.Incident.AcknowledgedBy));
        Assert.Equal("b", Assert.Single(await one.ListAuditAsync(null, 10, default)).Entry.Subject);
    }

    [Fact]
    public async Task TwoWhoOpenTheSameIncidentMakeOne()
    {
        StoreOptions options = await Fresh();
        await using UeqStore one = await Open(options), two = await Open(options);
        bool[] saved = await Task.WhenAll(Enumerable.Range(0, 10).Select(i => (i % 2 == 0 ? one : two).SaveIncidentAsync(Open("x", 1), 0, null, default)));
        Assert.Single(saved, made => made);
        Assert.Single(await one.ListIncidentsAsync(new IncidentQuery(), default));
    }

    [Fact]
    public async Task IncidentsAreFoundByWhatTheyAre()
    {
        await using UeqStore store = await Open(await Fresh());
        for (int i = 0; i < 6; i++) Assert.True(await store.SaveIncidentAsync(Open(i % 2 == 0 ? "x" : "y", i, Noon.AddHours(i)), 0, null, default));
        Incident closed = Close(Open("x", 0, Noon));
        Assert.True(await store.SaveIncidentAsync(closed, 1, null, default));
        async Task<IEnumerable<int>> Epochs(IncidentQuery query) => (await store.ListIncidentsAsync(query, default)).Select(s => s.Incident.Epoch);
        Assert.Equal([5, 4, 3, 2, 1, 0], await Epochs(new IncidentQuery()));
        Assert.Equal([5, 4, 3, 2, 1], await Epochs(new IncidentQuery { State = IncidentState.Open }));
        Assert.Equal([0], await Epochs(new IncidentQuery { State = IncidentState.Closed }));
        Assert.Equal([4, 2, 0], await Epochs(new IncidentQuery { Signal = "x" }));
        Assert.Equal([3, 2], await Epochs(new IncidentQuery { OpenedBefore = Noon.AddHours(4), Limit = 2 }));
        Assert.Empty(await Epochs(new IncidentQuery { Model = "n" }));
        Assert.Empty(await Epochs(new IncidentQuery { Version = "2" }));
        Assert.Equal(5, (await store.OpenIncidentsAsync(default)).Count);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ListIncidentsAsync(new IncidentQuery { Limit = 0 }, default));
    }

    [Fact]
    public async Task SilencesAreKeptAndLiftedWithWhoDidIt()
    {
        StoreOptions options = await Fresh();
        Silence one = new("1", "m", "x", Noon, Noon.AddHours(1), "ada", "works"), all = new("2", "m", null, Noon, Noon.AddHours(2), "bob", "more works");
        await using UeqStore store = await Open(options);
        await store.AddSilenceAsync(all, Audit("2"), default);
        await store.AddSilenceAsync(one, Audit("1"), default);
        await store.AddSilenceAsync(one, Audit("again"), default);
        Assert.Equal([one, all], await store.ListSilencesAsync(Noon, default));
        Assert.Equal([all], await store.ListSilencesAsync(Noon.AddHours(1), default));
        Assert.True(await store.LiftSilenceAsync("2", Audit("2"), default));
        Assert.False(await store.LiftSilenceAsync("2", Audit("2"), default));
        Assert.Equal([one], await store.ListSilencesAsync(Noon, default));
        Assert.Equal(3, (await store.ListAuditAsync(null, 10, default)).Count);
    }

    [Fact]
    public async Task TheAuditLogIsReadBackwardsPageByPage()
    {
        await using UeqStore store = await Open(await Fresh());
        AuditEntry first = new(Noon.AddTicks(7), "ada", "rebaseline", "m", "alarm", "healthy");
        await store.AppendAuditAsync(first, default);
        for (int i = 1; i < 5; i++) await store.AppendAuditAsync(Audit($"{i}"), default);
        IReadOnlyList<StoredAudit> latest = await store.ListAuditAsync(null, 3, default), rest = await store.ListAuditAsync(latest[^1].Sequence, 3, default);
        Assert.Equal(["4", "3", "2"], latest.Select(e => e.Entry.Subject));
        Assert.Equal(["1", "m"], rest.Select(e => e.Entry.Subject));
        Assert.Equal(first, rest[^1].Entry);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => store.ListAuditAsync(null, 1001, default));
    }

    private static AuditEntry Audit(string subject) => new(Noon, "ada", "test", subject, null, null);

    private static Task<UeqStore> Open(StoreOptions options) => UeqStore.OpenAsync(options, TimeProvider.System, default);

    private static SignalTransition Step(string signal, int epoch, SignalState from, SignalState to, DateTimeOffset at) => new(
        signal, SignalKind.Feature, epoch, from, to, at, 100, 20, 18, new EffectReading(1000, 0.2, 0.15, 0.3, 0.2, 0.05, double.NaN), $"{signal} has moved");

    private static Incident Open(string signal, int epoch, DateTimeOffset? at = null) =>
        Incident.After(null, "m", "1", Step(signal, epoch, SignalState.Healthy, SignalState.Alarm, at ?? Noon))!;

    private static Incident Close(Incident incident) =>
        Incident.After(incident, "m", "1", Step(incident.Signal, incident.Epoch, SignalState.Recovering, SignalState.Healthy, Noon.AddDays(1)))!;
}

/// <summary>Incidents in a file.</summary>
public sealed class SqliteIncidentTests : IncidentStoreTests, IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    private protected override Task<StoreOptions> Fresh() => Task.FromResult(new StoreOptions { Store = _folder.Store });
}

/// <summary>Incidents on a server.</summary>
public sealed class PostgresIncidentTests(PostgresCluster cluster) : IncidentStoreTests
{
    private protected override async Task<StoreOptions> Fresh() => new() { Store = await cluster.Fresh() };
}

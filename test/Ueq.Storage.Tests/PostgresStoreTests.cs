namespace Ueq.Storage.Tests;

/// <summary>The store on a server.</summary>
public sealed class PostgresStoreTests(PostgresCluster cluster) : StoreTests
{
    private protected override async Task<StoreOptions> Fresh() => new() { Store = await cluster.Fresh() };

    [Fact]
    public async Task AFullDiskOfTheServerIsSaid()
    {
        string store = await cluster.Fresh();
        await using UeqStore open = await Open(new StoreOptions { Store = store });
        string database = Name(store);
        await cluster.Run(database, "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql");
        await cluster.Run(database, "CREATE TRIGGER full_disk BEFORE INSERT ON ueq_labels FOR EACH ROW EXECUTE FUNCTION full_disk()");
        await Assert.ThrowsAsync<StoreFullException>(() => open.AppendLabelsAsync([Labels.Of(1)], default));
        await cluster.Run(database, "DROP TRIGGER full_disk ON ueq_labels");
        Assert.Equal([true], await open.AppendLabelsAsync([Labels.Of(1)], default));
    }

    [Fact]
    public async Task BrokenConnectionsAreMadeAgain()
    {
        string store = await cluster.Fresh();
        await using UeqStore open = await Open(new StoreOptions { Store = store });
        await open.AppendLabelsAsync([Labels.Of(1)], default);
        await cluster.Run("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name(store)}'");
        Assert.Equal([false, true], await open.AppendLabelsAsync(Labels.Range(1, 2), default));
        await cluster.Run("postgres", $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{Name(store)}'");
        Assert.Equal(2, (await open.All()).Count);
    }

    [Fact]
    public async Task AStoreOfANewerProgramIsLeftAlone()
    {
        string store = await cluster.Fresh();
        await (await Open(new StoreOptions { Store = store })).DisposeAsync();
        await cluster.Run(Name(store), "INSERT INTO ueq_schema VALUES (1000)");
        Assert.Contains("has schema 1000", (await Assert.ThrowsAsync<InvalidDataException>(() => Open(new StoreOptions { Store = store }))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServerThatIsAwayIsNamedWithoutItsPassword()
    {
        StoreUnavailableException e = await Assert.ThrowsAsync<StoreUnavailableException>(() =>
            Open(new StoreOptions { Store = "Host=/nowhere;Database=ueq;Username=ueq;Password=secret", Retries = 1, Patience = TimeSpan.FromSeconds(1) }));
        Assert.Contains("/nowhere", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", e.ToString(), StringComparison.Ordinal);
    }

    private static string Name(string store) => new Npgsql.NpgsqlConnectionStringBuilder(store).Database!;
}

/// <summary>A server that crashes, apart from the other tests' server.</summary>
public sealed class PostgresCrashTests
{
    [Fact]
    public async Task WhatWasAcknowledgedIsThereAfterACrashOfTheServer()
    {
        PostgresCluster cluster = new();
        try
        {
            StoreOptions options = new() { Store = await cluster.Fresh(), Retries = 0, Patience = TimeSpan.FromSeconds(1) };
            await using UeqStore store = await UeqStore.OpenAsync(options, TimeProvider.System, default);
            await store.AppendLabelsAsync(Labels.Range(0, 10), default);
            await cluster.Crash();
            await Assert.ThrowsAsync<StoreUnavailableException>(() => store.AppendLabelsAsync([Labels.Of(10)], default));
            await cluster.Start();
            Assert.Equal(Labels.Range(0, 10), (await store.All()).Select(l => l.Label));
            Assert.Equal([false, true], await store.AppendLabelsAsync(Labels.Range(9, 2), default));
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }
}

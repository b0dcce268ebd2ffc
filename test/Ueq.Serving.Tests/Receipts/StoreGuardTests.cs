using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Ueq.Serving.Keeping;
using Ueq.Storage;
using Ueq.Storage.Tests;

namespace Ueq.Serving.Tests.Receipts;

/// <summary>A store that is away for a moment, and one that is away for longer.</summary>
public sealed class StoreGuardTests(PostgresCluster cluster)
{
    [Fact]
    public async Task LabelsSurviveThatTheDatabaseEndsItsConnections()
    {
        UeqServiceConfig config = new() { ReceiptKey = new string('k', 40), Store = await cluster.Fresh() };
        await using Server server = await Server.Start(Fakes.Sum(reference: true), config);
        await server.Until("/health", h => h.GetProperty("store").GetProperty("state").GetString() == "open");
        for (int i = 0; i < 20; i++)
        {
            JsonElement answer = await server.Predict("""{"X": [[1, 2, 3]], "receipts": true}""");
            await cluster.Run("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'ueq'");
            (int status, string text) = await server.Post("/feedback", $$"""{"labels": [{"receipt": "{{answer.GetProperty("receipts")[0].GetString()}}", "y": 6}]}""");
            Assert.True(status == 200, $"{status}: {text}");
        }

        JsonElement store = (await server.Get("/errors")).Body.GetProperty("circuits").GetProperty("store");
        Assert.True(store.GetProperty("retries").GetInt64() > 0);
        Assert.Equal(20, (await server.Until("/coverage", c => c.GetProperty("labels").GetInt64() >= 20)).GetProperty("labels").GetInt64());
    }

    [Fact]
    public async Task AStoreThatIsAwayIsLeftAloneForAWhile()
    {
        FakeTimeProvider time = new();
        StoreGuard guard = new(time);
        int asked = 0;
        Task<int> Away()
        {
            asked++;
            throw new StoreUnavailableException("gone");
        }

        for (int i = 0; i < 8; i++) Assert.Equal("gone", (await Assert.ThrowsAsync<StoreUnavailableException>(() => guard.Run(Away))).Message);
        Assert.Equal((8, CircuitStatus.Open), (asked, guard.Status));
        Assert.Contains("too many calls before", (await Assert.ThrowsAsync<StoreUnavailableException>(() => guard.Run(Away))).Message, StringComparison.Ordinal);
        Assert.Equal(8, asked);
        time.Advance(TimeSpan.FromSeconds(2.1));
        Assert.Equal(7, await guard.Run(() => Task.FromResult(7)));
        Assert.Equal(CircuitStatus.Closed, guard.Status);
    }

    [Fact]
    public async Task AFullDiskIsAnAnswerAndBreaksNothing()
    {
        StoreGuard guard = new(new FakeTimeProvider());
        for (int i = 0; i < 50; i++) await Assert.ThrowsAsync<StoreFullException>(() => guard.Run<int>(() => throw new StoreFullException("full", null!)));
        Assert.Equal(CircuitStatus.Closed, guard.Status);
    }
}

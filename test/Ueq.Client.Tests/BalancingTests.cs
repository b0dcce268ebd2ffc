namespace Ueq.Client.Tests;

public sealed class BalancingTests
{
    private static readonly float[][] Row = [[1, 2, 3]];
    private static readonly UeqClientOptions Quick = new() { ProbeInterval = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task ThreeHundredRequestsAreAHundredEach()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start(), c = await Replica.Start();
        using UeqClient client = new([a.Address, b.Address, c.Address]);
        await Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (_, stop) => await client.PredictAsync(Row, null, stop));
        Assert.Equal((100, 100, 100), (a.Predictions, b.Predictions, c.Predictions));
    }

    [Fact]
    public async Task AReplicaThatIsKilledFailsNoRequestAndGetsItsShareWhenItIsBack()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start(), c = await Replica.Start();
        using UeqClient client = new([a.Address, b.Address, c.Address], Quick);
        TaskCompletionSource third = new();
        int done = 0;
        Task sending = Parallel.ForAsync(0, 300, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (_, stop) =>
        {
            Assert.Equal([6], (await client.PredictAsync(Row, null, stop)).Predictions);
            if (Interlocked.Increment(ref done) == 100) third.SetResult();
        });
        await third.Task;
        await c.Kill();
        await sending;
        Assert.True(a.Predictions + b.Predictions + c.Predictions >= 300);
        Assert.True(a.Predictions < 300 && b.Predictions < 300);

        await client.PredictAsync(Row);
        await using Replica back = await Replica.Start(address: c.Address);
        await Until(() => client.HealthyAddresses.Count == 3);
        Assert.True(back.Probes > 0);
        (int a0, int b0) = (a.Predictions, b.Predictions);
        for (int i = 0; i < 30; i++) await client.PredictAsync(Row);
        Assert.Equal((10, 10, 10), (a.Predictions - a0, b.Predictions - b0, back.Predictions));
    }

    [Fact]
    public async Task TheShareOfAMissingReplicaIsDividedEvenly()
    {
        await using Replica a = await Replica.Start(), c = await Replica.Start();
        using BadServer b = BadServer.Resets();
        // Never back within the test.
        using UeqClient client = new([a.Address, b.Address, c.Address], new UeqClientOptions { ProbeInterval = TimeSpan.FromHours(1) });
        while (client.HealthyAddresses.Count == 3) await client.PredictAsync(Row);
        (int a0, int c0) = (a.Predictions, c.Predictions);
        for (int i = 0; i < 40; i++) await client.PredictAsync(Row);
        Assert.Equal((20, 20), (a.Predictions - a0, c.Predictions - c0));
        Assert.DoesNotContain(b.Address, client.HealthyAddresses);
    }

    [Fact]
    public async Task WhenNoneIsHealthyAllAreAsked()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start();
        bool closed = true;
        a.Before = b.Before = http =>
        {
            if (closed) http.Response.StatusCode = 503;
            return Task.FromResult(closed);
        };
        using UeqClient client = new([a.Address, b.Address], new UeqClientOptions { Retries = 1, ProbeInterval = TimeSpan.FromHours(1) });
        await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row));
        Assert.Empty(client.HealthyAddresses);
        closed = false;
        // Neither was probed: the answers themselves bring them back.
        await client.PredictAsync(Row);
        Assert.Single(client.HealthyAddresses);
    }

    [Fact]
    public async Task OfTwoChoicesTheLessBusyIsTaken()
    {
        await using Replica a = await Replica.Start(), b = await Replica.Start();
        TaskCompletionSource open = new();
        a.Before = async _ =>
        {
            await open.Task;
            return false;
        };
        using UeqClient client = new([a.Address, b.Address], new UeqClientOptions { Balancing = Balancing.TwoChoices });
        List<Task> waiting = [];
        // Requests to a stay; so after the first of them, b has fewer in flight each time one has ended.
        for (int i = 0; i < 100 || a.Predictions == 0; i++)
        {
            Task<PredictAnswer> request = client.PredictAsync(Row);
            waiting.Add(request);
            await Until(() => request.IsCompleted || a.Predictions > 0);
            if (a.Predictions > 0) break;
        }

        for (int i = 0; i < 50; i++) Assert.Equal(b.Address, (await client.PredictAsync(Row)).Address);
        open.SetResult();
        await Task.WhenAll(waiting);
        Assert.Equal(1, a.Predictions);
    }

    private static async Task Until(Func<bool> hoped)
    {
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(30));
        while (!hoped())
        {
            Assert.False(limit.IsCancellationRequested, "half a minute was not enough");
            await Task.Delay(5);
        }
    }
}

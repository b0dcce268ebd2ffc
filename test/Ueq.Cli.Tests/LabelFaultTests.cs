using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

/// <summary>What becomes of labels when the service is killed, its disk is full or more come than it can take.</summary>
[Trait("Suite", "Faults")]
public sealed class LabelFaultTests : IDisposable
{
    private const int Senders = 3;
    private const int Together = 4;

    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task FiveKillsLoseNoAcknowledgedLabel() => Kill(times: 5);

    [Fact]
    [Trait("Category", "Long")]
    public Task TwoHundredKillsLoseNoAcknowledgedLabel() => Kill(times: 200);

    [Theory]
    [InlineData("garbage")]
    [InlineData("cut")]
    public async Task ATornJournalOpens(string damage)
    {
        string[] receipts;
        using (LabelServer server = await LabelServer.Start(_folder))
        {
            receipts = await server.Receipts(200);
            for (int i = 0; i < 200; i += 10) Assert.Equal(10, (int)(await server.Feedback(receipts[i..(i + 10)])).Answer["accepted"]!);
            server.Kill();
        }

        using (FileStream journal = new(_folder["ueq.db-wal"], FileMode.Open))
        {
            Assert.True(journal.Length > 0);
            if (damage == "cut") journal.SetLength(journal.Length - 100);
            journal.Seek(0, SeekOrigin.End);
            if (damage == "garbage") journal.Write(new byte[5000].Select((_, i) => (byte)(i * 31)).ToArray());
        }

        using LabelServer again = await LabelServer.Start(_folder);
        JsonNode answer = (await again.Feedback(receipts)).Answer;
        // What was cut off is the last transaction; nothing before it is touched.
        int lost = (int)answer["accepted"]!;
        Assert.Equal(200, lost + (int)answer["duplicates"]!);
        Assert.InRange(lost, 0, damage == "cut" ? 199 : 0);
        Assert.Equal(200, await again.Counted(200));
    }

    [Fact]
    public async Task AFullDiskRefusesLabelsAndPredictionsGoOn()
    {
        using LabelServer server = await LabelServer.StartOnASmallDisk(_folder);
        string[] receipts = await server.Receipts(20_000);
        int stored = 0, status = 200;
        for (; stored < receipts.Length && status == 200; stored += status == 200 ? 200 : 0) status = (await server.Feedback(receipts[stored..(stored + 200)])).Status;
        Assert.Equal(507, status);
        Assert.InRange(stored, 200, receipts.Length - 400);
        Assert.Equal(stored, await server.Counted(stored));
        Assert.Single(await server.Receipts(1));
        await server.FreeDisk();
        long started = Stopwatch.GetTimestamp();
        while ((status = (await server.Feedback(receipts[stored..(stored + 200)])).Status) == 507 && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(20)) await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(200, status);
        Assert.Equal(stored + 200, await server.Counted(stored + 200));
        Assert.Equal(stored + 200, (int)(await server.Feedback(receipts[..(stored + 200)])).Answer["duplicates"]!);
    }

    // Two cores in all, and others use them: the bounds are wide, and what is told apart is a wait from none.
    [Fact]
    public async Task AFloodOfLabelsDoesNotHoldUpPredictions()
    {
        using LabelServer server = await LabelServer.Start(_folder);
        string[] receipts = await server.Receipts(20_000);
        await Latency(server, 200);
        double[] calm = await Latency(server, 300);
        using CancellationTokenSource stop = new();
        int answered = 0;
        bool[] acknowledged = new bool[20];
        Task[] flood = [.. Enumerable.Range(0, 6).Select(sender => Task.Run(async () =>
        {
            for (int i = sender; !stop.IsCancellationRequested; i = (i + 6) % 20)
            {
                int status = (await server.Feedback(receipts[(i * 1000)..(i * 1000 + 1000)])).Status;
                Assert.Contains(status, new[] { 200, 503 });
                if (status == 200) acknowledged[i] = true;
                Interlocked.Increment(ref answered);
            }
        }))];
        double[] flooded = await Latency(server, 300);
        await stop.CancelAsync();
        await Task.WhenAll(flood);
        TestContext.Current.SendDiagnosticMessage(
            $"calm: median {calm[150]:0.0} ms, 95 % {calm[285]:0.0} ms; under {answered} requests of 1000 labels: {flooded[150]:0.0} ms, {flooded[285]:0.0} ms");
        long expected = 1000 * acknowledged.Count(a => a);
        Assert.True(expected > 0);
        Assert.Equal(expected, await server.Counted(expected));
    }

    private static async Task<double[]> Latency(LabelServer server, int requests)
    {
        double[] milliseconds = new double[requests];
        for (int i = 0; i < requests; i++)
        {
            long started = Stopwatch.GetTimestamp();
            (int status, _) = await server.Post("/predict", "{\"X\":[[59,2,32.1,101,157,93.2,38,4,4.8598,87]]}");
            milliseconds[i] = Stopwatch.GetElapsedTime(started).TotalMilliseconds;
            Assert.Equal(200, status);
        }

        Array.Sort(milliseconds);
        return milliseconds;
    }

    private async Task Kill(int times)
    {
        HashSet<string> acknowledged = [];
        string[] unknown = [];
        Rng rng = Rng.Stream(200, (ulong)times);
        for (int kill = 0; kill < times; kill++)
        {
            using LabelServer server = await LabelServer.Start(_folder);
            // What was on its way at the last kill was stored or was not, and counts once either way.
            if (unknown.Length > 0)
            {
                JsonNode answer = (await server.Feedback(unknown)).Answer;
                Assert.Equal(unknown.Length, (int)answer["accepted"]! + (int)answer["duplicates"]!);
                acknowledged.UnionWith(unknown);
            }

            string[] receipts = await server.Receipts(Senders * 200);
            ConcurrentBag<string> told = [], asked = [];
            int until = 5 + rng.NextIndex(60), requests = 0;
            await Task.WhenAll(Enumerable.Range(0, Senders).Select(sender => Task.Run(async () =>
            {
                for (int i = 0; i + Together <= 200; i += Together)
                {
                    string[] mine = receipts[(sender * 200 + i)..(sender * 200 + i + Together)];
                    foreach (string receipt in mine) asked.Add(receipt);
                    if (Interlocked.Increment(ref requests) == until) server.Kill();
                    try
                    {
                        (int status, JsonNode answer) = await server.Feedback(mine);
                        Assert.Equal((200, Together), (status, (int)answer["accepted"]!));
                    }
                    catch (Exception gone) when (gone is HttpRequestException or IOException or OperationCanceledException)
                    {
                        return;
                    }

                    foreach (string receipt in mine) told.Add(receipt);
                }
            })));
            acknowledged.UnionWith(told);
            unknown = [.. asked.Except(told)];
        }

        using LabelServer last = await LabelServer.Start(_folder);
        Assert.InRange(acknowledged.Count, times, times * Senders * 200);
        foreach (string[] some in acknowledged.Chunk(5000))
            Assert.Equal(some.Length, (int)(await last.Feedback(some)).Answer["duplicates"]!);
        if (unknown.Length > 0) await last.Feedback(unknown);
        long all = acknowledged.Count + unknown.Length;
        Assert.Equal(all, await last.Counted(all));
    }
}

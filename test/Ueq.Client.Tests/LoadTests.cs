using System.Diagnostics;
using System.Text.Json;
using Ueq.Client.Load;

namespace Ueq.Client.Tests;

public sealed class LoadTests
{
    private static readonly ModelColumn[] Columns = [new("a", "numeric", null, "refused"), new("b", "numeric", null, "refused"), new("c", "numeric", null, "refused")];

    [Fact]
    public async Task EveryRequestIsInTheAccount()
    {
        await using Replica server = await Replica.Start();
        LoadOptions options = new() { Stages = [new(200, TimeSpan.FromSeconds(0.5)), new(400, TimeSpan.FromSeconds(0.5))], Rows = 2 };
        (IReadOnlyList<LoadReport> stages, LoadReport total) = await LoadGenerator.RunAsync([server.Address], new DrawnRows(Columns), options);
        Assert.Equal(server.Predictions, total.Sent);
        Assert.Equal((total.Sent, 0L, 0L), (total.Succeeded, total.Failed, total.Unsent));
        Assert.Equal(total.Sent, total.Outcomes["200"]);
        Assert.Equal((total.Sent, total.Sent), (total.Latency.Count, total.Lag.Count));
        Assert.Equal(total.Sent, stages.Sum(stage => stage.Sent));
        // 100 and 200 are due on average: five standard deviations of Poisson counts.
        Assert.InRange(stages[0].Due, 50, 150);
        Assert.InRange(stages[1].Due, 130, 270);
        Assert.True(total.Latency.Percentile(0.5) >= total.Lag.Percentile(0.01));
    }

    [Fact]
    public async Task AnAnswerIsMeasuredFromWhenItsRequestWasDue()
    {
        await using Replica server = await Replica.Start();
        TimeSpan stall = TimeSpan.FromMilliseconds(600);
        TaskCompletionSource open = new();
        server.Before = async _ =>
        {
            await open.Task;
            return false;
        };
        // One at a time: whoever is due while the first is answered waits, and a closed loop would not have noticed.
        LoadOptions options = new() { Stages = [new(100, TimeSpan.FromSeconds(1))], MostInFlight = 1 };
        Task<(IReadOnlyList<LoadReport>, LoadReport Total)> running = LoadGenerator.RunAsync([server.Address], new DrawnRows(Columns), options);
        long started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < stall) await Task.Delay(10);
        open.SetResult();
        LoadReport total = (await running).Total;
        long due = total.Due;
        Assert.InRange(due, 60, 150);
        // All that was due in the stall waited for it: half of the requests far longer than the service took.
        Assert.True(total.Latency.Percentile(0.9) > TimeSpan.FromMilliseconds(100), total.Latency.Percentile(0.9).ToString());
        Assert.True(total.Lag.Max > TimeSpan.FromMilliseconds(300));
    }

    [Fact]
    public async Task WhatCouldNotBeSentIsSaid()
    {
        await using Replica server = await Replica.Start();
        TaskCompletionSource open = new();
        server.Before = async _ =>
        {
            await open.Task;
            return false;
        };
        LoadOptions options = new() { Stages = [new(200, TimeSpan.FromSeconds(0.5))], MostInFlight = 3 };
        Task<(IReadOnlyList<LoadReport>, LoadReport Total)> running = LoadGenerator.RunAsync([server.Address], new DrawnRows(Columns), options);
        await Task.Delay(700);
        open.SetResult();
        LoadReport total = (await running).Total;
        Assert.Equal(3, total.Sent);
        Assert.InRange(total.Unsent, 47, 147);
        Assert.Equal(total.Sent + total.Unsent, total.Due);
    }

    [Fact]
    public async Task FailuresAreCountedByKind()
    {
        await using Replica server = await Replica.Start();
        server.Before = http =>
        {
            if (server.Predictions % 3 == 1) http.Response.StatusCode = 503;
            if (server.Predictions % 3 == 2) http.Abort();
            return Task.FromResult(server.Predictions % 3 != 0);
        };
        LoadOptions options = new() { Stages = [new(100, TimeSpan.FromSeconds(0.5))], MostInFlight = 1 };
        LoadReport total = (await LoadGenerator.RunAsync([server.Address], new DrawnRows(Columns), options)).Total;
        Assert.Equal(["200", "503", "broken"], total.Outcomes.Keys);
        Assert.Equal(total.Sent, total.Outcomes.Values.Sum());
        Assert.Equal(total.Failed, total.FailureLatency.Count);
        Assert.NotNull(total.FirstError);
        using BadServer gone = BadServer.Resets();
        gone.Dispose();
        LoadReport none = (await LoadGenerator.RunAsync([gone.Address], new DrawnRows(Columns), options)).Total;
        Assert.Equal(["no connection"], none.Outcomes.Keys);
        Assert.Equal(none.Sent, none.Failed);
    }

    [Fact]
    public async Task ACancelledLoadReturnsWhatItMeasured()
    {
        await using Replica server = await Replica.Start();
        using CancellationTokenSource stop = new();
        Task<(IReadOnlyList<LoadReport>, LoadReport Total)> running = LoadGenerator.RunAsync(
            [server.Address], new DrawnRows(Columns), new LoadOptions { Stages = [new(200, TimeSpan.FromHours(1))] }, null, stop.Token);
        while (server.Predictions < 20) await Task.Delay(5);
        await stop.CancelAsync();
        LoadReport total = (await running).Total;
        Assert.Equal((server.Predictions, total.Sent), (total.Sent, total.Succeeded));
    }

    [Fact]
    public void ArrivalsAreAPoissonProcess()
    {
        Arrivals arrivals = new(7);
        double[] gaps = [.. Enumerable.Range(0, 100_000).Select(_ => arrivals.Next(1000).TotalMilliseconds)];
        // Exponential of mean 1: standard deviation 1, and e⁻² of the gaps longer than 2.
        Assert.Equal(1, gaps.Average(), 0.02);
        Assert.Equal(2, gaps.Average(gap => gap * gap), 0.1);
        Assert.Equal(Math.Exp(-2), gaps.Count(gap => gap > 2) / 1e5, 0.005);
    }

    [Fact]
    public void PercentilesAreThoseOfTheSortedTimesToWithinABucket()
    {
        LatencyHistogram histogram = new(), other = new();
        Arrivals random = new(3);
        double[] times = [.. Enumerable.Range(0, 50_000).Select(_ => Math.Exp(20 * random.Share()) / 1000)];
        for (int i = 0; i < times.Length; i++) (i % 2 == 0 ? histogram : other).Add(TimeSpan.FromMicroseconds(times[i]));
        histogram.Merge(other);
        Array.Sort(times);
        foreach (double share in new[] { 0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1 })
        {
            double exact = times[Math.Max(1, (int)Math.Ceiling(share * times.Length)) - 1], told = histogram.Percentile(share).TotalMicroseconds;
            Assert.InRange(told, exact - 0.2, exact * 1.008 + 0.2);
        }

        Assert.Equal(times.Length, histogram.Count);
        Assert.Equal(times[^1], histogram.Max.TotalMicroseconds, 0.2);
        Assert.Equal(times.Average(), histogram.Mean.TotalMicroseconds, 0.2);
        long[] between = histogram.Between([TimeSpan.FromMicroseconds(times[25_000]), histogram.Max]);
        Assert.Equal(times.Length, between.Sum());
        Assert.InRange(between[0], 24_500, 25_010);
        Assert.Equal(0, between[2]);
        Assert.Equal(TimeSpan.Zero, new LatencyHistogram().Percentile(0.5));
    }

    [Fact]
    public void DrawnRowsAreDistributedAsTheReference()
    {
        DrawnRows rows = new([
            new("x", "numeric", null, "refused") { Reference = new ColumnReference { Edges = [1, 2, 4], Counts = [10, 20, 30, 40] } },
            new("c", "categorical", ["red", "green"], "refused") { Reference = new ColumnReference { Counts = [0, 5] } },
        ]);
        int[] bins = new int[4];
        for (int i = 0; i < 20_000; i++)
        {
            using MemoryStream text = new();
            using (Utf8JsonWriter json = new(text)) rows.Write(json, 0);
            JsonElement row = JsonDocument.Parse(text.ToArray()).RootElement;
            double x = row[0].GetDouble();
            bins[x <= 1 ? 0 : x <= 2 ? 1 : x <= 4 ? 2 : 3]++;
            Assert.InRange(x, 0, 6);
            Assert.Equal("green", row[1].GetString());
        }

        for (int i = 0; i < 4; i++) Assert.Equal(0.1 * (i + 1), bins[i] / 20_000.0, 0.02);
    }

    [Fact]
    public async Task TheServiceTellsHowItsColumnsAreDistributedAndDrawnRowsRaiseNoAlarmOfThem()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(reference: true));
        using UeqClient client = new(server.Address);
        ModelColumn[] columns = [.. (await client.ModelInfoAsync()).Features];
        Assert.All(columns, column => Assert.Equal((500, column.Reference!.Edges.Count + 1), (column.Reference!.Counts.Sum(), column.Reference!.Counts.Count)));
        DrawnRows rows = new(columns, 1);
        LoadOptions options = new() { Stages = [new(100, TimeSpan.FromSeconds(0.3))], Rows = 200 };
        LoadReport total = (await LoadGenerator.RunAsync([server.Address], rows, options)).Total;
        Assert.Equal(0, total.Failed);
        MonitoringAnswer watched = await client.MonitoringAsync();
        Assert.DoesNotContain(watched.Signals, signal => signal.State == "alarm");
    }

    [Fact]
    public async Task RowsOfATableAreTakenInTurn()
    {
        TableRows rows = await TableRows.ReadAsync(new MemoryStream("c,b,a\n3,2,1\n6,5,4\n"u8.ToArray()), Columns);
        Assert.Equal(["[1,2,3]", "[4,5,6]", "[1,2,3]"], Enumerable.Range(0, 3).Select(_ =>
        {
            using MemoryStream text = new();
            using (Utf8JsonWriter json = new(text)) rows.Write(json, 0);
            return System.Text.Encoding.UTF8.GetString(text.ToArray());
        }));
        await Assert.ThrowsAsync<InvalidDataException>(() => TableRows.ReadAsync(new MemoryStream("a,b,c\n"u8.ToArray()), Columns));
    }

    [Fact]
    public async Task OptionsAreChecked()
    {
        DrawnRows rows = new(Columns);
        Uri address = new("http://127.0.0.1:1");
        LoadStage second = new(1, TimeSpan.FromSeconds(1));
        foreach (LoadOptions wrong in (LoadOptions[])[new() { Stages = [] }, new() { Stages = [second with { Rate = 0 }] }, new() { Stages = [second with { Rate = double.NaN }] }, new() { Stages = [second], Rows = 0 }, new() { Stages = [second], MostInFlight = 0 }])
            await Assert.ThrowsAnyAsync<ArgumentException>(() => LoadGenerator.RunAsync([address], rows, wrong));
        await Assert.ThrowsAsync<ArgumentException>(() => LoadGenerator.RunAsync([], rows, new LoadOptions { Stages = [second] }));
        Assert.Throws<ArgumentException>(() => new DrawnRows([]));
    }
}

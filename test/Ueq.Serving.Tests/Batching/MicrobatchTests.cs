using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Ueq.Serving.Batching;

namespace Ueq.Serving.Tests.Batching;

/// <summary>Requests that are predicted together: every caller gets its own answer, and nobody suffers for another.</summary>
public sealed class MicrobatchTests
{
    private static readonly UeqServiceConfig Together = new() { Batching = new BatchingConfig { Models = ["*"], Rows = 64, MaxConcurrent = 1 } };

    [Fact]
    [Trait("Suite", "Faults")]
    public async Task OfThousandsOfRequestsEachCallerGetsItsOwn()
    {
        const int Callers = 64, Each = 60;
        await using Server server = await Server.Start(Fakes.Sum(2), Together with { Batching = Together.Batching with { MaxConcurrent = 2 } });
        int answered = 0, poisoned = 0, gone = 0;
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(async () =>
        {
            Rng rng = Rng.Stream(11, (ulong)caller);
            using HttpClient client = new() { BaseAddress = server.Address };
            for (int i = 0; i < Each; i++)
            {
                int rows = 1 + rng.NextIndex(5), id = caller * Each + i;
                double kind = rng.NextUniform();
                double level = rng.NextUniform() < 0.3 ? 0.995 : rng.NextUniform() < 0.5 ? 0.8 : 0.9;
                float[] first = [.. Enumerable.Range(0, rows).Select(r => 1000f + id * 8 + r)];
                if (kind < 0.05) first[rows - 1] = kind < 0.025 ? 66.5f : 77.5f;
                using CancellationTokenSource enough = new();
                if (kind > 0.85) enough.CancelAfter(TimeSpan.FromMilliseconds(rng.NextUniform() * 4));
                string body = string.Create(CultureInfo.InvariantCulture, $"{{\"X\":[{string.Join(",", first.Select(f => string.Create(CultureInfo.InvariantCulture, $"[{f},1]")))}],\"coverage\":{level}}}");
                try
                {
                    using HttpResponseMessage response = await client.PostAsync(new Uri("/predict", UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), enough.Token);
                    string text = await response.Content.ReadAsStringAsync(enough.Token);
                    if (kind < 0.05)
                    {
                        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
                        if (kind >= 0.025) Assert.Contains($"for row {rows - 1},", text, StringComparison.Ordinal);
                        Interlocked.Increment(ref poisoned);
                        continue;
                    }

                    Assert.True(response.StatusCode == HttpStatusCode.OK, text);
                    JsonElement answer = JsonDocument.Parse(text).RootElement;
                    Assert.Equal(first.Select(f => f + 1.0), answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetDouble()));
                    foreach ((JsonElement ends, float f) in answer.GetProperty("uncertainty").EnumerateArray().Zip(first))
                        Assert.Equal(level > 0.99 ? "\"-Infinity\"" : (f - 0.5).ToString(CultureInfo.InvariantCulture), ends[0].GetRawText());
                    Interlocked.Increment(ref answered);
                }
                catch (OperationCanceledException) when (enough.IsCancellationRequested)
                {
                    Interlocked.Increment(ref gone);
                }
            }
        })));
        Assert.Equal(Callers * Each, answered + poisoned + gone);
        Assert.True(answered > 2000 && poisoned > 50 && gone > 0, $"{answered} answered, {poisoned} poisoned, {gone} gone");
        ModelBatches batches = server.Models.Current.Batches!;
        Assert.True(batches.Batches < batches.Requests, "nothing was predicted together");
        Assert.Equal(0, server.Service<PredictionQueue>().Read().WaitingRequests);
    }

    [Fact]
    [Trait("Suite", "Faults")]
    public async Task APoisonRowFailsAlone()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, Together);
        Task<(int Status, string Body)> busy = await Occupy(server, model);
        Task<(int Status, string Body)>[] waiting = [.. new[] { "[1,1],[2,1]", "[66.5,1]", "[3,1]", "[4,1],[77.5,1]" }.Select(rows => server.Post("/predict", $$"""{"X":[{{rows}}]}"""))];
        await Waiting(server, 4);
        model.Open();
        Assert.Equal(200, (await busy).Status);
        (int Status, string Body)[] answers = await Task.WhenAll(waiting);
        Assert.Equal([200, 500, 200, 500], answers.Select(a => a.Status));
        Assert.Contains("for row 1,", answers[3].Body, StringComparison.Ordinal);
        Assert.Contains("[2,3]", answers[0].Body, StringComparison.Ordinal);
        Assert.Equal(1, server.Models.Current.Batches!.Split);
    }

    [Fact]
    public async Task OnlyRequestsOfOneCoverageAreMixed()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, Together);
        Task<(int Status, string Body)> busy = await Occupy(server, model);
        Task<JsonElement>[] waiting = [.. Enumerable.Range(0, 9).Select(i => server.Predict($$"""{"X":[[{{i}},0]],"coverage":{{(i % 3 == 0 ? "0.995" : "0.9")}}}"""))];
        await Waiting(server, 9);
        model.Open();
        await busy;
        JsonElement[] answers = await Task.WhenAll(waiting);
        for (int i = 0; i < 9; i++)
            Assert.Equal(i % 3 == 0 ? "\"-Infinity\"" : (i - 1.5).ToString(CultureInfo.InvariantCulture), answers[i].GetProperty("uncertainty")[0][0].GetRawText());
        Assert.Equal([(3, 0.995), (6, 0.9)], model.Calls.Skip(1).Select(c => (c.Rows, c.Coverage)).Order());
    }

    [Fact]
    public async Task BatchesCountRowsAndALargeRequestGoesAlone()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, Together with { Batching = Together.Batching with { Rows = 5 } });
        Task<(int Status, string Body)> busy = await Occupy(server, model);
        List<Task<JsonElement>> waiting = [];
        foreach (int rows in new[] { 3, 3, 9, 2, 2 })
        {
            waiting.Add(server.Predict($$"""{"X":[{{string.Join(",", Enumerable.Repeat($"[{rows},0]", rows))}}]}"""));
            await Waiting(server, waiting.Count);
        }

        model.Open();
        await busy;
        int[] counts = [.. (await Task.WhenAll(waiting)).Select(a => a.GetProperty("predictions").GetArrayLength())];
        Assert.Equal([3, 3, 9, 2, 2], counts);
        Assert.Equal([5, 5, 9], model.Calls.Skip(1).Select(c => c.Rows));
    }

    [Fact]
    public async Task ADelayedBatchGoesWhenItIsTime()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), Together with { Batching = Together.Batching with { DelayMilliseconds = 20 } });
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => server.Predict($$"""{"X":[[{{i}},1]]}""")));
        Assert.Equal(Enumerable.Range(1, 8).Select(i => (double)i), answers.Select(a => a.GetProperty("predictions")[0].GetDouble()));
    }

    [Fact]
    public async Task ModelsThatAreNotNamedAreAskedAtOnce()
    {
        await using Server server = await Server.Start(
            [new("slow", Fakes.Sum(2)), new("plain", new(Fakes.Sum().Manifest, Fakes.Sum().Regressor!, default, new string('c', 64)))], new UeqServiceConfig { Batching = new BatchingConfig { Models = ["slow"] } });
        Assert.Equal(3, (await server.Predict("""{"model":"slow","X":[[1,2]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.Equal(6, (await server.Predict("""{"model":"plain","X":[[1,2,3]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.Equal([true, false], server.Models.Models.Select(m => m.IsQueued));
        Assert.Equal(1, server.Models.Current.Batches!.Batches);
        await using Server plain = await Server.Start(Fakes.Sum(2));
        Assert.Equal(0, plain.Service<PredictionQueue>().Runners);
    }

    [Fact]
    public async Task ReceiptsAndMonitoringAreEachRequestsOwn()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), Together);
        JsonElement[] answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i =>
            server.Predict($$"""{"X":[[{{i}},0,0]],"receipts":true,"monitor":{{(i < 15 ? "true" : "false")}}}""")));
        Assert.Equal(20, answers.Select(a => a.GetProperty("receipts")[0].GetString()).Distinct().Count());
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 15);
    }

    /// <summary>Has the only thread work on a request until the gate opens.</summary>
    internal static async Task<Task<(int Status, string Body)>> Occupy(Server server, GatedModel model)
    {
        model.Close();
        Task<(int Status, string Body)> busy = server.Post("/predict", """{"X":[[0,0]],"coverage":0.5}""");
        while (model.Calls.IsEmpty) await Task.Delay(1);
        return busy;
    }

    internal static async Task Waiting(Server server, int requests)
    {
        while (server.Service<PredictionQueue>().Read().WaitingRequests != requests) await Task.Delay(1);
    }
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Ueq.Serving.Batching;

namespace Ueq.Serving.Tests.Batching;

/// <summary>Requests that wait: bounded, by priority, until their deadline, while somebody is there for the answer.</summary>
public sealed class QueueTests
{
    private static readonly UeqServiceConfig OneByOne = new() { Batching = new BatchingConfig { MaxConcurrent = 1 } };

    [Fact]
    public async Task WhoIsGoneIsNotComputed()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, OneByOne);
        Task busy = await MicrobatchTests.Occupy(server, model);
        using CancellationTokenSource enough = new();
        Task<HttpResponseMessage> gone = server.Client.PostAsync(new Uri("/predict", UriKind.Relative), Body("""{"X":[[555,0]]}"""), enough.Token);
        await MicrobatchTests.Waiting(server, 1);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gone);
        await MicrobatchTests.Waiting(server, 0);
        model.Open();
        await busy;
        Assert.Equal(8, (await server.Predict("""{"X":[[7,1]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.DoesNotContain(model.Calls, c => c.First == 555);
        Assert.Equal(1, server.Service<PredictionQueue>().Read().Gone);
    }

    [Theory]
    [InlineData("""{"X":[[555,0]],"timeout_ms":30}""", null)]
    [InlineData("""{"X":[[555,0]]}""", "30")]
    [InlineData("""{"X":[[555,0]],"timeout_ms":30}""", "60000")]
    public async Task WhoseTimeIsUpIsToldWhileOthersAreStillComputed(string body, string? header)
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, OneByOne);
        Task busy = await MicrobatchTests.Occupy(server, model);
        using HttpResponseMessage late = await Send(server, body, (RequestTerms.TimeoutHeader, header));
        Assert.Equal(504, (int)late.StatusCode);
        Assert.Contains("did not come within its 30 ms", await late.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(busy.IsCompleted);
        model.Open();
        await busy;
        Assert.DoesNotContain(model.Calls, c => c.First == 555);
        Assert.Equal(0, (await server.Get("/health")).Body.GetProperty("error_count").GetInt64());
        using HttpResponseMessage inTime = await Send(server, """{"X":[[1,1]],"timeout_ms":86400000,"priority":"low"}""", (RequestTerms.PriorityHeader, "high"));
        Assert.Equal(200, (int)inTime.StatusCode);
    }

    [Fact]
    public async Task WhatHasNoRoomIsRefusedAndHigherPriorityTakesThePlaceOfLower()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, new UeqServiceConfig { Batching = new BatchingConfig { MaxConcurrent = 1, MaxWaitingRows = 3 } });
        Task busy = await MicrobatchTests.Occupy(server, model);
        Task<HttpResponseMessage> low = Send(server, """{"X":[[3,0],[3,0]],"priority":"low"}""");
        await MicrobatchTests.Waiting(server, 1);
        Task<HttpResponseMessage> normal = Send(server, """{"X":[[2,0]]}""");
        await MicrobatchTests.Waiting(server, 2);
        using (HttpResponseMessage refused = await Send(server, """{"X":[[4,0]]}""", (RequestTerms.PriorityHeader, "low")))
        {
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.Equal("1", refused.Headers.RetryAfter?.ToString());
        }

        Task<HttpResponseMessage> high = Send(server, """{"X":[[1,0]]}""", (RequestTerms.PriorityHeader, "high"));
        Assert.Equal(503, (int)(await low).StatusCode);
        await MicrobatchTests.Waiting(server, 2);
        Task<HttpResponseMessage> second = Send(server, """{"X":[[2.5,0]]}""");
        await MicrobatchTests.Waiting(server, 3);
        using (HttpResponseMessage refused = await Send(server, """{"X":[[4,0]]}""")) Assert.Equal(503, (int)refused.StatusCode);
        model.Open();
        await busy;
        foreach (Task<HttpResponseMessage> each in new[] { normal, high, second }) Assert.Equal(200, (int)(await each).StatusCode);
        Assert.Equal([1, 2, 2.5f], model.Calls.Skip(1).Select(c => c.First));
        QueueReading queue = server.Service<PredictionQueue>().Read();
        Assert.Equal((2, 1, 0), (queue.Refused, queue.Displaced, queue.WaitingRows));
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("ueq_queue_dropped_total{reason=\"displaced\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("ueq_refused_requests_total{status=\"503\"} 3", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARequestLargerThanTheBoundIsTakenWhenNothingWaits()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), new UeqServiceConfig { Batching = new BatchingConfig { MaxConcurrent = 1, MaxWaitingRows = 1 } });
        Assert.Equal(3, (await server.Predict("""{"X":[[1,0],[2,0],[3,0]],"batch_size":1}""", "/predict_large")).GetProperty("predictions").GetArrayLength());
    }

    [Fact]
    public async Task AStreamWaitsForItsTurnHoweverManyOthersDo()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, new UeqServiceConfig { Batching = new BatchingConfig { MaxConcurrent = 1, MaxWaitingRows = 1 } });
        Task busy = await MicrobatchTests.Occupy(server, model);
        Task<(int Status, string Body)> waiting = server.Post("/predict", """{"X":[[1,0]]}""");
        await MicrobatchTests.Waiting(server, 1);
        Task<(int Status, string Body)> stream = server.Post("/predict_large", "[5,0]\n[66.5,0]\n[6,0]\n", "application/x-ndjson");
        await MicrobatchTests.Waiting(server, 2);
        model.Open();
        await busy;
        Assert.Equal(200, (await waiting).Status);
        string[] lines = (await stream).Body.Split('\n');
        Assert.StartsWith("{\"prediction\":5,", lines[0], StringComparison.Ordinal);
        Assert.Contains("the model failed on this row", lines[1], StringComparison.Ordinal);
        Assert.Contains("\"rows\":2,\"errors\":1", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnderTwiceTheLoadSomeAreRefusedTheRestIsRightAndItIsOverWhenTheLoadIs()
    {
        using GatedModel model = new() { Pause = TimeSpan.FromMilliseconds(2) };
        await using Server server = await Server.Start(model.Version, new UeqServiceConfig { Batching = new BatchingConfig { MaxConcurrent = 2, MaxWaitingRows = 14 } });
        ConcurrentBag<int> answers = [];
        // Two are computed and fourteen wait: of 32 callers half must hear no.
        await Task.WhenAll(Enumerable.Range(0, 32).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; i < 40; i++)
            {
                using HttpResponseMessage response = await Send(server, $$"""{"X":[[{{caller}},{{i}}]]}""");
                answers.Add((int)response.StatusCode);
                if ((int)response.StatusCode == 503) Assert.NotNull(response.Headers.RetryAfter);
                else Assert.Contains($"\"predictions\":[{caller + i}]", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            }
        })));
        Assert.Equal([200, 503], answers.Distinct().Order());
        Assert.True(model.MostRunning <= 2, $"{model.MostRunning} ran at a time");
        for (int i = 0; i < 20; i++) Assert.Equal(i, (await server.Predict($$"""{"X":[[{{i}},0]]}""")).GetProperty("predictions")[0].GetDouble());
        QueueReading queue = server.Service<PredictionQueue>().Read();
        Assert.Equal((0, 0, 0L), (queue.WaitingRequests, queue.WaitingRows, queue.Late));
        Assert.Equal(answers.Count(a => a == 503), queue.Refused);
    }

    [Theory]
    [InlineData("""{"X":[[1,1]],"timeout_ms":0}""", null, null, "$.timeout_ms: expected a whole number of milliseconds from 1 to 86400000, got 0")]
    [InlineData("""{"X":[[1,1]],"timeout_ms":"5"}""", null, null, "$.timeout_ms: expected")]
    [InlineData("""{"X":[[1,1]],"priority":"urgent"}""", null, null, "$.priority: expected high, normal or low, got \"urgent\"")]
    [InlineData("""{"X":[[1,1]],"priority":1}""", null, null, "$.priority: expected")]
    [InlineData("""{"X":[[1,1]]}""", "-5", null, "X-Request-Timeout-Ms: expected a whole number of milliseconds from 1 to 86400000, got \"-5\"")]
    [InlineData("""{"X":[[1,1]]}""", null, "HIGH", "X-Request-Priority: expected high, normal or low, got \"HIGH\"")]
    public async Task BadTermsAreSaid(string body, string? timeout, string? priority, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum(2), OneByOne);
        using HttpResponseMessage response = await Send(server, body, (RequestTerms.TimeoutHeader, timeout), (RequestTerms.PriorityHeader, priority));
        Assert.Equal(400, (int)response.StatusCode);
        string error = System.Text.Json.JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement.GetProperty("error").GetString()!;
        Assert.StartsWith(said, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatWaitsIsAnsweredWhenTheServiceStops()
    {
        using GatedModel model = new();
        Server server = await Server.Start(model.Version, OneByOne);
        Task<(int Status, string Body)> busy = await MicrobatchTests.Occupy(server, model);
        Task<(int Status, string Body)> waiting = server.Post("/predict", """{"X":[[1,0]]}""");
        await MicrobatchTests.Waiting(server, 1);
        server.Lifetime.StopApplication();
        model.Open();
        Assert.Equal([200, 200], (await Task.WhenAll(busy, waiting)).Select(a => a.Status));
        await server.DisposeAsync();
    }

    private static StringContent Body(string json) => new(json, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static async Task<HttpResponseMessage> Send(Server server, string body, params (string Name, string? Value)[] headers)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(server.Address, "/predict")) { Content = Body(body) };
        foreach ((string name, string? value) in headers)
            if (value is not null) request.Headers.Add(name, value);
        return await server.Client.SendAsync(request);
    }
}

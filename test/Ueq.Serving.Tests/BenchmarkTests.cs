using System.Text.Json;

namespace Ueq.Serving.Tests;

public sealed class BenchmarkTests
{
    [Fact]
    public async Task BothMethodsAreMeasuredInTheShapeOfTheGuide()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        JsonElement answer = await server.Predict("""{"X": [[1, 2, 3], [4, 5, 6]]}""", "/benchmark?seconds=0.1&warmup_runs=2");
        foreach (string method in new[] { "predict", "predict_with_uncertainty" })
        {
            JsonElement reading = answer.GetProperty(method), timing = reading.GetProperty("timing");
            Assert.True(reading.GetProperty("success").GetBoolean());
            double median = timing.GetProperty("median").GetDouble();
            Assert.InRange(median, 1e-9, 1);
            Assert.Equal(median, timing.GetProperty("execution_time").GetDouble());
            Assert.InRange(timing.GetProperty("fastest").GetDouble(), 1e-9, median);
            Assert.True(timing.GetProperty("p99").GetDouble() >= median);
            Assert.InRange(timing.GetProperty("timestamp").GetDouble(), 1.7e9, 1e10);
            Assert.Equal(2, timing.GetProperty("warmup_runs").GetInt32());
            Assert.True(timing.GetProperty("runs").GetInt32() >= 5);
            Assert.Equal(0, timing.GetProperty("allocated_bytes").GetDouble());
            Assert.Equal(2 / median, reading.GetProperty("rows_per_second").GetDouble(), 1e-6 * 2 / median);
        }

        Assert.Equal(2, answer.GetProperty("rows").GetInt32());
        Assert.Equal("success", answer.GetProperty("status").GetString());
        // Nobody was told: neither the monitor nor the counts of predictions.
        JsonElement health = (await server.Get("/health")).Body;
        Assert.Equal(0, health.GetProperty("request_count").GetInt64());
    }

    [Fact]
    public async Task AModelThatFailsIsAResultAndTheNextOneRuns()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body) = await server.Post("/benchmark?seconds=0.05", """{"X": [[77.5, 2, 1]]}""");
        Assert.Equal(200, status);
        JsonElement answer = JsonDocument.Parse(body).RootElement;
        Assert.Equal("error", answer.GetProperty("status").GetString());
        Assert.False(answer.GetProperty("predict").GetProperty("success").GetBoolean());
        Assert.Contains("the model answered NaN for row 0", answer.GetProperty("predict").GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("success", (await server.Predict("""{"X": [[1, 2, 3]]}""", "/benchmark?seconds=0.05")).GetProperty("status").GetString());
    }

    [Fact]
    public async Task OneRunsAtATimeAndPredictionsGoOn()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        string large = "{\"X\": [" + string.Join(',', Enumerable.Repeat("[1, 2, 3]", 5000)) + "]}";
        Task<(int Status, string Body)>[] all = [.. Enumerable.Range(0, 8).Select(_ => server.Post("/benchmark?seconds=1", large))];
        (int Status, string Body) refused = await await Task.WhenAny(all);
        Assert.Equal(503, refused.Status);
        Assert.Contains("one benchmark at a time", refused.Body, StringComparison.Ordinal);
        Assert.Equal(6, (await server.Predict("""{"X": [[1, 2, 3]]}""")).GetProperty("predictions")[0].GetDouble());
        Assert.Contains(await Task.WhenAll(all), answer => answer.Status == 200);
        Assert.Equal(200, (await server.Post("/benchmark?seconds=0.01", """{"X": [[1, 2, 3]]}""")).Status);
    }

    [Theory]
    [InlineData("/benchmark?seconds=60", """{"X": [[1, 2, 3]]}""", 400, "?seconds: expected a number from 0.01 to 10, got \\\"60\\\"")]
    [InlineData("/benchmark?warmup_runs=-1", """{"X": [[1, 2, 3]]}""", 400, "?warmup_runs")]
    [InlineData("/benchmark?second=1", """{"X": [[1, 2, 3]]}""", 400, "did you mean \\\"seconds\\\"")]
    [InlineData("/benchmark", """{"X": [[1, 2]]}""", 400, "$.X[0]")]
    [InlineData("/benchmark", """{"methods": {}}""", 400, "$.methods")]
    [InlineData("/benchmark?model=nobody", """{"X": [[1, 2, 3]]}""", 404, "nobody")]
    public async Task WhatIsWrongIsSaid(string path, string body, int status, string expected)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int answered, string text) = await server.Post(path, body);
        Assert.Equal(status, answered);
        Assert.Contains(expected, text.Replace("\\u0022", "\\\"", StringComparison.Ordinal), StringComparison.Ordinal);
    }
}

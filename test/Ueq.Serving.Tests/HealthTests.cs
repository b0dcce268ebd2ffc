using System.Text.Json;
using Ueq.Monitoring;
using Ueq.Serving.Watching;

namespace Ueq.Serving.Tests;

public sealed class HealthTests
{
    private static readonly string Drifted = $"{{\"X\":[{string.Join(",", Enumerable.Repeat("[90,90,90]", 300))}]}}";

    [Fact]
    public async Task HealthHasTheGuidesNamesAndInventsNoZeros()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        (int status, JsonElement health) = await server.Get("/health");
        Assert.Equal(200, status);
        Assert.True(health.GetProperty("is_healthy").GetBoolean());
        Assert.Equal("learning", health.GetProperty("monitoring").GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, health.GetProperty("monitoring").GetProperty("recent_drift_score").ValueKind);
        foreach (string unknown in new[] { "recent_mse", "recent_mae", "recent_rmse", "avg_inference_time", "p50_inference_time", "p99_inference_time", "avg_latency", "p95_latency", "avg_throughput" })
            Assert.Equal(JsonValueKind.Null, health.GetProperty("performance").GetProperty(unknown).ValueKind);

        await server.Predict("""{"X":[[1,2,3],[1,2,3]]}""");
        // Before the first collection the runtime does not know how much memory is used.
        GC.Collect();
        await server.Post("/predict", """{"X":[[1]]}""");
        await server.Post("/predict", """{"X":[[66.5,1,1]]}""");
        health = (await server.Get("/health")).Body;
        Assert.Equal(3, health.GetProperty("request_count").GetInt64());
        Assert.Equal(1, health.GetProperty("error_count").GetInt64());
        Assert.Equal(1 / 3.0, health.GetProperty("error_rate").GetDouble());
        Assert.Equal(2, health.GetProperty("performance").GetProperty("total_samples").GetInt64());
        Assert.True(health.GetProperty("performance").GetProperty("avg_inference_time").GetDouble() > 0);
        JsonElement performance = health.GetProperty("performance");
        Assert.Equal(performance.GetProperty("avg_inference_time").GetDouble(), performance.GetProperty("avg_latency").GetDouble());
        Assert.True(performance.GetProperty("p95_latency").GetDouble() > 0);
        Assert.True(performance.GetProperty("avg_throughput").GetDouble() > 0);
        Assert.InRange(performance.GetProperty("avg_memory_usage").GetDouble(), 0, 1);
        Assert.True(performance.GetProperty("avg_cpu_usage").GetDouble() >= 0);
        Assert.Equal(3, performance.GetProperty("total_requests").GetInt64());
        // What the machine does meanwhile may alert; three requests may not.
        Assert.DoesNotContain(performance.GetProperty("alerts").EnumerateArray(), alert => alert.GetProperty("type").GetString() is "high_latency" or "high_error_rate");
        Assert.True(health.GetProperty("last_health_check").GetDouble() > 1e9);
        Assert.InRange(health.GetProperty("uptime").GetDouble(), 1e-6, 60);
    }

    [Theory]
    [InlineData(HealthPolicy.Honest, 200)]
    [InlineData(HealthPolicy.Guide, 503)]
    public async Task DriftIsShownAndMakesOnlyTheGuidesHealthFail(HealthPolicy policy, int expected)
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { HealthPolicy = policy, DwellSeconds = 0 });
        await server.Predict(Drifted);
        // Rows are looked at in the background: asking for the health hands them on, the next answers know.
        JsonElement monitoring = await server.Until("/health", h => h.GetProperty("monitoring").GetProperty("state").GetString() == "alarm");
        monitoring = (await server.Predict("""{"X":[[90,90,90]]}""")).GetProperty("monitoring");
        Assert.Equal("alarm", monitoring.GetProperty("state").GetString());
        Assert.Equal("drift", monitoring.GetProperty("alerts")[0].GetProperty("type").GetString());
        Assert.Equal("high", monitoring.GetProperty("alerts")[0].GetProperty("severity").GetString());
        Assert.Equal(3, monitoring.GetProperty("baseline_stats").GetProperty("mean").GetDouble(), 6);
        (int status, JsonElement health) = await server.Get("/health");
        Assert.Equal(expected, status);
        Assert.Equal(expected == 200, health.GetProperty("is_healthy").GetBoolean());
        Assert.True(health.GetProperty("monitoring").GetProperty("alerts_count").GetInt64() > 0);

        // Rows as the reference's were: the alarm ends, and the guide's health recovers too.
        Rng rng = Rng.Stream(3, 2);
        string[] rows = new string[5000];
        for (int i = 0; i < rows.Length; i++) rows[i] = FormattableString.Invariant($"[{rng.NextNormal():0.0000},{rng.NextNormal():0.0000},{rng.NextNormal():0.0000}]");
        await server.Predict($"{{\"X\":[{string.Join(",", rows)}]}}");
        await server.Until("/health", h => h.GetProperty("is_healthy").GetBoolean() && h.GetProperty("monitoring").GetProperty("state").GetString() == "healthy");
    }

    [Fact]
    public async Task TheErrorRateMakesTheGuidesHealthFail()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { HealthPolicy = HealthPolicy.Guide });
        await server.Post("/predict", """{"X":[[66.5,1,1]]}""");
        Assert.Equal(503, (await server.Get("/health")).Status);
        for (int i = 0; i < 19; i++) await server.Predict("""{"X":[[1,1,1]]}""");
        Assert.Equal(200, (await server.Get("/health")).Status);
    }

    [Fact]
    public async Task UnmonitoredRowsDoNotReachTheMonitor()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Predict(Drifted.Replace("}", ",\"monitor\":false}", StringComparison.Ordinal));
        JsonElement monitoring = (await server.Get("/health")).Body.GetProperty("monitoring");
        Assert.Equal("learning", monitoring.GetProperty("state").GetString());
    }

    [Fact]
    public void AMonitorThatFailsIsCountedAndHeardNoMore()
    {
        FeatureSchema schema = FeatureSchema.Numeric(1);
        float[] values = [.. Enumerable.Range(0, 100).Select(i => (float)i)];
        double[] numbers = [.. values.Select(v => (double)v)];
        using ModelMonitor monitor = new(DriftReference.From(schema, new FeatureMatrix(values, 1), numbers, numbers), null, new UeqServiceConfig(), TimeProvider.System);
        monitor.Add(new FeatureMatrix(new float[4], 2), new double[2], new double[2], default);
        Assert.Equal(1, monitor.Errors);
        Assert.Equal(SignalState.Learning, monitor.Read()!.State);
    }

    [Fact]
    public async Task ModelInfoSaysWhatIsServedAndPromised()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed), new UeqServiceConfig { Coverage = new Coverage(0.8) });
        (int status, JsonElement info) = await server.Get("/model_info");
        Assert.Equal(200, status);
        Assert.Equal("regression", info.GetProperty("model_type").GetString());
        Assert.Equal("split", info.GetProperty("method").GetString());
        Assert.Equal("fake", info.GetProperty("model_class").GetString());
        Assert.Equal(
            """{"kind":"split_conformal","nominal":0.8,"rank":81,"n":100,"proven":0.801980198019802,"bounded":true}""",
            info.GetProperty("guarantee").GetRawText());
        Assert.Equal(
            """{"name":"colour","kind":"categorical","categories":["red","green","7"],"missing":"refused"}""",
            info.GetProperty("features")[1].GetRawText());
        Assert.Equal(JsonValueKind.Null, info.GetProperty("classes").ValueKind);
        Assert.Equal("y", info.GetProperty("target").GetString());
        Assert.Equal(Fakes.Digest, info.GetProperty("digest").GetString());
        Assert.Equal(100, info.GetProperty("metrics").GetProperty("n_train").GetDouble());

        await using Server classes = await Server.Start(Fakes.Classes("a", "b", "c"));
        info = (await classes.Get("/model_info")).Body;
        Assert.Equal("classification", info.GetProperty("model_type").GetString());
        Assert.Equal("""["a","b","c"]""", info.GetProperty("classes").GetRawText());
    }

    [Fact]
    public async Task ModelInfoNamesTheMembersOfAnEnsemble()
    {
        await using Server server = await Server.Start(Fakes.Ensemble());
        JsonElement info = (await server.Get("/model_info")).Body;
        Assert.Equal(2, info.GetProperty("n_models").GetInt32());
        Assert.Equal("""["FunctionPredictor","FunctionPredictor"]""", info.GetProperty("model_classes").GetRawText());
        Assert.Equal("""{"names":["one","two"],"aggregation_method":"weighted_mean","weights":[0.75,0.25]}""", info.GetProperty("ensemble_info").GetRawText());
    }

    [Fact]
    public async Task TheIndexListsWhatThereIs()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Assert.Contains("POST /predict", (await server.Get("/")).Body.GetRawText(), StringComparison.Ordinal);
    }
}

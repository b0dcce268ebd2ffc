using System.Net;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.Client.Tests;

public sealed class ClientTests
{
    private static readonly float[][] Row = [[1, 2, 3]];

    [Fact]
    public async Task ARegressionIsAnsweredTyped()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(reference: true));
        using UeqClient client = new(server.Address);
        PredictAnswer answer = await client.PredictAsync([[1f, 2f, 3f], [4f, 5f, 6f]], new PredictOptions { Coverage = 0.95, Receipts = true, Groups = ["north", null] });
        Assert.Equal([6, 15], answer.Predictions);
        Assert.Equal([new PredictedInterval(4.5, 7.5), new PredictedInterval(13.5, 16.5)], answer.Intervals);
        Assert.Equal(0.95, answer.Coverage);
        Assert.Equal(2, answer.Receipts.Count);
        Assert.Equal("learning", answer.Monitoring!.State);
        Assert.True(long.Parse(answer.RequestId!) > 0);
        Assert.Equal(server.Address, answer.Address);
        Assert.Empty(answer.Labels);
    }

    [Fact]
    public async Task AnUnboundedIntervalIsInfinite()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        PredictedInterval interval = Assert.Single((await client.PredictAsync(Row, new PredictOptions { Coverage = 0.999 })).Intervals);
        Assert.Equal(new PredictedInterval(double.NegativeInfinity, double.PositiveInfinity), interval);
        Assert.False(interval.IsBounded);
    }

    [Fact]
    public async Task WithoutUncertaintyThereAreOnlyPredictions()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        PredictAnswer answer = await client.PredictAsync(new float[] { 1, 2, 3, 4, 5, 6 }, 3, new PredictOptions { Uncertainty = false, Monitor = false });
        Assert.Equal([6, 15], answer.Predictions);
        Assert.Empty(answer.Intervals);
        Assert.Null(answer.Monitoring);
    }

    [Fact]
    public async Task AClassificationIsAnsweredTyped()
    {
        await using Replica server = await Replica.Start(Fakes.Classes("a", "b", "c"));
        using UeqClient client = new(server.Address);
        PredictAnswer answer = await client.PredictAsync([[1.0, 2.0], [0.0, 0.0]]);
        Assert.Equal(["b", "a"], answer.PredictedLabels);
        Assert.Equal(["a", "b", "c"], answer.Labels);
        Assert.Equal(["b", "c"], answer.Sets[0]);
        Assert.Empty(answer.Sets[1]);
        Assert.Equal([0.1, 0.7, 0.2], answer.Probabilities[0]);
        Assert.Empty(answer.Predictions);
    }

    [Fact]
    public async Task ClassesThatAreNumbersAreTexts()
    {
        await using Replica server = await Replica.Start(Fakes.Classes("0", "1", "2"));
        using UeqClient client = new(server.Address);
        PredictAnswer answer = await client.PredictAsync([[2f, 1f]]);
        Assert.Equal(["2"], answer.PredictedLabels);
        Assert.Equal(["0", "1", "2"], answer.Labels);
    }

    [Fact]
    public async Task TextsAndMissingValuesGoWithNumbers()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(Fakes.Mixed));
        using UeqClient client = new(server.Address);
        FeatureValue[][] x = [[10, "red", 5.5], [10, "green", FeatureValue.Missing]];
        Assert.Equal([16.5, -989], (await client.PredictAsync(x)).Predictions);
    }

    [Fact]
    public async Task LabelsCountOnceAndForgedOnesAreSaid()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        string receipt = (await client.PredictAsync(Row, new PredictOptions { Receipts = true })).Receipts[0];
        Assert.Equal((1L, 0L, "success"), Told(await client.FeedbackAsync([new Label(receipt, 6.5)])));
        Assert.Equal((0L, 1L, "success"), Told(await client.FeedbackAsync([new Label(receipt, 6.5)])));
        FeedbackAnswer none = await client.FeedbackAsync([new Label("nonsense", 1)]);
        Assert.Equal((0L, 0L, "error"), Told(none));
        Assert.Equal(new RejectedLabel(0, "unreadable"), Assert.Single(none.Rejected));

        static (long, long, string) Told(FeedbackAnswer answer) => (answer.Accepted, answer.Duplicates, answer.Status);
    }

    [Fact]
    public async Task StatusIsTyped()
    {
        await using Replica server = await Replica.Start(Fakes.Sum(Fakes.Mixed, reference: true));
        using UeqClient client = new(server.Address);
        FeatureValue[][] x = [[10, "red", 5.5]];
        await client.PredictAsync(x);
        HealthAnswer health = await client.HealthAsync();
        Assert.True(health is { IsHealthy: true, RequestCount: > 0, ErrorCount: 0, Uptime: >= 0 });
        Assert.True(health.Document.TryGetProperty("store", out _));
        ModelInfoAnswer model = await client.ModelInfoAsync();
        Assert.Equal(("regression", "split", "fake", "y", Fakes.Digest), (model.ModelType, model.Method, model.ModelClass, model.Target, model.Digest));
        Assert.Equal(("split_conformal", 0.9, 91L, 100L), (model.Guarantee!.Kind, model.Guarantee.Nominal, model.Guarantee.Rank, model.Guarantee.N));
        Assert.Equal(["age", "colour", "income"], model.Features.Select(f => f.Name));
        Assert.Equal([false, true, false], model.Features.Select(f => f.IsCategorical));
        Assert.Equal([false, false, true], model.Features.Select(f => f.AllowsMissing));
        CoverageAnswer coverage = await client.CoverageAsync();
        Assert.True(coverage is { Labels: 0, Nominal: 0.9, Covered: null });
        MonitoringAnswer monitoring = await client.MonitoringAsync();
        Assert.Equal(1, monitoring.Rows);
        Assert.Contains(monitoring.Signals, signal => signal is { Name: "age", Kind: "feature", Rows: 1 });
    }

    [Fact]
    public async Task AnIllServiceIsAnAnswer()
    {
        await using Replica server = await Replica.Start(config: new UeqServiceConfig { HealthPolicy = HealthPolicy.Guide, MaxErrorRate = 0.01 });
        using UeqClient client = new(server.Address);
        await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync([[66.5f, 1f, 1f]]));
        Assert.False((await client.HealthAsync()).IsHealthy);
    }

    [Fact]
    public async Task ARefusalSaysWhatTheServiceSaysAndIsNotRepeated()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        UeqClientException refused = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync([[1f, 2f]]));
        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal("$.X[0]: expected 3 values in a row, found 2", refused.Error);
        Assert.Equal((false, 1, server.Address), (refused.IsTransient, refused.Attempts, refused.Address));
        Assert.True(long.Parse(refused.RequestId!) > 0);
        Assert.Contains($"POST /predict at {server.Address}: status 400: $.X[0]", refused.Message, StringComparison.Ordinal);
        UeqClientException failed = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync([[66.5f, 1f, 1f]]));
        Assert.Equal(HttpStatusCode.InternalServerError, failed.Status);
        Assert.Equal(2, server.Predictions);
    }

    [Fact]
    public async Task WhatTheServiceWouldRefuseIsRefusedBeforeItIsSent()
    {
        await using Replica server = await Replica.Start();
        using UeqClient client = new(server.Address);
        Assert.Contains("row 1", (await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync([[1f, 2f, 3f], [1f, 2f]]))).Message, StringComparison.Ordinal);
        Assert.Contains("row 0, column 2", (await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync([[1f, 2f, float.PositiveInfinity]]))).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync(new float[3][], null, default));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync(Array.Empty<float[]>()));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync(new float[4], 3));
        await Assert.ThrowsAsync<ArgumentException>(() => client.PredictAsync(Row, new PredictOptions { Groups = ["a", "b"] }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => client.PredictAsync(Row, new PredictOptions { Coverage = 1 }));
        await Assert.ThrowsAsync<ArgumentException>(() => client.FeedbackAsync([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Label("r", double.NaN));
        Assert.Equal(0, server.Predictions);
    }

    [Fact]
    public void AddressesAndOptionsAreChecked()
    {
        Uri one = new("http://127.0.0.1:1");
        Assert.Contains("such as http://", Assert.Throws<ArgumentException>(() => new UeqClient(new Uri("ftp://127.0.0.1"))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new UeqClient(new Uri("/predict", UriKind.Relative)));
        Assert.Throws<ArgumentException>(() => new UeqClient(Array.Empty<Uri>()));
        Assert.Throws<ArgumentException>(() => new UeqClient([one, new Uri("http://127.0.0.1:1/")]));
        Assert.Contains("Retries from 0 to 100", Assert.Throws<ArgumentOutOfRangeException>(() => new UeqClient(one, new UeqClientOptions { Retries = -1 })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new UeqClient(one, new UeqClientOptions { RetryShare = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new UeqClient(one, new UeqClientOptions { TotalTimeout = TimeSpan.Zero }));
        Assert.Throws<ArgumentException>(() => new UeqClient(one, new UeqClientOptions { Headers = new Dictionary<string, string> { ["Content-Length"] = "5" } }));
    }

    [Fact]
    public async Task AUserStaysWithHisArmWhicheverReplicaAnswers()
    {
        UeqServiceConfig config = new() { Experiments = [new ExperimentConfig { Name = "trial", Kind = ExperimentKind.AB, Model = "one", Arms = [new("one", 0.5), new("two", 0.5)] }] };
        KeyValuePair<string, ModelVersion>[] models = [KeyValuePair.Create("one", Fakes.Sum()), KeyValuePair.Create("two", Fakes.Sum())];
        await using Replica a = await Replica.Start(models, null, config), b = await Replica.Start(models, null, config);
        using UeqClient client = new([a.Address, b.Address]);
        HashSet<string> arms = [];
        for (int user = 0; user < 20; user++)
        {
            PredictOptions options = new() { UserId = $"user-{user}" };
            PredictAnswer first = await client.PredictAsync(Row, options), second = await client.PredictAsync(Row, options);
            Assert.Equal("trial", first.Experiment!.Experiment);
            Assert.Equal((first.Experiment, first.Model), (second.Experiment, second.Model));
            arms.Add(first.Experiment.Arm);
        }

        Assert.Equal(["one", "two"], arms.Order());
        Assert.True(a.Predictions > 0 && b.Predictions > 0);
    }

    [Fact]
    public async Task AModelIsAskedByItsName()
    {
        await using Replica server = await Replica.Start(Fakes.Sum());
        using UeqClient client = new(server.Address);
        ModelInfoAnswer model = await client.ModelInfoAsync();
        PredictAnswer answer = await client.PredictAsync(Row, new PredictOptions { Model = model.Name });
        Assert.Equal((model.Name, Fakes.Digest), (answer.Model, answer.Version));
        Assert.Equal(model.Digest, (await client.ModelInfoAsync(model.Name)).Digest);
        Assert.Equal(0, (await client.CoverageAsync(model.Name)).Labels);
        Assert.Equal("no_reference", (await client.MonitoringAsync(model.Name)).State);
        await foreach (RowAnswer row in client.PredictLargeAsync(new MemoryStream("[1,2,3]"u8.ToArray()), new LargeOptions { Predict = new PredictOptions { Model = model.Name } }))
            Assert.Equal(6, row.Prediction);
        UeqClientException unknown = await Assert.ThrowsAsync<UeqClientException>(() => client.PredictAsync(Row, new PredictOptions { Model = "other" }));
        Assert.Equal(HttpStatusCode.NotFound, unknown.Status);
    }

    [Fact]
    public async Task HeadersGoWithEveryRequest()
    {
        await using Replica server = await Replica.Start();
        string? seen = null;
        server.Before = http =>
        {
            seen = http.Request.Headers.Authorization;
            return Task.FromResult(false);
        };
        using UeqClient client = new(server.Address, new UeqClientOptions { Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer key" } });
        await client.PredictAsync(Row);
        Assert.Equal("Bearer key", seen);
    }
}

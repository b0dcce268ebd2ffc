using System.Text.Json;
using Ueq.Serving.Experiments;
using Ueq.Storage.Tests;
using static Ueq.Serving.Tests.Experiments.ExperimentServer;

namespace Ueq.Serving.Tests.Experiments;

/// <summary>Two replicas on one PostgreSQL: the same arm for the same user, and counts that add up.</summary>
public sealed class ReplicaTests(PostgresCluster cluster)
{
    private const string Made = """{"name":"narrow","kind":"KIND","model":"houses","arms":{"houses@champion":SHARE,"houses@challenger":0.5},"who":"eva"}""";

    [Fact]
    public async Task ReplicasAssignAlikeAndAddUp()
    {
        string store = await cluster.Fresh();
        await using Server one = await ExperimentServer.Start(Config(store)), two = await ExperimentServer.Start(Config(store));
        Assert.Equal(201, (await one.Post("/experiments", Made.Replace("KIND", "ab", StringComparison.Ordinal).Replace("SHARE", "0.5", StringComparison.Ordinal))).Status);
        await two.Until("/experiments", e => e.GetProperty("experiments").GetArrayLength() == 1);
        List<(string, double)> labels = [];
        for (int user = 0; user < 60; user++)
        {
            JsonElement first = await one.Predict(Body($"u{user}", 1, ",\"receipts\":true")), second = await two.Predict(Body($"u{user}"));
            Assert.Equal(ArmOf(first), ArmOf(second));
            labels.Add((first.GetProperty("receipts")[0].GetString()!, 5));
        }

        // The same labels at both, at the same time.
        await Task.WhenAll(Label(one, labels), Label(two, labels), Label(two, labels));
        await two.Service<ExperimentKeeper>().FlushAsync(default);
        JsonElement experiment = (await one.Get("/experiments/narrow")).Body;
        Assert.Equal((120, 60), (Sum(experiment, "requests"), Sum(experiment, "labels")));
        Assert.InRange(Sum(experiment, "users"), 58, 60);

        Assert.Equal(200, (await two.Post("/experiments/narrow/stop", """{"who":"max"}""")).Status);
        await one.Until("/experiments/narrow", e => e.GetProperty("state").GetString() == "stopped");
        Assert.False((await one.Predict(Body("u1"))).TryGetProperty("experiment", out _));
    }

    [Fact]
    public async Task AShadowsLabelCountsOnceWhicheverReplicaTakesIt()
    {
        string store = await cluster.Fresh();
        await using Server one = await ExperimentServer.Start(Config(store)), two = await ExperimentServer.Start(Config(store));
        string made = Made.Replace("KIND", "shadow", StringComparison.Ordinal).Replace("SHARE", "1", StringComparison.Ordinal).Replace("0.5", "1", StringComparison.Ordinal);
        Assert.Equal(201, (await one.Post("/experiments", made)).Status);
        await two.Until("/experiments", e => e.GetProperty("experiments").GetArrayLength() == 1);
        JsonElement answer = await one.Predict(Body("u", 50, ",\"receipts\":true"));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Label(i % 2 == 0 ? one : two, answer.GetProperty("receipts").EnumerateArray().Select(r => (r.GetString()!, 5.0)))));
        await one.Until("/experiments/narrow", e => Sum(e, "labels") == 100);
        await Task.WhenAll(one.Service<ExperimentKeeper>().FlushAsync(default), two.Service<ExperimentKeeper>().FlushAsync(default));
        Assert.Equal(100, Sum((await two.Get("/experiments/narrow")).Body, "labels"));
    }

    private static long Sum(JsonElement experiment, string figure) => experiment.GetProperty("arms").EnumerateArray().Sum(a => a.GetProperty(figure).GetInt64());
}

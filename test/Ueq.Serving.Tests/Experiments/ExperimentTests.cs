using System.Text.Json;
using static Ueq.Serving.Tests.Experiments.ExperimentServer;

namespace Ueq.Serving.Tests.Experiments;

/// <summary>Experiments over the wire: who answers, what is counted, what survives.</summary>
public sealed class ExperimentTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-experiments-").FullName;

    private string Store => Path.Combine(_folder, "ueq.db");

    [Fact]
    public async Task AUserStaysWithHisArmAcrossAddressesProtocolsAndRestarts()
    {
        Dictionary<string, string> arms = [];
        for (int round = 0; round < 2; round++)
        {
            await using Server server = await ExperimentServer.Start(Config(Store, Split()));
            foreach (string user in Enumerable.Range(0, 40).Select(i => $"user-{i}"))
            {
                JsonElement answer = await server.Predict(Body(user));
                string arm = ArmOf(answer);
                Assert.Equal(arm, arms.TryAdd(user, arm) ? arm : arms[user]);
                Assert.Equal((arm == Challenger ? 3 : 4, new string(arm == Challenger ? 'b' : 'a', 64)), (Width(answer), answer.GetProperty("version").GetString()));
                Assert.Equal(arm, ArmOf(await server.Predict(Body(user), "/predict_large")));
                // The same in another spelling, which the careful reader reads.
                Assert.Equal(arm, ArmOf(await server.Predict(Body(user).Replace("user-", "\\u0075ser-", StringComparison.Ordinal))));
                (int status, string lines) = await server.Post($"/predict_large?user_id={user}", "[1,2,3]\n[1,2,4]\n", "application/x-ndjson");
                Assert.Equal((200, arm), (status, ArmOf(JsonDocument.Parse(lines.TrimEnd().Split('\n')[^1]).RootElement)));
                JsonElement infer = await server.Predict($$"""{"parameters":{"user_id":"{{user}}"},"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "/v2/models/houses/infer");
                Assert.Equal((arm, "houses", arm == Challenger ? "bbbbbbbbbbbb" : "aaaaaaaaaaaa"), (infer.GetProperty("parameters").GetProperty("arm").GetString(), infer.GetProperty("model_name").GetString(), infer.GetProperty("model_version").GetString()));
            }
        }

        Assert.InRange(arms.Values.Count(a => a == Challenger), 8, 32);
        await using Server last = await ExperimentServer.Start(Config(Store, Split()));
        JsonElement experiment = (await last.Get("/experiments/narrow")).Body;
        Assert.Equal(2 * 40 * 5, experiment.GetProperty("arms").EnumerateArray().Sum(a => a.GetProperty("requests").GetInt64()));
        Assert.Equal(2 * 40 * 6, experiment.GetProperty("arms").EnumerateArray().Sum(a => a.GetProperty("rows").GetInt64()));
        int users = arms.Values.Count(a => a == Challenger);
        Assert.InRange(Arm(experiment, Challenger).GetProperty("users").GetInt32(), users - 1, users);
    }

    [Fact]
    public async Task OnlyRequestsForTheModelAreSplit()
    {
        await using Server server = await ExperimentServer.Start(Config(Store, Split(challenger: 0.999999)));
        Assert.Equal(3, Width(await server.Predict(Body("a"))));
        Assert.Equal(3, Width(await server.Predict(Body("a", more: ",\"model\":\"houses\""))));
        foreach (string named in (string[])[Champion, Challenger])
        {
            JsonElement answer = await server.Predict(Body("a", more: $",\"model\":\"{named}\""));
            Assert.False(answer.TryGetProperty("experiment", out _));
            Assert.Equal(named == Champion ? 4 : 3, Width(answer));
        }

        JsonElement unnamed = await server.Predict(Body(null));
        Assert.Equal(Challenger, ArmOf(unnamed));
        Assert.Equal(1, Arm((await server.Get("/experiments/narrow")).Body, Challenger).GetProperty("unnamed_requests").GetInt32());
        // An arm that is served no more splits nothing, and says so.
        Assert.True(server.Models.Remove(Challenger));
        Assert.False((await server.Predict(Body("a"))).TryGetProperty("experiment", out _));
        JsonElement waiting = (await server.Get("/experiments/narrow")).Body;
        Assert.Equal("waiting", waiting.GetProperty("state").GetString());
        Assert.Contains("did you mean", waiting.GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"user_id\":\"\"", "$.user_id: expected a text of 1 to 256 bytes")]
    [InlineData("\"user_id\":7", "$.user_id: expected a text of 1 to 256 bytes, got 7")]
    [InlineData("\"user_id\":null", "$.user_id: expected a text of 1 to 256 bytes, got null")]
    [InlineData("\"user_id\":\"a\",\"user_id\":\"b\"", "$.user_id: expected the key once, got it twice")]
    [InlineData("\"userid\":\"a\"", "did you mean \"user_id\"?")]
    public async Task ABadUserIsRefused(string pair, string said)
    {
        await using Server server = await ExperimentServer.Start(Config("none"));
        BadRequestTests.AssertError(await server.Post("/predict", $$"""{"X":[[1,2,3]],{{pair}}}"""), 400, said);
        BadRequestTests.AssertError(await server.Post("/predict", $$"""{"X":[[1,2,3]],"user_id":"{{new string('x', 257)}}"}"""), 400, "$.user_id: expected a text of 1 to 256 bytes");
        Assert.False((await server.Predict(Body("somebody"))).TryGetProperty("experiment", out _));
    }

    [Fact]
    public async Task LabelsSayWhichArmIsBetter()
    {
        await using Server server = await ExperimentServer.Start(Config(Store, Split()));
        List<(string, double)> labels = [];
        for (int user = 0; user < 400; user++)
        {
            JsonElement answer = await server.Predict(Body($"u{user}", 2, ",\"receipts\":true"));
            // One label in ten lies outside both.
            for (int row = 0; row < 2; row++) labels.Add((answer.GetProperty("receipts")[row].GetString()!, answer.GetProperty("predictions")[row].GetDouble() + (user % 10 == 0 ? 2.5 : user % 3 - 1)));
        }

        await Label(server, labels);
        await Label(server, labels);
        JsonElement experiment = (await server.Get("/experiments/narrow")).Body;
        JsonElement arm = Arm(experiment, Challenger), control = Arm(experiment, Champion);
        Assert.Equal(800, arm.GetProperty("labels").GetInt32() + control.GetProperty("labels").GetInt32());
        Assert.Equal((3, 4), (Mean(arm, "width"), Mean(control, "width")));
        Assert.Equal("control", control.GetProperty("width").GetProperty("verdict").GetString());
        Assert.Equal("better", arm.GetProperty("width").GetProperty("verdict").GetString());
        Assert.Equal("no difference shown", arm.GetProperty("coverage").GetProperty("verdict").GetString());
        Assert.InRange(Mean(arm, "coverage"), 0.8, 0.98);
        Assert.True(arm.GetProperty("loss").GetProperty("difference_lower").GetDouble() < arm.GetProperty("loss").GetProperty("difference").GetDouble());
    }

    [Fact]
    public async Task AShadowIsComputedAfterwardsAndScoredByTheSameLabels()
    {
        await using Server server = await ExperimentServer.Start(Config(Store, Split(ExperimentKind.Shadow, 1)));
        List<(string, double)> labels = [];
        for (int user = 0; user < 120; user++)
        {
            JsonElement answer = await server.Predict(Body($"u{user}", 1, ",\"receipts\":true"));
            Assert.False(answer.TryGetProperty("experiment", out _));
            Assert.Equal(4, Width(answer));
            labels.Add((answer.GetProperty("receipts")[0].GetString()!, answer.GetProperty("predictions")[0].GetDouble() + (user % 2 == 0 ? 1.8 : 0)));
        }

        await Label(server, labels);
        JsonElement experiment = await server.Until("/experiments/narrow", e => Arm(e, Challenger).GetProperty("labels").GetInt32() == 120);
        JsonElement arm = Arm(experiment, Challenger), control = Arm(experiment, Champion);
        Assert.Equal((120, 0.5, 3, 1, 4), (control.GetProperty("labels").GetInt32(), Mean(arm, "coverage"), Mean(arm, "width"), Mean(control, "coverage"), Mean(control, "width")));
        Assert.Equal(("worse", "better"), (arm.GetProperty("coverage").GetProperty("verdict").GetString(), arm.GetProperty("width").GetProperty("verdict").GetString()));
        JsonElement health = (await server.Get("/health")).Body.GetProperty("experiments");
        Assert.Equal((120, 0, "narrow"), (health.GetProperty("shadow_rows").GetInt32(), health.GetProperty("shadow_rows_failed").GetInt32(), health.GetProperty("running")[0].GetString()));
    }

    [Fact]
    public async Task AShadowThatFailsFailsNoAnswer()
    {
        await using Server server = await ExperimentServer.Start(Config(Store, Split(ExperimentKind.Shadow, 1, "broken")));
        for (int i = 0; i < 5; i++) Assert.Equal(4, Width(await server.Predict(Body("u", 2, ",\"receipts\":true"))));
        await server.Until("/health", h => h.GetProperty("experiments").GetProperty("shadow_rows_failed").GetInt32() == 10);
        Assert.Contains("ueq_experiment_shadow_rows_total{result=\"failed\"}", await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(0, (await server.Get("/health")).Body.GetProperty("error_count").GetInt32());
    }

    [Fact]
    public async Task ExperimentsAreMadeWeighedAndStoppedByCalls()
    {
        const string Made = """{"name":"canary-1","kind":"canary","model":"houses","arms":{"houses@champion":0.9,"houses@challenger":0.1},"who":"eva"}""";
        await using (Server server = await ExperimentServer.Start(Config(Store)))
        {
            (int status, string text) = await server.Post("/experiments", Made);
            Assert.True(status == 201, text);
            BadRequestTests.AssertError(await server.Post("/experiments", Made), 409, "there is an experiment canary-1 already");
            BadRequestTests.AssertError(await server.Post("/experiments", Made.Replace("canary-1", "two", StringComparison.Ordinal)), 409, "in the experiment canary-1 already");
            BadRequestTests.AssertError(await server.Post("/experiments", Made.Replace("@challenger", "@challengr", StringComparison.Ordinal).Replace("canary-1", "x", StringComparison.Ordinal)), 400, "did you mean \"houses@challenger\"?");
            BadRequestTests.AssertError(await server.Post("/experiments", Made.Replace("0.1", "-1", StringComparison.Ordinal)), 400, "$.arms.houses@challenger: expected a weight above 0");
            BadRequestTests.AssertError(await server.Post("/experiments", Made.Replace("\"kind\"", "\"knd\"", StringComparison.Ordinal)), 400, "$.knd: unknown key; did you mean \"kind\"?");
            string[] before = await ArmsOf(server);
            Assert.Equal(200, (await server.Post("/experiments/canary-1/weights", """{"arms":{"houses@champion":0.5,"houses@challenger":0.5},"who":"eva"}""")).Status);
            string[] after = await ArmsOf(server);
            Assert.All(before.Zip(after), pair => Assert.True(pair.First == pair.Second || pair.Second == Challenger));
            Assert.NotEqual(before, after);
            BadRequestTests.AssertError(await server.Post("/experiments/canary-1/weights", """{"arms":{"houses@champ":1},"who":"eva"}"""), 400, "did you mean \"houses@champion\"?");
            BadRequestTests.AssertError(await server.Post("/experiments/none/stop", """{"who":"eva"}"""), 404, "did you mean \"canary-1\"?");
            BadRequestTests.AssertError(await server.Post("/experiments/canary-1/stop", "{}"), 400, "$.who");
        }

        await using Server again = await ExperimentServer.Start(Config(Store));
        await again.Until("/experiments", e => e.GetProperty("experiments").GetArrayLength() == 1);
        Assert.True((await again.Predict(Body("u"))).TryGetProperty("experiment", out _));
        Assert.Equal(200, (await again.Post("/experiments/canary-1/stop", """{"who":"eva"}""")).Status);
        Assert.False((await again.Predict(Body("u"))).TryGetProperty("experiment", out _));
        Assert.Equal(["stop_experiment", "weigh_experiment", "start_experiment"], (await again.Get("/audit")).Body.GetProperty("audit").EnumerateArray().Select(a => a.GetProperty("action").GetString()));
    }

    [Fact]
    public async Task WhatTheConfigurationFixesNoCallChanges()
    {
        await using Server server = await ExperimentServer.Start(Config(Store, Split()));
        BadRequestTests.AssertError(await server.Post("/experiments/narrow/stop", """{"who":"eva"}"""), 409, "is of the configuration, which alone can change it");
        ArgumentException bad = await Assert.ThrowsAsync<ArgumentException>(() => ExperimentServer.Start(Config(Store, Split(other: "houses@nobody"))));
        Assert.Contains("narrow: arms.houses@nobody: expected a model that is served", bad.Message, StringComparison.Ordinal);
    }

    private static double Width(JsonElement answer) => answer.GetProperty("uncertainty")[0][1].GetDouble() - answer.GetProperty("uncertainty")[0][0].GetDouble();

    private static double Mean(JsonElement arm, string figure) => arm.GetProperty(figure).GetProperty("mean").GetDouble();

    private static async Task<string[]> ArmsOf(Server server)
    {
        List<string> arms = [];
        for (int i = 0; i < 60; i++) arms.Add(ArmOf(await server.Predict(Body($"u{i}"))));
        return [.. arms];
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Ueq.Serving.Receipts;
using Ueq.Serving.Tests.Inference;
using Ueq.Storage;

namespace Ueq.Serving.Tests.Receipts;

public sealed class OnlineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-online-").FullName;

    private UeqServiceConfig Config => OnlineServer.Config with { Store = Path.Combine(_folder, "ueq.db") };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task MissesMakeAnswersWiderUntilTheyAreUnboundedAndHitsBringThemBack()
    {
        await using Server server = await OnlineServer.Start(Config);
        Assert.Equal((0.9, "-0.9", "0.9"), await server.Ask());
        // A miss takes 0.05 · 0.9 from the miss of 0.1, a hit gives 0.05 · 0.1 back.
        Assert.Equal(0.945, OnlineServer.Level(await server.Learn(9, await server.Receipts())), 1e-12);
        (double share, string lower, string upper) = await server.Ask();
        Assert.Equal((0.945, "-0.95", "0.95"), (Math.Round(share, 9), lower, upper));
        JsonElement beyond = await server.Learn(9, await server.Receipts(2));
        Assert.Equal(1.035, OnlineServer.Level(beyond), 1e-12);
        Assert.Equal((1, "-Infinity", "Infinity"), await server.Ask());
        JsonElement covered = await server.Learn(1e300, await server.Receipts(10));
        JsonElement level = covered.GetProperty("levels")[0];
        Assert.Equal((13, 10 / 13.0, 10 / 13.0, 0.0), (level.GetProperty("updates").GetInt64(), level.GetProperty("covered").GetDouble(), level.GetProperty("unbounded").GetDouble(), level.GetProperty("empty").GetDouble()));
        Assert.Equal("0.99", (await server.Ask()).Upper);
        // What was promised is what is counted.
        JsonElement coverage = (await server.Get("/coverage")).Body;
        Assert.Equal((0.9, 13, 0, 10), (coverage.GetProperty("nominal").GetDouble(), coverage.GetProperty("labels").GetInt32(), coverage.GetProperty("other_coverage_labels").GetInt32(), coverage.GetProperty("unbounded").GetInt32()));
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Matches("ueq_online_level\\{[^}]*coverage=\"0.9\"[^}]*\\} 0.98", metrics);
        Assert.Matches("ueq_online_updates_total\\{[^}]*coverage=\"0.9\"[^}]*\\} 13", metrics);
    }

    [Fact]
    public async Task BeyondTheOtherEndAnswersAreEmptyAndMiss()
    {
        await using Server server = await OnlineServer.Start(Config with { Online = Config.Online with { Step = 1 } });
        const string Low = ",\"coverage\":0.1";
        Assert.Equal((0.1, "-0.1", "0.1"), await server.Ask(Low));
        await server.Learn(0, await server.Receipts(more: Low));
        Assert.Equal((0, "Infinity", "-Infinity"), await server.Ask(Low));
        JsonElement level = (await server.Learn(0, await server.Receipts(more: Low))).GetProperty("levels")[1];
        Assert.Equal((0.5, 0, 0.5), (level.GetProperty("covered").GetDouble(), level.GetProperty("unbounded").GetDouble(), level.GetProperty("empty").GetDouble()));
        // The level of another coverage stands where it stood.
        Assert.Equal((0.9, "-0.9", "0.9"), await server.Ask());
    }

    [Fact]
    public async Task EveryWayToAskMeetsTheSameLevel()
    {
        await using Server server = await OnlineServer.Start(Config with { Batching = new BatchingConfig { Models = ["*"] }, Cache = new CacheConfig { Models = ["*"] } });
        await server.Learn(9, await server.Receipts());
        Assert.Equal("0.95", (await server.Ask()).Upper);
        Assert.Equal("0.95", (await server.Ask()).Upper);
        JsonElement large = await server.Predict("""{"X":[[0,0],[1,0],[0,0]],"batch_size":2}""", "/predict_large");
        Assert.Equal(["0.95", "1.95", "0.95"], large.GetProperty("uncertainty").EnumerateArray().Select(i => i[1].ToString()));
        (int _, string lines) = await server.Post("/predict_large", "[0,0]\n", "application/x-ndjson");
        Assert.Equal(0.95, JsonDocument.Parse(lines.Split('\n')[0]).RootElement.GetProperty("upper").GetDouble());
        JsonElement tensors = await server.Infer("""{"parameters":{"coverage":[0.9,0.5]},"inputs":[{"name":"input","shape":[1,2],"datatype":"FP32","data":[0,0]}],"outputs":[{"name":"upper"},{"name":"receipts"}]}""");
        Assert.Equal([0.95, 0.5], tensors.Output("upper").Numbers());
        await server.Learn(9, tensors.Output("receipts").Texts()[0]);
        Assert.Equal("0.99", (await server.Ask()).Upper);
        Assert.Equal("0.5", (await server.Ask(",\"coverage\":0.5")).Upper);
    }

    [Fact]
    public async Task LabelSetsBecomeFullOrEmpty()
    {
        await using Server server = await OnlineServer.Start(Config with { Online = Config.Online with { Step = 0.2 } }, Fakes.Classes("a", "b", "c"));
        async Task<(string Receipt, string Set)> Ask(string more = "")
        {
            JsonElement answer = await server.Predict($"{{\"X\":[[0,1]],\"receipts\":true{more}}}");
            return (answer.GetProperty("receipts")[0].GetString()!, answer.GetProperty("sets")[0].ToString());
        }

        async Task Learn(string truth, string receipt)
        {
            long before = OnlineServer.Updates((await server.Get("/coverage")).Body);
            Assert.Equal(200, (await server.Post("/feedback", $"{{\"labels\":[{{\"receipt\":\"{receipt}\",\"y\":\"{truth}\"}}]}}")).Status);
            await server.Until("/coverage", c => OnlineServer.Updates(c) == before + 1);
        }

        Assert.Equal("[\"a\"]", (await Ask()).Set);
        await Learn("b", (await Ask()).Receipt);
        (string full, string set) = await Ask();
        Assert.Equal("[\"a\",\"b\",\"c\"]", set);
        await Learn("c", full);
        JsonElement coverage = (await server.Get("/coverage")).Body, level = coverage.GetProperty("online").GetProperty("levels")[0];
        Assert.Equal((1, 0.5, 2.0), (coverage.GetProperty("unbounded").GetInt32(), level.GetProperty("unbounded").GetDouble(), level.GetProperty("median_width").GetDouble()));
        const string Low = ",\"coverage\":0.05";
        await Learn("a", (await Ask(Low)).Receipt);
        Assert.Equal("[]", (await Ask(Low)).Set);
        await Learn("a", (await Ask(Low)).Receipt);
        Assert.Equal(1 / 2.0, (await server.Get("/coverage")).Body.GetProperty("online").GetProperty("levels")[1].GetProperty("empty").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task ARowIsNeverAnsweredAtAnotherLevelThanItIsSaid()
    {
        await using Server server = await OnlineServer.Start(Config with { Batching = new BatchingConfig { Models = ["*"] }, Cache = new CacheConfig { Models = ["*"] } });
        string[] receipts = await server.Receipts(300);
        // Each label is followed by some questions, so the level moves while they are answered, on a machine of any speed.
        for (int i = 0; i < receipts.Length; i += 10)
        {
            Task told = server.Tell(i % 50 == 0 ? 9 : 0, receipts[i..(i + 10)]);
            await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Ask(caller % 4 == 0 ? ",\"coverage\":0.5" : "")));
            await told;
        }

        await server.Until("/coverage", c => OnlineServer.Updates(c) == 300);
        await Ask("");

        async Task Ask(string more)
        {
            (double share, string _, string upper) = await server.Ask(more);
            // The scores are hundredths, so the threshold is the share rounded up to one; above 0.99 there is none.
            Assert.Equal(share > 0.99 ? double.PositiveInfinity : Math.Ceiling(Math.Round(share * 100, 9)) / 100, double.Parse(upper, CultureInfo.InvariantCulture), 1e-12);
        }
    }

    [Theory]
    [InlineData("as of three labels")]
    [InlineData("damaged")]
    public async Task AProcessThatEndedBeforeItSavedGoesOnAtTheSameBit(string saved)
    {
        string[] late;
        (byte[] State, long Sequence) early;
        double miss;
        await using (Server first = await OnlineServer.Start(Config))
        {
            await first.Learn(9, await first.Receipts(3));
            early = first.Models.Current.Online!.Save();
            late = await first.Receipts(20);
            await first.Learn(0, late);
            miss = Miss(first);
        }

        await using (UeqStore store = await UeqStore.OpenAsync(new StoreOptions { Store = Config.Store! }, TimeProvider.System, default))
            await store.SaveStateAsync("y", Fakes.Digest, "online", saved == "damaged" ? early.State[..^5] : early.State, early.Sequence, default);

        await using Server again = await OnlineServer.Start(Config);
        Assert.Equal((23, miss), (OnlineServer.Updates((await again.Get("/coverage")).Body), Miss(again)));
        // A label that is told again moves nothing.
        await again.Tell(0, late);
        await again.Learn(0, await again.Receipts());
        Assert.Equal(24, OnlineServer.Updates((await again.Get("/coverage")).Body));
    }

    [Fact]
    public async Task AnotherStepGoesOnWhereTheLevelStands()
    {
        await using (Server first = await OnlineServer.Start(Config)) await first.Learn(9, await first.Receipts());
        await using Server again = await OnlineServer.Start(Config with { Online = Config.Online with { Step = 0.1 } });
        Assert.Equal((0.945, "-0.95", "0.95"), (Math.Round((await again.Ask()).Share, 9), (await again.Ask()).Lower, (await again.Ask()).Upper));
        Assert.Equal(0.935, OnlineServer.Level(await again.Learn(0, await again.Receipts())), 1e-12);
    }

    [Fact]
    public async Task OnlyLabelsOfAnswersAtAnOnlineLevelOfTheVersionMoveIt()
    {
        string[] atFixed;
        await using (Server before = await Server.Start(Fakes.Calibrated(), Config with { Online = new OnlineConfig() }))
        {
            JsonElement answer = await before.Predict("""{"X":[[0,0]],"receipts":true}""");
            Assert.False(answer.TryGetProperty("effective_coverage", out _));
            Assert.Equal(JsonValueKind.Null, (await before.Get("/coverage")).Body.GetProperty("online").ValueKind);
            atFixed = await before.Receipts(2);
        }

        await using Server server = await OnlineServer.Start(Config);
        string old = (await server.Receipts())[0];
        await server.Tell(9, atFixed);
        await server.Until("/coverage", c => c.GetProperty("labels").GetInt64() == 2);
        await server.Learn(9, old);
        Assert.Equal(0.945, Math.Round((await server.Ask()).Share, 9));

        // A new version has other scores and begins at what is asked; labels of the old one are the old one's.
        string late = (await server.Receipts())[0];
        server.Models.Serve(Fakes.Calibrated(new string('a', 64)), "y");
        await server.Following();
        Assert.Equal(0.9, (await server.Ask()).Share);
        await server.Tell(9, late);
        await server.Learn(9, await server.Receipts());
        Assert.Equal(0.945, Math.Round((await server.Ask()).Share, 9));
        server.Models.Serve(Fakes.Calibrated(), "y");
        await server.Until("/coverage", c => OnlineServer.Updates(c) == 2);
    }

    [Fact]
    public async Task AResetBeginsAnewAndIsInTheAuditLog()
    {
        await using (Server server = await OnlineServer.Start(Config))
        {
            string[] old = await server.Receipts(3);
            await server.Learn(9, old[0]);
            (int status, string text) = await server.Post("/online/reset", """{"who":"ann","note":"the sensor is mended"}""");
            Assert.True(status == 200, text);
            Assert.Equal((0.9, "-0.9", "0.9"), await server.Ask());
            // What was answered before says nothing of the levels after it.
            await server.Tell(9, old[1..]);
            await server.Learn(9, await server.Receipts());
            Assert.Equal(0.945, Math.Round((await server.Ask()).Share, 9));
            JsonElement audit = (await server.Get("/audit")).Body.GetProperty("audit")[0];
            Assert.Equal(("ann", "reset_online", "y", "0.9 at 0.945 after 1", "the sensor is mended"), (Text(audit, "who"), Text(audit, "action"), Text(audit, "subject"), Text(audit, "before"), Text(audit, "after")));
        }

        await using Server again = await OnlineServer.Start(Config);
        Assert.Equal((1, 0.945), (OnlineServer.Updates((await again.Get("/coverage")).Body), Math.Round((await again.Ask()).Share, 9)));
        Assert.Equal(400, (await again.Post("/online/reset", "{}")).Status);
        Assert.Equal(404, (await again.Post("/online/reset", """{"who":"ann","model":"none"}""")).Status);
        Assert.Equal(403, (await again.Send(HttpMethod.Post, "/online/reset", """{"who":"eve"}""", ("Origin", "http://evil"))).Status);
        await using Server without = await Server.Start(Fakes.Calibrated());
        (int conflict, string error) = await without.Post("/online/reset", """{"who":"ann"}""");
        Assert.True(conflict == 409 && error.Contains("online.models", StringComparison.Ordinal), error);
    }

    [Fact]
    public async Task NobodyCanMakeLevelsWithoutEnd()
    {
        await using Server server = await OnlineServer.Start(Config);
        for (int i = 0; i < 40; i++)
        {
            string more = FormattableString.Invariant($",\"coverage\":{0.5 + i / 1000.0}");
            JsonElement answer = await server.Predict($"{{\"X\":[[0,0]],\"receipts\":true{more}}}");
            Assert.Equal(i < 31, answer.TryGetProperty("effective_coverage", out _));
            await server.Tell(0, answer.GetProperty("receipts")[0].GetString()!);
            long labels = i + 1;
            await server.Until("/coverage", c => c.GetProperty("other_coverage_labels").GetInt64() == labels);
        }

        Assert.Equal(32, (await server.Get("/coverage")).Body.GetProperty("online").GetProperty("levels").GetArrayLength());
        Assert.Equal(0.9, (await server.Ask()).Share);
    }

    [Fact]
    public void ReadingALevelAllocatesNothing()
    {
        OnlineLevels levels = new(new Coverage(0.9), 0.005, classes: 0);
        Assert.Null(levels.At(default));
        levels.Follow();
        double sum = levels.At(default)!.Value.Miss;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) sum += levels.At(default)!.Value.Share + levels.At(new Coverage(0.5))!.Value.Share;
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(1400.1, sum, 1e-6);
    }

    [Fact]
    public void ModelsThatAreNotServedAreRefusedWithTheNearestName()
    {
        ServiceCollection services = new();
        ArgumentException e = Assert.Throws<ArgumentException>(() => services.AddUeq(Config with { Online = new OnlineConfig { Models = ["houes"] } }, [KeyValuePair.Create("houses", Fakes.Calibrated())]));
        Assert.Contains("online.models: expected models that are served, got \"houes\"; did you mean \"houses\"?", e.Message, StringComparison.Ordinal);
        services.AddUeq(Config with { Online = new OnlineConfig { Models = ["houses"] } }, [KeyValuePair.Create("houses@prod", Fakes.Calibrated())]);
    }

    [Theory]
    [InlineData("online:\n  step: 0\n", "online.step: expected a number above 0 and at most 1, such as 0.002")]
    [InlineData("online:\n  step: 1.5\n", "online.step: expected a number above 0 and at most 1")]
    [InlineData("online:\n  steps: 0.1\n", "did you mean \"online.step\"?")]
    [InlineData("online:\n  model: a\n", "did you mean \"online.models\"?")]
    public void ABadSectionStopsTheStart(string yaml, string expected)
    {
        string file = Path.Combine(_folder, "ueq.yaml");
        File.WriteAllText(file, yaml);
        Assert.Contains(expected, Assert.Throws<InvalidDataException>(() => UeqServiceConfig.FromYaml(file)).Message, StringComparison.Ordinal);
    }

    private static string? Text(JsonElement entry, string name) => entry.GetProperty(name).GetString();

    private static double Miss(Server server) => server.Models.Current.Online!.At(default)!.Value.Miss;
}

using System.Text.Json;
using Ueq.Remote;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Inference;

/// <summary>Models and their versions, readiness, the repository, statistics, the test models, and our own client.</summary>
public sealed class CatalogTests
{
    private static readonly string OtherDigest = new('c', 64);

    [Fact]
    public async Task ServerAndModelsSayWhatTheyAre()
    {
        await using Server server = await Start();
        (int status, JsonElement body) = await server.Get("/v2");
        Assert.Equal((200, "ueq"), (status, body.GetProperty("name").GetString()));
        Assert.Contains("binary_tensor_data", body.GetProperty("extensions").EnumerateArray().Select(e => e.GetString()));
        foreach (string path in (string[])["/v2/health/live", "/v2/health/ready", "/v2/models/small/ready", "/v2/models/wide%40champion/ready", "/v2/models/wide/versions/cccccccccccc/ready"])
            Assert.Equal(200, (await server.Get(path)).Status);
        (status, body) = await server.Get("/v2/models/small");
        Assert.Equal("""{"name":"small","versions":["001122334455"],"platform":"ueq","inputs":[{"name":"input","datatype":"FP32","shape":[-1,3]}],"outputs":[{"name":"mean","datatype":"FP64","shape":[-1]},{"name":"lower","datatype":"FP64","shape":[-1,-1]},{"name":"upper","datatype":"FP64","shape":[-1,-1]}]}""", body.GetRawText());
    }

    [Theory]
    [InlineData("small", "", 200, "001122334455")]
    [InlineData("small", "001122334455", 200, "001122334455")]
    [InlineData("small", Fakes.Digest, 200, "001122334455")]
    [InlineData("small", "2", 404, null)]
    [InlineData("small", "00", 404, null)]
    [InlineData("wide", "3", 200, "3")]
    [InlineData("wide%3A3", "", 200, "3")]
    [InlineData("wide:3", "3", 200, "3")]
    [InlineData("wide@champion", "", 200, "cccccccccccc")]
    [InlineData("wise", "", 404, null)]
    [InlineData("..%2f..%2fetc", "", 404, null)]
    public async Task AVersionIsFoundByNumberOrDigest(string model, string version, int status, string? said)
    {
        await using Server server = await Start();
        string path = version.Length == 0 ? $"/v2/models/{model}" : $"/v2/models/{model}/versions/{version}";
        (int code, JsonElement body) = await server.Get(path);
        Assert.True(code == status, body.GetRawText());
        if (said is null) Assert.Equal(["error"], body.EnumerateObject().Select(p => p.Name));
        else Assert.Equal([said], body.GetProperty("versions").EnumerateArray().Select(v => v.GetString()));
        if (said is null) return;
        string data = model == "small" ? "[1,2,3]" : "[1,2,3,4,5]";
        (code, string text) = await server.Post(path + "/infer", $$"""{"inputs":[{"name":"x","shape":[1,{{(model == "small" ? 3 : 5)}}],"datatype":"FP32","data":{{data}}}]}""");
        Assert.True(code == 200, text);
        Assert.Equal(said, JsonDocument.Parse(text).RootElement.GetProperty("model_version").GetString());
    }

    [Fact]
    public async Task UnloadedModelsComeBack()
    {
        await using Server server = await Start();
        Assert.Equal(200, (await server.Post("/v2/repository/models/small/unload", "")).Status);
        Assert.Equal(404, (await server.Get("/v2/models/small/ready")).Status);
        Assert.Equal("UNAVAILABLE", await State("small"));
        (_, string ready) = await server.Post("/v2/repository/index", """{"ready":true}""");
        Assert.DoesNotContain("small", ready, StringComparison.Ordinal);
        Assert.Equal(200, (await server.Post("/v2/repository/models/small/load", "{}")).Status);
        Assert.Equal("READY", await State("small"));
        Assert.Equal(200, (await server.Get("/v2/models/small/ready")).Status);
        Assert.Equal(404, (await server.Post("/v2/repository/models/never/load", "")).Status);
        Assert.Equal(404, (await server.Post("/v2/repository/models/never/unload", "")).Status);
        Assert.Equal(400, (await server.Post("/v2/repository/models/small/load", """{"parameters":{"config":"{}"}}""")).Status);
        Assert.Equal(400, (await server.Post("/v2/repository/index", "[")).Status);
        Assert.Equal(400, (await server.Post("/v2/repository/index", """{"ready":1}""")).Status);

        async Task<string?> State(string name) => JsonDocument.Parse((await server.Post("/v2/repository/index", "")).Body).RootElement.EnumerateArray()
            .Single(m => m.GetProperty("name").GetString() == name).GetProperty("state").GetString();
    }

    [Fact]
    public async Task TakingAModelOutOfServiceAndBackIsInTheAuditLog()
    {
        await using Server server = await Start();
        await server.Until("/health", health => health.GetProperty("store").GetProperty("state").GetString() == "none");
        Assert.Equal(200, (await server.Post("/v2/repository/models/wide@champion/unload", "")).Status);
        Assert.Equal(200, (await server.Post("/v2/repository/models/wide@champion/load", "")).Status);
        Assert.Equal(200, (await server.Post("/v2/repository/models/wide@champion/load", "")).Status);
        Assert.Equal(404, (await server.Post("/v2/repository/models/never/unload", "")).Status);
        JsonElement[] audit = [.. (await server.Get("/audit")).Body.GetProperty("audit").EnumerateArray()];
        Assert.Equal(["load_model", "unload_model"], audit.Select(entry => entry.GetProperty("action").GetString()).Order(StringComparer.Ordinal));
        Assert.All(audit, entry => Assert.Equal(("wide@champion", "a program on this machine"), (entry.GetProperty("subject").GetString(), entry.GetProperty("who").GetString())));
        Assert.Equal(OtherDigest, audit.Single(entry => entry.GetProperty("action").GetString() == "unload_model").GetProperty("before").GetString());
    }

    [Fact]
    public async Task TheLastModelStays()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string text) = await server.Post("/v2/repository/models/y/unload", "");
        Assert.True(status == 409, text);
        Assert.DoesNotContain("UNAVAILABLE", (await server.Post("/v2/repository/index", "")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WrongVerbsAndAddressesAreErrorsOfTheProtocol()
    {
        await using Server server = await Start();
        Assert.Equal(405, (await server.Get("/v2/models/small/infer")).Status);
        Assert.Equal(405, (await server.Post("/v2/health/live", "")).Status);
        (int status, JsonElement body) = await server.Get("/v2/nothing/here");
        Assert.Equal((404, "error"), (status, Assert.Single(body.EnumerateObject()).Name));
        Assert.Contains("/v2/models", (await server.Get("/")).Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task StatisticsCountRequestsRowsAndSizes()
    {
        await using Server server = await Start();
        await server.Infer("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "small");
        await server.Infer("""{"inputs":[{"name":"x","shape":[2,3],"datatype":"FP32","data":[1,2,3,4,5,6]}]}""", "small");
        await server.Refused("{}", 400, "small");
        JsonElement stats = Assert.Single((await server.Until("/v2/models/small/stats", HasAll)).GetProperty("model_stats").EnumerateArray());
        Assert.Equal((3, 2), (stats.GetProperty("inference_count").GetInt32(), stats.GetProperty("execution_count").GetInt32()));
        Assert.Equal((2, 1), (Count("success"), Count("fail")));
        Assert.True(stats.GetProperty("inference_stats").GetProperty("compute_infer").GetProperty("ns").GetInt64() > 0);
        Assert.Equal([1, 2], stats.GetProperty("batch_stats").EnumerateArray().Select(b => b.GetProperty("batch_size").GetInt32()));
        Assert.Equal(4, (await server.Get("/v2/models/stats")).Body.GetProperty("model_stats").GetArrayLength());
        const string Counted = "ueq_requests_total{method=\"infer\",status=\"success\"} 2";
        string metrics = "";
        for (int tries = 0; tries < 500 && !metrics.Contains(Counted, StringComparison.Ordinal); tries++)
        {
            await Task.Delay(10);
            metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        }

        Assert.Contains(Counted, metrics, StringComparison.Ordinal);

        // A request is counted when its answer has been sent.
        static bool HasAll(JsonElement body) => body.GetProperty("model_stats")[0] is var all && all.GetProperty("inference_count").GetInt32() == 3
            && all.GetProperty("inference_stats").GetProperty("fail").GetProperty("count").GetInt32() == 1;

        int Count(string what) => stats.GetProperty("inference_stats").GetProperty(what).GetProperty("count").GetInt32();
    }

    [Fact]
    public async Task TestModelsAnswerWhereTheyAreSwitchedOn()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { TestModels = true });
        string row = string.Join(",", Enumerable.Range(0, 16)), ones = string.Join(",", Enumerable.Repeat(1, 16));
        JsonElement answer = await server.Infer($$"""{"inputs":[{"name":"INPUT1","shape":[1,16],"datatype":"INT32","data":[{{ones}}]},{"name":"INPUT0","shape":[1,16],"datatype":"INT32","data":[[{{row}}]]}]}""", "simple");
        Assert.Equal(Enumerable.Range(1, 16).Select(i => (double)i), answer.Output("OUTPUT0").Numbers());
        Assert.Equal(Enumerable.Range(-1, 16).Select(i => (double)i), answer.Output("OUTPUT1").Numbers());
        foreach ((string type, string data) in new[] { ("BYTES", "[\"ä\\\"\",\"\"]"), ("BOOL", "[true,false]"), ("UINT64", "[18446744073709551615,0]"), ("INT64", "[-9223372036854775808,1]"), ("FP32", "[0.1,-3E-05]"), ("FP64", "[0.1,1E+300]"), ("FP16", "[0.5,2]") })
        {
            answer = await server.Infer($$"""{"inputs":[{"name":"INPUT0","shape":[2,1],"datatype":"{{type}}","data":{{data}}}]}""", "identity");
            Assert.Equal(JsonDocument.Parse(data).RootElement.EnumerateArray().Select(d => d.ToString()).Select(Plain), answer.Output("OUTPUT0").Texts().Select(Plain));
        }

        Assert.Contains("INPUT1", await server.Refused("""{"inputs":[{"name":"INPUT0","shape":[1,16],"datatype":"INT32","data":[]}]}""".Replace("[1,16]", "[0,16]", StringComparison.Ordinal), 400, "simple"), StringComparison.Ordinal);
        (int status, string json, _) = await server.Binary("""{"inputs":[{"name":"INPUT0","shape":[1],"datatype":"BYTES","parameters":{"binary_data_size":5}}]}""", [1, 0, 0, 0, 0xFF], "identity");
        Assert.True(status == 400, json);
        Assert.Equal(409, (await server.Post("/v2/repository/models/simple/unload", "")).Status);
        await using Server without = await Server.Start(Fakes.Sum());
        Assert.Equal(404, (await without.Get("/v2/models/simple")).Status);

        static string Plain(string text) => double.TryParse(text, null, out double value) && Math.Abs(value) < 1e15 ? value.ToString("R", null) : text.ToUpperInvariant();
    }

    [Fact]
    public async Task OurOwnClientAsksUnchanged()
    {
        await using Server server = await Start();
        await Task.Run(() =>
        {
            using RemoteModel model = RemoteModel.Connect(server.Address, new RemoteOptions { Model = "small", BatchRows = 2 });
            RemoteRegressor regressor = new(model, new RemoteOutput("mean"));
            double[] answers = new double[5];
            regressor.Predict(new FeatureMatrix(Enumerable.Range(0, 15).Select(i => (float)i).ToArray(), 3), answers);
            Assert.Equal([3, 12, 21, 30, 39], answers);
        });
    }

    private static Task<Server> Start()
    {
        ModelVersion small = Fakes.Sum(), wide = Fakes.Sum(5);
        wide = new ModelVersion(wide.Manifest, wide.Regressor!, default, OtherDigest);
        return Server.Start([KeyValuePair.Create("small", small), KeyValuePair.Create("wide", wide), KeyValuePair.Create("wide@champion", wide), KeyValuePair.Create("wide:3", wide)]);
    }
}

using System.Text;
using Apache.Arrow;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Serving;
using Ueq.Serving.Security;
using Ueq.Versions;

namespace Ueq.InferenceLog.Tests;

/// <summary>What a service on a real socket logs.</summary>
public sealed class ServiceTests
{
    private static readonly FeatureSchema Mixed = new(
    [
        new FeatureColumn("age"),
        new FeatureColumn("colour") { Categories = ["red", "green"], Missing = MissingValues.Allowed },
        new FeatureColumn("income") { Missing = MissingValues.Allowed },
    ]);

    [Fact]
    public async Task EveryAnsweredRowIsThereWithWhatWasAskedAndAnswered()
    {
        using Folder folder = new();
        await using (WebApplication app = await Serve(Logs.Sum(Mixed), folder))
        {
            using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };
            await Post(client, "/predict", """{"X": [[1, "red", 5], [2, null, null]], "coverage": 0.8}""", id: "mine");
            await Post(client, "/predict_large?coverage=0.995", "[3,\"green\",7]\nfoo\n[660,\"green\",5]\n[4,\"red\",1]\n", "application/x-ndjson");
            await Post(client, "/v2/models/y/infer", """{"inputs": [{"name": "age", "shape": [1], "datatype": "FP32", "data": [9]}, {"name": "colour", "shape": [1], "datatype": "BYTES", "data": ["red"]}, {"name": "income", "shape": [1], "datatype": "FP32", "data": [1]}]}""");
            await app.StopAsync();
        }

        string file = Assert.Single(Logs.Files(folder.Path));
        Assert.Matches(@"^y-a{12}-\d{8}T\d{6}Z-[0-9a-f]{6}-0001\.parquet$", Path.GetFileName(file));
        List<RecordBatch> rows = Logs.Read(file);
        Assert.Equal(["mine", "mine", "2", "2", "3"], Logs.Texts(rows, "request_id"));
        Assert.Equal([0, 1, 0, 3, 0], Logs.Numbers(rows, "row"));
        Assert.Equal([1, 2, 3, 4, 9], Logs.Numbers(rows, "feature_age"));
        Assert.Equal(["red", null, "green", "red", "red"], Logs.Texts(rows, "feature_colour"));
        Assert.Equal([5, null, 7, 1, 1], Logs.Numbers(rows, "feature_income"));
        Assert.Equal([7, -2998, 11, 6, 11], Logs.Numbers(rows, "prediction"));
        Assert.Equal([5.5, -2999.5, double.NegativeInfinity, double.NegativeInfinity, 9.5], Logs.Numbers(rows, "lower"));
        Assert.Equal([8.5, -2996.5, double.PositiveInfinity, double.PositiveInfinity, 12.5], Logs.Numbers(rows, "upper"));
        Assert.Equal([0.8, 0.8, 0.995, 0.995, 0.9], Logs.Numbers(rows, "coverage"));
        Assert.All(Logs.Texts(rows, "model"), model => Assert.Equal("y", model));
        Assert.All(Logs.Texts(rows, "version"), version => Assert.Equal(Logs.Digest, version));
        Assert.All(Logs.Texts(rows, "caller"), Assert.Null);
        DateTimeOffset time = ((TimestampArray)rows[0].Column("time")).GetTimestamp(0)!.Value;
        Assert.InRange(time, DateTimeOffset.UtcNow.AddMinutes(-5), DateTimeOffset.UtcNow.AddSeconds(1));
    }

    [Fact]
    public async Task ClassesHaveTheirSetsAndProbabilitiesAndAKeyItsName()
    {
        using Folder folder = new();
        ApiKey key = ApiKey.Create(AccessScopes.Predict, out string secret);
        await using (WebApplication app = await Serve(Logs.Classes("a", "b", "c"), folder, config => config with { Security = config.Security with { Keys = new Dictionary<string, ApiKey> { ["shop"] = key } } }))
        {
            using HttpClient client = new() { BaseAddress = new Uri(app.Urls.First()) };
            client.DefaultRequestHeaders.Add("X-Api-Key", secret);
            await Post(client, "/predict", """{"X": [[0, 0], [2, 0]]}""");
            await app.StopAsync();
        }

        List<RecordBatch> rows = Logs.Read(Assert.Single(Logs.Files(folder.Path)));
        Assert.Equal(["a", "c"], Logs.Texts(rows, "prediction"));
        ListArray sets = (ListArray)rows[0].Column("set"), probabilities = (ListArray)rows[0].Column("probabilities");
        Assert.Equal(["a"], ((StringArray)sets.GetSlicedValues(0)).Select<string>());
        Assert.Equal(["a", "c"], ((StringArray)sets.GetSlicedValues(1)).Select<string>());
        Assert.Equal([0.25, 0.25, 0.5], ((DoubleArray)probabilities.GetSlicedValues(1)).Select(p => p!.Value));
        Assert.Equal(["shop", "shop"], Logs.Texts(rows, "caller"));
    }

    [Fact]
    public async Task AServiceWithoutAWriterOfTheLogSaysSoAtItsStart()
    {
        using Folder folder = new();
        InvalidOperationException wrong = await Assert.ThrowsAsync<InvalidOperationException>(() => Serve(Logs.Sum(2), folder, writer: false));
        Assert.Contains("inference_log.folder", wrong.Message, StringComparison.Ordinal);
    }

    private static async Task<WebApplication> Serve(ModelVersion version, Folder folder, Func<UeqServiceConfig, UeqServiceConfig>? change = null, bool writer = true)
    {
        UeqServiceConfig config = new() { Urls = ["http://127.0.0.1:0"], InferenceLog = new InferenceLogConfig { Folder = folder.Path } };
        if (change is not null) config = change(config);
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureUeqKestrel(config);
        builder.Services.AddUeq(config, version);
        if (writer) builder.Services.AddUeqInferenceLog(config);
        WebApplication app = builder.Build();
        app.MapUeq();
        await app.StartAsync();
        return app;
    }

    private static async Task Post(HttpClient client, string path, string body, string type = "application/json", string? id = null)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, type) };
        if (id is not null) request.Headers.Add("X-Request-Id", id);
        using HttpResponseMessage answer = await client.SendAsync(request);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }
}

/// <summary>Arrow's arrays as sequences.</summary>
internal static class Arrays
{
    public static IEnumerable<string> Select<T>(this StringArray array) => Enumerable.Range(0, array.Length).Select(i => array.GetString(i));
}

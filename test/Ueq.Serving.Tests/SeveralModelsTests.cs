using System.Text.Json;
using Ueq.Versions;

namespace Ueq.Serving.Tests;

/// <summary>Several models in one service: who answers, what is watched, what labels count for.</summary>
public sealed class SeveralModelsTests
{
    private static readonly string OtherDigest = new('c', 64);

    [Theory]
    [InlineData("""{"X":[[1,2,3]]}""", "", 6)]
    [InlineData("""{"model":"wide","X":[[1,2,3,4,5]]}""", "", 15)]
    [InlineData("""{"X":[[1,2,3,4,5]],"receipts":false,"model":"wide"}""", "", 15)]
    [InlineData("""{"X":[[1,2,3,4,5]]}""", "?model=wide", 15)]
    [InlineData("""{"model":"wide@champion","X":[[1,2,3,4,5]]}""", "", 15)]
    [InlineData("""{"m\u006fdel":"wide","X":[[1,2,3,4,5]]}""", "", 15)]
    [InlineData("\uFEFF{\"model\":\"wide\",\"X\":[[1,2,3,4,5]]}", "", 15)]
    public async Task ARequestIsAnsweredByTheModelThatItNames(string body, string query, double expected)
    {
        await using Server server = await Start();
        JsonElement answer = await server.Predict(body, "/predict" + query);
        Assert.Equal(expected, answer.GetProperty("predictions")[0].GetDouble());
        answer = await server.Predict(body, "/predict_large" + query);
        Assert.Equal(expected, answer.GetProperty("predictions")[0].GetDouble());
        bool isNamed = body.Contains("del\"", StringComparison.Ordinal) || query.Length > 0;
        if (isNamed) Assert.Equal((expected == 15 ? "wide" : "small", expected == 15 ? OtherDigest : Fakes.Digest), (answer.GetProperty("model").GetString(), answer.GetProperty("version").GetString()));
        else Assert.False(answer.TryGetProperty("model", out _));
    }

    [Theory]
    [InlineData("""{"model":"wise","X":[[1,2,3]]}""", "", 404, "$.model: expected a model that is served, got \"wise\"; did you mean \"wide\"?")]
    [InlineData("""{"X":[[1,2,3]]}""", "?model=small@nobody", 404, "?model: expected a model that is served, got \"small@nobody\"; did you mean \"small\"?")]
    [InlineData("""{"model":"wide","X":[[1,2,3]]}""", "?model=wide", 400, "$.model: expected the model once, got it in the query too")]
    [InlineData("""{"X":[[1,2,3]]}""", "?model=wide&model=small", 400, "?model: expected one value, got 2")]
    [InlineData("""{"model":7,"X":[[1,2,3]]}""", "", 400, "$.model: expected the name of a model, got 7")]
    [InlineData("""{"model":"wide","model":"wide","X":[[1,2,3,4,5]]}""", "", 400, "$.model: expected the key once, got it twice")]
    [InlineData("""{"model":"wide","X":[[1,2,3]]}""", "", 400, "expected 5 values")]
    [InlineData("""{"model":"wide","X":[[1,2,""", "", 400, "$.X[0][2]")]
    [InlineData("""{"X":[["model",2,3]]}""", "", 400, "$.X[0][0]")]
    public async Task AModelThatIsNotServedIsSaidSo(string body, string query, int status, string said)
    {
        await using Server server = await Start();
        (int code, string text) = await server.Post("/predict" + query, body);
        Assert.True(code == status, text);
        Assert.Contains(said, JsonDocument.Parse(text).RootElement.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal(6, (await server.Predict("""{"X":[[1,2,3]]}""")).GetProperty("predictions")[0].GetDouble());
    }

    [Fact]
    public async Task LinesNameTheirModelInTheQuery()
    {
        await using Server server = await Start();
        (int status, string text) = await server.Post("/predict_large?model=wide", "[1,2,3,4,5]\n", "application/x-ndjson");
        Assert.Equal(200, status);
        Assert.StartsWith("{\"prediction\":15,", text, StringComparison.Ordinal);
        Assert.Equal(404, (await server.Post("/predict_large?model=nobody", "[1,2,3]\n", "application/x-ndjson")).Status);
    }

    [Fact]
    public async Task EachModelIsWatchedAndCountedForItself()
    {
        await using Server server = await Start();
        string[] small = await Receipts(server, "small", "[1,2,3]", 3), wide = await Receipts(server, "wide@champion", "[1,2,3,4,5]", 2);
        string labels = string.Join(",", small.Concat(wide).Select(r => $"{{\"receipt\":\"{r}\",\"y\":6}}"));
        (int status, string text) = await server.Post("/feedback", $"{{\"labels\":[{labels}]}}");
        Assert.True(status == 200, text);
        await server.Until("/coverage?model=small", c => c.GetProperty("labels").GetInt64() == 3 && c.GetProperty("covered").GetDouble() == 1);
        await server.Until("/coverage?model=wide", c => c.GetProperty("labels").GetInt64() == 2 && c.GetProperty("covered").GetDouble() == 0);
        await server.Until("/monitoring?model=wide", m => m.GetProperty("rows").GetInt64() == 2 && m.GetProperty("model").GetString() == "wide");
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 3 && m.GetProperty("model").GetString() == "small");
        Assert.Equal(["wide", "wide@champion"], (await server.Get("/model_info?model=wide")).Body.GetProperty("references").EnumerateArray().Select(r => r.GetString()));
        JsonElement[] models = [.. (await server.Get("/health")).Body.GetProperty("models").EnumerateArray()];
        Assert.Equal(["small", "wide"], models.Select(m => m.GetProperty("name").GetString()));
        Assert.Equal(404, (await server.Get("/coverage?model=nobody")).Status);
        Assert.Equal(404, (await server.Get("/model_info?model=nobody")).Status);
        Assert.Equal(404, (await server.Get("/monitoring?model=nobody")).Status);
    }

    [Fact]
    public async Task AModelChangesWhileItAnswers()
    {
        await using Server server = await Start();
        using CancellationTokenSource enough = new();
        Task<int>[] callers = [.. Enumerable.Range(0, 4).Select(async caller =>
        {
            int answered = 0;
            while (!enough.IsCancellationRequested)
            {
                JsonElement answer = await server.Predict("""{"model":"small","X":[[1,2,3]]}""");
                // Each version answers with its own digest, or the answer is torn.
                Assert.Equal(answer.GetProperty("version").GetString() == Fakes.Digest ? 6 : 7, answer.GetProperty("predictions")[0].GetDouble());
                answered++;
            }

            return answered;
        })];
        ModelVersion one = Fakes.Sum(reference: true), two = Plus(one, 1);
        for (int i = 0; i < 200; i++)
        {
            server.Models.Serve(i % 2 == 0 ? two : one, "small");
            await Task.Delay(1);
        }

        await enough.CancelAsync();
        Assert.True((await Task.WhenAll(callers)).Sum() > 0);
        Assert.Equal(2, server.Models.Models.Count);
    }

    [Fact]
    public async Task AReferenceCanGoAndComeBack()
    {
        await using Server server = await Start();
        Assert.True(server.Models.Remove("wide"));
        Assert.False(server.Models.Remove("wide"));
        Assert.Equal(404, (await server.Post("/predict", """{"model":"wide","X":[[1,2,3,4,5]]}""")).Status);
        Assert.Equal(15, (await server.Predict("""{"model":"wide@champion","X":[[1,2,3,4,5]]}""")).GetProperty("predictions")[0].GetDouble());
        server.Models.Serve(Fakes.Sum(5), "wide", "wide:2");
        Assert.Equal(15, (await server.Predict("""{"model":"wide:2","X":[[1,2,3,4,5]]}""")).GetProperty("predictions")[0].GetDouble());
        // What comes back has its place again, so that the first stays who answers requests that name none.
        Assert.Equal(["small", "wide", "wide@champion", "wide:2"], server.Models.Served.Select(s => s.Key));
        Assert.Throws<ArgumentException>(() => server.Models.Serve(Fakes.Sum(5)));
        foreach (string reference in new[] { "small", "wide@champion", "wide" }) server.Models.Remove(reference);
        Assert.Throws<InvalidOperationException>(() => server.Models.Remove("wide:2"));
    }

    private static async Task<string[]> Receipts(Server server, string model, string row, int count)
    {
        JsonElement answer = await server.Predict($$"""{"model":"{{model}}","receipts":true,"X":[{{string.Join(",", Enumerable.Repeat(row, count))}}]}""");
        return [.. answer.GetProperty("receipts").EnumerateArray().Select(r => r.GetString()!)];
    }

    private static ModelVersion Plus(ModelVersion version, double offset) =>
        new(version.Manifest, new Shifted(version.Regressor!, offset), version.Reference, new string('d', 64));

    private static Task<Server> Start()
    {
        ModelVersion wide = new(Fakes.Sum(5, reference: true).Manifest, Fakes.Sum(5).Regressor!, Fakes.Sum(5, reference: true).Reference, OtherDigest);
        return Server.Start([new("small", Fakes.Sum(reference: true)), new("wide", wide), new("wide@champion", wide)]);
    }

    private sealed class Shifted(IIntervalPredictor inner, double offset) : IIntervalPredictor
    {
        public int Features => inner.Features;

        public Guarantee Guarantee(Coverage coverage) => inner.Guarantee(coverage);

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
        {
            inner.Predict(x, coverage, predictions, intervals);
            foreach (ref double prediction in predictions) prediction += offset;
        }
    }
}

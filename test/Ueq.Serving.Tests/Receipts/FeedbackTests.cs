using System.Globalization;
using System.Text;
using System.Text.Json;
using Ueq.Serving.Receipts;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Receipts;

public sealed class FeedbackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-labels-").FullName;

    private UeqServiceConfig Config => new() { ReceiptKey = new string('k', 40), Store = Path.Combine(_folder, "ueq.db") };

    private Task<Server> Start(ModelVersion? version = null) => Server.Start(version ?? Fakes.Sum(reference: true), Config);

    /// <summary>Receipts of rows that sum to 0, 1, 2 …, each in the group of its parity.</summary>
    private static async Task<string[]> Receipts(Server server, int rows, int from = 0)
    {
        string x = string.Join(",", Enumerable.Range(from, rows).Select(i => $"[{i},0,0]"));
        string groups = string.Join(",", Enumerable.Range(from, rows).Select(i => i % 2 == 0 ? "\"even\"" : "\"odd\""));
        JsonElement answer = await server.Predict($"{{\"X\":[{x}],\"groups\":[{groups}],\"receipts\":true}}");
        return [.. answer.GetProperty("receipts").EnumerateArray().Select(r => r.GetString()!)];
    }

    private static string Labels(IEnumerable<string> receipts, Func<int, double> y) => $"{{\"labels\":[{string.Join(",", receipts.Select((r, i) =>
        $"{{\"receipt\":\"{r}\",\"y\":{y(i).ToString(CultureInfo.InvariantCulture)}}}"))}]}}";

    private static async Task<JsonElement> Feedback(Server server, string body, int status = 200)
    {
        (int found, string text) = await server.Post("/feedback", body);
        Assert.True(found == status, $"expected {status}, got {found}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    private static (long Accepted, long Duplicates, string Rejected, string Status) Read(JsonElement answer) => (
        answer.GetProperty("accepted").GetInt64(), answer.GetProperty("duplicates").GetInt64(),
        string.Join(' ', answer.GetProperty("rejected").EnumerateArray().Select(r => $"{r.GetProperty("index")}:{r.GetProperty("reason").GetString()}")),
        answer.GetProperty("status").GetString()!);

    private static Task<JsonElement> Counted(Server server, long labels) => server.Until("/coverage", c => c.GetProperty("labels").GetInt64() == labels);

    [Fact]
    public async Task LabelsBecomeCoverageAndLosses()
    {
        await using Server server = await Start();
        JsonElement before = (await server.Get("/health")).Body;
        Assert.Equal("learning", before.GetProperty("coverage").GetProperty("state").GetString());
        Assert.Equal(JsonValueKind.Null, before.GetProperty("coverage").GetProperty("covered").ValueKind);
        string[] receipts = await Receipts(server, 100);
        // Every tenth truth is 2 too high, all others 1; the intervals reach 1.5 to either side.
        Assert.Equal((100, 0, "", "success"), Read(await Feedback(server, Labels(receipts, i => i + (i % 10 == 0 ? 2 : 1)))));
        JsonElement coverage = await Counted(server, 100);
        Assert.Equal(0.9, coverage.GetProperty("covered").GetDouble(), 1e-9);
        Assert.Equal("healthy", coverage.GetProperty("state").GetString());
        Assert.InRange(coverage.GetProperty("lower").GetDouble(), 0.7, 0.9);
        Assert.Equal(0.8, coverage.GetProperty("groups").GetProperty("even").GetProperty("covered").GetDouble(), 1e-9);
        Assert.Equal(1, coverage.GetProperty("groups").GetProperty("odd").GetProperty("covered").GetDouble());
        Assert.Equal(1.1, coverage.GetProperty("performance").GetProperty("mae").GetDouble(), 1e-9);
        Assert.Equal(3, coverage.GetProperty("answers").GetProperty("mean_width").GetDouble());
        Assert.Equal(3 + 0.1 * 20 * 0.5, coverage.GetProperty("answers").GetProperty("mean_winkler").GetDouble(), 1e-9);
        Assert.Equal(1, coverage.GetProperty("completeness").GetDouble());
        Assert.InRange(coverage.GetProperty("lag").GetProperty("median_seconds").GetDouble(), 0, 60);
        JsonElement performance = (await server.Get("/health")).Body.GetProperty("performance");
        Assert.Equal(1.3, performance.GetProperty("recent_mse").GetDouble(), 1e-9);
    }

    [Fact]
    public async Task LostCoverageAlarms()
    {
        await using Server server = await Start();
        await Feedback(server, Labels(await Receipts(server, 200), i => i + (i % 2 == 0 ? 2 : 1)));
        JsonElement coverage = await Counted(server, 200);
        Assert.Equal("alarm", coverage.GetProperty("state").GetString());
        Assert.True(coverage.GetProperty("evidence").GetDouble() > coverage.GetProperty("evidence_threshold").GetDouble());
        // An alarm is shown and takes nothing out of service.
        Assert.Equal(200, (await server.Get("/health")).Status);
    }

    [Fact]
    public async Task AReceiptCountsOnceAlsoAcrossRestartsAndReplicas()
    {
        string[] receipts;
        await using (Server first = await Start())
        {
            receipts = await Receipts(first, 60);
            Assert.Equal((30, 10, "", "success"), Read(await Feedback(first, Labels([.. receipts[..30], .. receipts[..10]], i => i))));
            await Counted(first, 30);
            await using Server replica = await Start();
            Assert.Equal((20, 30, "", "success"), Read(await Feedback(replica, Labels(receipts[..50], i => i))));
            await Counted(first, 50);
            await Counted(replica, 50);
        }

        await using Server again = await Start();
        Assert.Equal((10, 50, "", "success"), Read(await Feedback(again, Labels(receipts, i => i))));
        JsonElement coverage = await Counted(again, 60);
        Assert.Equal(1, coverage.GetProperty("completeness").GetDouble());
        Assert.Equal(60, coverage.GetProperty("completeness_by_age")[0].GetProperty("receipts").GetInt64());
    }

    [Fact]
    public async Task LabelsAfterTheSavedStateAreReadFromTheLedger()
    {
        string[] receipts;
        await using (Server first = await Start())
        {
            receipts = await Receipts(first, 40);
            await Feedback(first, Labels(receipts, i => i));
            await Counted(first, 40);
        }

        await using (Server damaged = await Start())
        {
            await damaged.Service<Keeping.StoreKeeper>().Opened;
            await damaged.Service<Keeping.StoreKeeper>().UseAsync(async store =>
            {
                ServedModel model = damaged.Models.Current;
                await store.SaveStateAsync(model.Name, model.Key, "coverage", "nonsense"u8.ToArray(), 7, default);
                return 0;
            });
        }

        await using Server again = await Start();
        await Counted(again, 40);
    }

    [Fact]
    public async Task ReceiptsThatCannotBeBelievedAreRejectedWithTheReason()
    {
        await using Server server = await Start();
        string good = (await Receipts(server, 1))[0];
        string forged = good[..^3] + (good[^3] == 'A' ? 'B' : 'A') + good[^2..];
        string foreign = Made(ReceiptKeys.From(new string('x', 40), []), DateTimeOffset.UtcNow), expired = Made(ReceiptKeys.From(Config.ReceiptKey, []), DateTimeOffset.UtcNow.AddDays(-91));
        string[] all = ["nonsense", forged, foreign, expired, good];
        Assert.Equal((1, 0, "0:unreadable 1:forged 2:foreign_key 3:expired", "partial"), Read(await Feedback(server, Labels(all, _ => 0))));
        JsonElement none = await Feedback(server, Labels(all[..4], _ => 0), 422);
        Assert.Equal((0, 0, "0:unreadable 1:forged 2:foreign_key 3:expired", "error"), Read(none));
        Assert.Contains("none of the 4 labels", none.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal((0, 0, "0:not_a_number", "error"), Read(await Feedback(server, $"{{\"labels\":[{{\"receipt\":\"{good}\",\"y\":\"a\"}}]}}", 422)));
        LabelTally tally = server.Service<LabelIntake>().Tally;
        Assert.Equal((1, 2, 2, 1), (tally.Accepted, tally.Rejected(ReceiptFault.Forged), tally.Rejected(ReceiptFault.Expired), tally.Rejected(ReceiptFault.NotANumber)));
    }

    [Fact]
    public async Task AReceiptOfAnEarlierVersionIsKeptForIt()
    {
        await using Server server = await Start(Fakes.Sum(3));
        string[] receipts = await Receipts(server, 5);
        ModelVersion old = server.Models.Default;
        server.Models.Serve(new ModelVersion(old.Manifest, old.Regressor!, default, new string('a', 64)), "y");
        Assert.Equal((5, 0, "", "success"), Read(await Feedback(server, Labels(receipts, i => i))));
        Assert.Equal(0, (await server.Get("/coverage")).Body.GetProperty("labels").GetInt64());
        server.Models.Serve(old, "y");
        await Counted(server, 5);
    }

    [Fact]
    public async Task ClassesAreNamedByTheirTextOrNumber()
    {
        await using Server server = await Start(Fakes.Classes("0", "1", "2"));
        JsonElement answer = await server.Predict("""{"X":[[1,2],[1,1],[2,1],[0,1]],"receipts":true}""");
        string[] r = [.. answer.GetProperty("receipts").EnumerateArray().Select(t => t.GetString()!)];
        string body = $$"""{"labels":[{"receipt":"{{r[0]}}","y":"2"},{"receipt":"{{r[1]}}","y":1.0},{"y":0,"receipt":"{{r[2]}}"},{"receipt":"{{r[3]}}","y":"x"}]}""";
        Assert.Equal((3, 0, "3:unknown_class", "partial"), Read(await Feedback(server, body)));
        JsonElement coverage = await Counted(server, 3);
        Assert.Equal(2 / 3.0, coverage.GetProperty("covered").GetDouble(), 1e-9);
        Assert.Equal(1 / 3.0, coverage.GetProperty("performance").GetProperty("accuracy").GetDouble(), 1e-9);
        Assert.Equal(4 / 3.0, coverage.GetProperty("answers").GetProperty("mean_width").GetDouble(), 1e-9);

        server.Models.Serve(new ModelVersion(Fakes.Sum().Manifest, Fakes.Sum().Regressor!, default, new string('b', 64)), "y");
        Assert.Equal((0, 0, "0:foreign_version 1:foreign_version 2:foreign_version 3:foreign_version", "error"), Read(await Feedback(server, body, 422)));
    }

    [Theory]
    [InlineData("", "got an empty body")]
    [InlineData("[]", "$: expected an object such as")]
    [InlineData("{}", "$.labels: expected an array of labels, got no such key")]
    [InlineData("""{"label":[]}""", "$.label: unknown key; did you mean \"labels\"?")]
    [InlineData("""{"labels":{}}""", "$.labels: expected an array of labels, got an object")]
    [InlineData("""{"labels":[]}""", "$.labels: expected one label or more, got an empty array")]
    [InlineData("""{"labels":[1]}""", "$.labels[0]: expected an object with receipt and y, got 1")]
    [InlineData("""{"labels":[{"receipt":"a","y":1},{"receipt":"a"}]}""", "$.labels[1].y: expected the truth, got no such key")]
    [InlineData("""{"labels":[{"y":1}]}""", "$.labels[0].receipt: expected a text, got no such key")]
    [InlineData("""{"labels":[{"receipt":1,"y":1}]}""", "$.labels[0].receipt: expected a text, got 1")]
    [InlineData("""{"labels":[{"receipt":"a","y":null}]}""", "$.labels[0].y: expected a number, or a text that names a class, got null")]
    [InlineData("""{"labels":[{"receipt":"a","y":1e999}]}""", "$.labels[0].y: expected a number within")]
    [InlineData("""{"labels":[{"receipt":"a","y":NaN}]}""", "$.labels[0].y: expected a finite number, got NaN")]
    [InlineData("""{"labels":[{"receipt":"a","y":1,"y":2}]}""", "$.labels[0].y: expected the key once, got it twice")]
    [InlineData("""{"labels":[{"reciept":"a","y":1}]}""", "$.labels[0].reciept: unknown key; did you mean \"receipt\"?")]
    [InlineData("""{"labels":[{"receipt":"a","y":1}],"x":1}""", "$.x: unknown key")]
    [InlineData("""{"labels":[{"receipt":"a","y":1}]} x""", "expected valid JSON, got 'x'")]
    [InlineData("""{"labels":[{"receipt":"a","y":1}""", "the JSON ends too early")]
    public async Task ABadBodyIsNamedByItsPath(string body, string said)
    {
        await using Server server = await Start();
        BadRequestTests.AssertError(await server.Post("/feedback", body), 400, said);
        Assert.Equal(405, (int)(await server.Client.GetAsync(new Uri("/feedback", UriKind.Relative))).StatusCode);
    }

    [Fact]
    public async Task ReceiptsAreCountedWithoutAStoreToo()
    {
        await using Server server = await Server.Start(Fakes.Sum(), Config with { Store = "none" });
        await Feedback(server, Labels(await Receipts(server, 3), i => i));
        await Counted(server, 3);
    }

    [Fact]
    public async Task WhenTooManyLabelsWaitTheNextAreSentAwayAndPredictionsAreAnswered()
    {
        await using Server server = await Start();
        string[] receipts = await Receipts(server, 2000);
        string Body(int i) => Labels(receipts[(i * 100)..(i * 100 + 100)], _ => 0);
        LabelIntake intake = server.Service<LabelIntake>();
        intake.MostWaiting = 3 * Body(0).Length;
        using ManualResetEventSlim go = new();
        // Whoever reads labels is held up until the others have their answers.
        Task<bool> held = server.Service<LabelLane>().Do(() => go.Wait(TimeSpan.FromMinutes(1)));
        Task<(int Status, string Body)>[] all = [.. Enumerable.Range(0, 20).Select(i => server.Post("/feedback", Body(i)))];
        for (int answered = 0; answered < 17; answered = all.Count(r => r.IsCompleted)) await Task.WhenAny(all.Where(r => !r.IsCompleted));
        Assert.All(all.Where(r => r.IsCompleted), r => Assert.Equal(503, r.Result.Status));
        Assert.Equal(intake.MostWaiting, intake.Waiting);
        using (StringContent one = new(Body(0), Encoding.UTF8, "application/json"))
        using (HttpResponseMessage refused = await server.Client.PostAsync(new Uri("/feedback", UriKind.Relative), one))
        {
            Assert.Equal(503, (int)refused.StatusCode);
            Assert.Equal("1", refused.Headers.RetryAfter!.ToString());
        }

        await server.Predict("{\"X\":[[1,2,3]]}");
        go.Set();
        Assert.True(await held);
        Assert.Equal(3, (await Task.WhenAll(all)).Count(r => r.Status == 200));
        await Counted(server, 300);
        Assert.Equal(0, intake.Waiting);
        Assert.Equal(1800, intake.Tally.Refused);
        intake.MostWaiting = 0;
        Assert.Equal(200, (await server.Post("/feedback", Body(19))).Status);
        Assert.Equal(400, (await server.Post("/feedback", "{}")).Status);
    }

    private static string Made(ReceiptKeys keys, DateTimeOffset issued)
    {
        byte[] text = new byte[1000];
        ReceiptHead head = new(Convert.FromHexString(Fakes.Digest), issued.ToUnixTimeMilliseconds(), default, 0);
        return Encoding.ASCII.GetString(text, 0, ReceiptText.Write(keys, head, new byte[16], 0, new Interval(-1, 1), default, default, text));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

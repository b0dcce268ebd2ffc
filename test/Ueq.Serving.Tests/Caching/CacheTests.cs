using System.Globalization;
using System.Text.Json;
using Ueq.Serving.Caching;
using Ueq.Serving.Tests.Batching;
using Ueq.Versions;

namespace Ueq.Serving.Tests.Caching;

/// <summary>Answers that are kept in the process: the same as computed ones, never another row's, one computation per row.</summary>
public sealed class CacheTests
{
    private static readonly UeqServiceConfig Kept = new() { Cache = new CacheConfig { Models = ["*"] } };

    [Fact]
    public async Task ARowIsComputedOncePerCoverage()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, Kept);
        foreach (string body in new[]
        {
            """{"X":[[1,2],[3,4]]}""", """{"X":[[3,4],[1,2]]}""", """{"X":[[1,2],[5,6],[1,2],[5,6]]}""", """{"X":[[1,2]],"coverage":0.995}""", """{"X":[[1,2]],"coverage":0.995}""",
        })
        {
            JsonElement answer = await server.Predict(body);
            JsonElement rows = JsonDocument.Parse(body).RootElement.GetProperty("X");
            Assert.Equal(rows.EnumerateArray().Select(r => r[0].GetDouble() + r[1].GetDouble()), answer.GetProperty("predictions").EnumerateArray().Select(p => p.GetDouble()));
            string lower = body.Contains("0.995", StringComparison.Ordinal) ? "\"-Infinity\"" : (rows[0][0].GetDouble() + rows[0][1].GetDouble() - 1.5).ToString(CultureInfo.InvariantCulture);
            Assert.Equal(lower, answer.GetProperty("uncertainty")[0][0].GetRawText());
        }

        Assert.Equal([(2, 0.9), (1, 0.9), (1, 0.995)], model.Calls.Select(c => (c.Rows, c.Coverage)));
        CacheReading read = server.Models.Current.Cache!.Read();
        Assert.Equal((5L, 5L, 1L, 4L), (read.Hits, read.Misses, read.Joined, read.Rows));
        JsonElement cache = (await server.Get("/health")).Body.GetProperty("cache");
        Assert.Equal((5, 5, 0), (cache.GetProperty("hits").GetInt32(), cache.GetProperty("misses").GetInt32(), cache.GetProperty("evictions").GetInt32()));
        Assert.Equal(0.5, cache.GetProperty("hit_rate").GetDouble(), 12);
        Assert.Equal(JsonValueKind.Null, cache.GetProperty("redis").ValueKind);
        string metrics = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));
        Assert.Contains("""ueq_cache_requests_total{level="memory",model="y",result="hit"} 5""", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ClassesAndTheirSetsAreKeptToo()
    {
        await using Server server = await Server.Start(Fakes.Classes("red", "green", "blue"), Kept);
        const string Body = """{"X":[[1,2],[2,0],[0,3]]}""";
        JsonElement first = await server.Predict(Body), again = await server.Predict(Body);
        foreach (string part in new[] { "predictions", "sets", "probabilities", "labels" })
            Assert.Equal(first.GetProperty(part).GetRawText(), again.GetProperty(part).GetRawText());
        Assert.Equal(3, server.Models.Current.Cache!.Read().Hits);
    }

    [Fact]
    public async Task OfManyWithTheSameRowAtATimeOneAsksTheModel()
    {
        using GatedModel model = new();
        await using Server server = await Server.Start(model.Version, Kept);
        model.Close();
        Task<JsonElement>[] all = [.. Enumerable.Range(0, 24).Select(_ => Task.Run(() => server.Predict("""{"X":[[1,2]]}""")))];
        while (server.Models.Current.Cache!.Read().Misses < 24) await Task.Delay(1);
        model.Open();
        foreach (JsonElement answer in await Task.WhenAll(all)) Assert.Equal(3, answer.GetProperty("predictions")[0].GetDouble());
        Assert.Single(model.Calls);
    }

    [Fact]
    public async Task RequestsThatWaitForEachOthersRowsAllEnd()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), Kept with { Cache = Kept.Cache with { Rows = 16 }, Batching = new BatchingConfig { Models = ["*"], Rows = 8 } });
        await Task.WhenAll(Enumerable.Range(0, 24).Select(caller => Task.Run(async () =>
        {
            Rng rng = Rng.Stream(5, (ulong)caller);
            for (int i = 0; i < 60; i++)
            {
                int[] rows = [.. Enumerable.Range(0, 1 + rng.NextIndex(8)).Select(_ => rng.NextIndex(40))];
                bool poison = rng.NextUniform() < 0.1;
                string texts = string.Join(",", rows.Select(r => $"[{r},1]")) + (poison ? ",[66.5,1]" : "");
                (int status, string text) = await server.Post("/predict", $"{{\"X\":[{texts}]}}");
                Assert.Equal(poison ? 500 : 200, status);
                if (!poison) Assert.Equal(rows.Select(r => r + 1.0), JsonDocument.Parse(text).RootElement.GetProperty("predictions").EnumerateArray().Select(p => p.GetDouble()));
            }
        })));
        CacheReading read = server.Models.Current.Cache!.Read();
        Assert.True(read is { Hits: > 0, Evictions: > 0, Rows: <= 18 }, read.ToString());
    }

    [Fact]
    public async Task AFailureIsNotKeptAndNamesTheCallersRow()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), Kept);
        await server.Predict("""{"X":[[1,1],[2,1]]}""");
        for (int i = 0; i < 2; i++)
        {
            (int status, string text) = await server.Post("/predict", """{"X":[[1,1],[3,1],[2,1],[77.5,1]]}""");
            Assert.Equal(500, status);
            Assert.Contains("for row 3,", text, StringComparison.Ordinal);
        }

        Assert.Equal(2, server.Models.Current.Cache!.Read().Rows);
    }

    [Fact]
    public async Task KeptRowsAreWatchedAndHaveReceipts()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), Kept);
        HashSet<string> receipts = [];
        for (int i = 0; i < 5; i++) receipts.Add((await server.Predict("""{"X":[[1,2,3]],"receipts":true}""")).GetProperty("receipts")[0].GetString()!);
        Assert.Equal(5, receipts.Count);
        string labels = string.Join(",", receipts.Select(r => $"{{\"receipt\":\"{r}\",\"y\":6}}"));
        Assert.Contains("\"accepted\":5", (await server.Post("/feedback", $"{{\"labels\":[{labels}]}}")).Body, StringComparison.Ordinal);
        await server.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 5);
        await server.Until("/coverage", c => c.GetProperty("labels").GetInt64() == 5);
        Assert.Equal(5, (await server.Get("/health")).Body.GetProperty("performance").GetProperty("total_samples").GetInt64());
    }

    [Fact]
    public async Task AnotherVersionHasAnswersOfItsOwn()
    {
        await using Server server = await Server.Start(Fakes.Sum(2), Kept);
        await server.Predict("""{"X":[[1,2]]}""");
        using GatedModel other = new();
        server.Models.Serve(new ModelVersion(other.Version.Manifest, other, default, new string('e', 64)), "y");
        await server.Predict("""{"X":[[1,2]]}""");
        Assert.Single(other.Calls);
    }

    [Fact]
    public async Task StreamsLargeRequestsAndModelsThatAreNotNamedAreNotKept()
    {
        await using Server server = await Server.Start(
            [new("a", Fakes.Sum(2)), new("b", new(Fakes.Sum().Manifest, Fakes.Sum().Regressor!, default, new string('c', 64)))], new UeqServiceConfig { Cache = new CacheConfig { Models = ["a"] } });
        Assert.Null(server.Models.Models[1].Cache);
        await server.Predict("""{"model":"b","X":[[1,2,3]]}""");
        await server.Post("/predict_large", "[1,2]\n", "application/x-ndjson");
        await server.Predict($"{{\"X\":[{string.Join(",", Enumerable.Range(0, RowCache.MostRows + 1).Select(i => $"[{i},0]"))}]}}");
        Assert.Equal(default, server.Models.Models[0].Cache!.Read());
    }

    [Fact]
    public void EveryPartOfAKeyCountsAndAgeDoes()
    {
        RowLayout layout = new(Fakes.Sum(2), 0), other = new(new ModelVersion(Fakes.Sum(2).Manifest, Fakes.Sum(2).Regressor!, default, new string('a', 64)), 0);
        byte[] Key(RowLayout of, double coverage, params float[] row)
        {
            byte[] key = new byte[of.KeyBytes];
            of.BeginKey(coverage, key);
            RowLayout.EndKey(row, key);
            return key;
        }

        byte[] key = Key(layout, 0.9, 1, float.NaN);
        Assert.Equal(key, Key(layout, 0.9, 1, BitConverter.Int32BitsToSingle(0x7FC00001)));
        byte[][] different = [Key(other, 0.9, 1, float.NaN), Key(layout, 0.95, 1, float.NaN), Key(layout, 0.9, 2, float.NaN), Key(layout, 0.9, float.NaN, 1)];
        Assert.Equal(5, different.Append(key).Select(k => RowLayout.Hash(k)).Distinct().Count());

        PredictWork work = new();
        work.Rows = 1;
        work.Predictions.Reserve(1);
        work.Intervals.Reserve(1);
        work.Predictions.Span(1)[0] = 7;
        work.Intervals.Span(1)[0] = new Interval(double.NegativeInfinity, 9);
        byte[] bytes = new byte[layout.Bytes];
        key.CopyTo(bytes, 0);
        layout.WriteAnswer(work, 0, 1000, bytes);
        Assert.True(layout.IsSound(bytes));
        Assert.True(layout.Fits(bytes, key, 1999, 1000));
        Assert.False(layout.Fits(bytes, key, 2000, 1000));
        foreach (byte[] wrong in different) Assert.False(layout.Fits(bytes, wrong, 1000, 1000));
        work.Predictions.Span(1)[0] = 0;
        layout.ReadAnswer(bytes, work, 0);
        Assert.Equal((7, double.NegativeInfinity, 9), (work.Predictions.Span(1)[0], work.Intervals.Span(1)[0].Lower, work.Intervals.Span(1)[0].Upper));
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] broken = [.. bytes];
            broken[at] ^= 1;
            Assert.False(layout.IsSound(broken), $"byte {at}");
        }

        Assert.False(layout.IsSound(bytes.AsSpan(1)));
        Assert.False(layout.IsSound(default));
    }

    [Fact]
    public void ThePasswordIsNotShown()
    {
        UeqServiceConfig config = new() { Cache = new CacheConfig { Redis = "10.0.0.1:6379,password=secret,ssl=true" } };
        string shown = Configuration.ConfigKey.Find("cache.redis")!.Show(config);
        Assert.Contains("10.0.0.1:6379", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", shown + config.Cache, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("redis: \"\"", "cache.redis: expected an address of Redis such as 127.0.0.1:6379")]
    [InlineData("redis: \"h:1,password=secret,what=ever\"", "cache.redis: expected an address of Redis such as 127.0.0.1:6379,password=…, got something else")]
    [InlineData("rows: 3", "cache.rows: expected a whole number from 16 to 100000000, got 3")]
    [InlineData("modles: [a]", "cache.models")]
    public void ABadKeyIsSaidWithoutThePassword(string yaml, string said)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, $"cache:\n  {yaml}\n");
            InvalidDataException bad = Assert.Throws<InvalidDataException>(() => UeqServiceConfig.FromYaml(file));
            Assert.Contains(said, bad.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", bad.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}

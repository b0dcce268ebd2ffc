using System.Text.Json;
using Ueq.Storage.Tests;

namespace Ueq.Serving.Tests.Receipts;

/// <summary>Services that share a PostgreSQL database.</summary>
public sealed class ReplicaTests(PostgresCluster cluster)
{
    [Fact]
    public async Task TheSameReceiptsAtTheSameTimeCountOnceAtAllReplicas()
    {
        const int Rows = 240;
        UeqServiceConfig config = new() { ReceiptKey = new string('k', 40), Store = await cluster.Fresh() };
        await using Server one = await Server.Start(Fakes.Sum(reference: true), config);
        await using Server two = await Server.Start(Fakes.Sum(reference: true), config);
        string[] receipts = await Receipts(one, Rows);

        // Both get every receipt, in requests of different sizes and in opposite orders, all at once.
        List<Task<(long Accepted, long Duplicates)>> sent = [];
        foreach (int[] rows in Enumerable.Range(0, Rows).Chunk(30)) sent.Add(Feedback(one, receipts, rows));
        foreach (int[] rows in Enumerable.Range(0, Rows).Reverse().Chunk(48)) sent.Add(Feedback(two, receipts, rows));
        (long Accepted, long Duplicates)[] answers = await Task.WhenAll(sent);
        Assert.Equal(Rows, answers.Sum(a => a.Accepted));
        Assert.Equal(Rows, answers.Sum(a => a.Duplicates));
        await AllSay([one, two], Rows);

        // What only the second was told, the first knows.
        string[] more = await Receipts(two, 60);
        Assert.Equal((60, 0), await Feedback(two, more, [.. Enumerable.Range(0, 60)]));
        await AllSay([one, two], Rows + 60);
        Assert.Equal((0, 60), await Feedback(one, more, [.. Enumerable.Range(0, 60)]));

        // One that comes later reads it all, and one that began with the others counts nothing twice.
        await using Server three = await Server.Start(Fakes.Sum(reference: true), config);
        await AllSay([one, two, three], Rows + 60);
    }

    [Fact]
    public async Task ReplicasComeToTheSameOnlineLevelToTheLastBit()
    {
        UeqServiceConfig config = OnlineServer.Config with { Store = await cluster.Fresh() };
        await using Server one = await OnlineServer.Start(config);
        await using Server two = await OnlineServer.Start(config);
        string[] ofOne = await one.Receipts(100), ofTwo = await two.Receipts(100, ",\"coverage\":0.8");
        // Each is told of answers of both, at the same time.
        await Task.WhenAll(
            Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? one : two).Tell(i % 3 == 0 ? 9 : 0, [.. ofOne[(i * 5)..(i * 5 + 5)], .. ofTwo[(i * 5)..(i * 5 + 5)]])));
        await AllHave([one, two], 200);

        // A reset reaches the other, with labels that come at once at both.
        Assert.Equal(200, (await two.Post("/online/reset", """{"who":"ann"}""")).Status);
        string[] after = await two.Receipts(40);
        await Task.WhenAll(one.Tell(9, after[..20]), two.Tell(0, after[20..]));
        await AllHave([one, two], 40);
        await using Server three = await OnlineServer.Start(config);
        await AllHave([one, two, three], 40);
    }

    [Fact]
    public async Task ReplicasOfOneMachineKeepWhatIsTheirs()
    {
        UeqServiceConfig first = new() { ReceiptKey = new string('k', 40), Store = await cluster.Fresh() }, second = first with { Urls = ["http://0.0.0.0:0"] };
        await using (Server one = await Server.Start(Fakes.Sum(reference: true), first))
        await using (Server two = await Server.Start(Fakes.Sum(reference: true), second))
        {
            await Feedback(one, await Receipts(one, 30), [.. Enumerable.Range(0, 20)]);
            await Receipts(two, 25);
            await AllSay([one, two], 20);
        }

        await using Server again = await Server.Start(Fakes.Sum(reference: true), first);
        await again.Until("/monitoring", m => m.GetProperty("rows").GetInt64() == 30);
        JsonElement coverage = await again.Until("/coverage", c => c.GetProperty("labels").GetInt64() == 20);
        Assert.Equal(20 / 55.0, coverage.GetProperty("completeness").GetDouble(), 1e-9);
    }

    private static async Task AllHave(Server[] replicas, long updates)
    {
        List<string> said = [];
        foreach (Server replica in replicas)
        {
            await replica.Until("/coverage", c => OnlineServer.Updates(c) == updates);
            said.Add(string.Join(' ', replica.Models.Current.Online!.Read()));
        }

        Assert.All(said, s => Assert.Equal(said[0], s));
    }

    private static async Task AllSay(Server[] replicas, long labels)
    {
        List<string> said = [];
        foreach (Server replica in replicas)
        {
            JsonElement coverage = await replica.Until("/coverage", c => c.GetProperty("labels").GetInt64() >= labels);
            Assert.Equal(labels, coverage.GetProperty("labels").GetInt64());
            // Every tenth truth lies outside.
            Assert.Equal(0.9, coverage.GetProperty("covered").GetDouble(), 1e-9);
            said.Add(string.Join(' ', new[] { "covered", "lower", "upper", "evidence", "log_evidence", "performance", "groups" }.Select(k => coverage.GetProperty(k).GetRawText())));
        }

        Assert.All(said, s => Assert.Equal(said[0], s));
    }

    private static async Task<string[]> Receipts(Server server, int rows)
    {
        JsonElement answer = await server.Predict($"{{\"X\":[{string.Join(',', Enumerable.Range(0, rows).Select(i => $"[{i},0,0]"))}],\"receipts\":true}}");
        return [.. answer.GetProperty("receipts").EnumerateArray().Select(r => r.GetString()!)];
    }

    private static async Task<(long Accepted, long Duplicates)> Feedback(Server server, string[] receipts, int[] rows)
    {
        string labels = string.Join(',', rows.Select(i => $"{{\"receipt\":\"{receipts[i]}\",\"y\":{i + (i % 10 == 0 ? 2 : 1)}}}"));
        (int status, string text) = await server.Post("/feedback", $"{{\"labels\":[{labels}]}}");
        Assert.True(status == 200, $"{status}: {text}");
        JsonElement answer = JsonDocument.Parse(text).RootElement;
        return (answer.GetProperty("accepted").GetInt64(), answer.GetProperty("duplicates").GetInt64());
    }
}

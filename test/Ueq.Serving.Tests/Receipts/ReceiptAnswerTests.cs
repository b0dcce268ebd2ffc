using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Ueq.Serving.Receipts;

namespace Ueq.Serving.Tests.Receipts;

public sealed class ReceiptAnswerTests
{
    private static readonly UeqServiceConfig Keyed = new() { ReceiptKey = new string('k', 40) };

    private static Receipt Read(JsonElement text)
    {
        Assert.Equal(ReceiptFault.None, ReceiptText.Read(ReceiptKeys.From(Keyed.ReceiptKey, []), Encoding.ASCII.GetBytes(text.GetString()!), out Receipt receipt));
        return receipt;
    }

    [Fact]
    public async Task EveryRowHasAReceiptOfItsOwnWhenTheyAreAskedFor()
    {
        await using Server server = await Server.Start(Fakes.Sum(), Keyed);
        Assert.False((await server.Predict("""{"X":[[1,2,3]]}""")).TryGetProperty("receipts", out _));
        Assert.False((await server.Predict("""{"X":[[1,2,3]],"receipts":false}""")).TryGetProperty("receipts", out _));
        foreach (string body in new[] { """{"X":[[1,2,3],[4,5,6]],"receipts":true,"coverage":0.8}""", """{"groups":["a",null],"X":[[1,2,3],[4,5,6]],"receipts":true,"coverage":0.8}""" })
        {
            JsonElement answer = await server.Predict(body);
            Receipt[] receipts = [.. answer.GetProperty("receipts").EnumerateArray().Select(Read)];
            Assert.Equal([6.0, 15.0], receipts.Select(r => r.Prediction));
            Assert.Equal([new Interval(4.5, 7.5), new(13.5, 16.5)], receipts.Select(r => r.Answer));
            Assert.All(receipts, r => Assert.Equal((Fakes.Digest, new Coverage(0.8)), (r.Version, r.Coverage)));
            Assert.NotEqual(receipts[0].Id, receipts[1].Id);
            Assert.Equal(body.Contains("groups", StringComparison.Ordinal) ? ["a", null] : [null, null], receipts.Select(r => r.Group));
            Assert.InRange(receipts[0].IssuedAt, DateTimeOffset.UtcNow.AddMinutes(-1), DateTimeOffset.UtcNow.AddSeconds(1));
        }
    }

    [Fact]
    public async Task LargeAnswersHaveReceiptsInOrder()
    {
        await using Server server = await Server.Start(Fakes.Sum(), Keyed);
        string rows = string.Join(",", Enumerable.Range(0, 5000).Select(i => $"[{i},1,2]"));
        JsonElement answer = await server.Predict($"{{\"X\":[{rows}],\"receipts\":true}}", "/predict_large");
        Receipt[] receipts = [.. answer.GetProperty("receipts").EnumerateArray().Select(Read)];
        Assert.Equal(Enumerable.Range(0, 5000).Select(i => i + 3.0), receipts.Select(r => r.Prediction));
        Assert.Equal(5000, receipts.Select(r => r.Id).Distinct().Count());
    }

    [Fact]
    public async Task LinesHaveReceiptsAndGroups()
    {
        await using Server server = await Server.Start(Fakes.Sum(), Keyed);
        string lines = "[1,2,3]\n{\"x\":[1,2],\"group\":\"lost\"}\n{\"x\":[4,5,6],\"group\":\"b\"}\n{\"x\":[1,1,1],\"group\":7}\n[7,8,9]\n";
        string[] answers = (await server.Post("/predict_large?receipts=true", lines, "application/x-ndjson")).Body.TrimEnd('\n').Split('\n');
        Assert.Equal(6, answers.Length);
        Assert.Contains("$.group: expected a text or null, got 7", answers[3], StringComparison.Ordinal);
        Receipt[] receipts = [.. new[] { 0, 2, 4 }.Select(i => Read(JsonDocument.Parse(answers[i]).RootElement.GetProperty("receipt")))];
        Assert.Equal([(6.0, null), (15.0, "b"), (24.0, null)], receipts.Select(r => (r.Prediction, r.Group)));
    }

    [Fact]
    public async Task LabelSetsAreInTheReceipt()
    {
        await using Server server = await Server.Start(Fakes.Classes("a", "b", "c"), Keyed);
        Receipt receipt = Read((await server.Predict("""{"X":[[1,2]],"receipts":true}""")).GetProperty("receipts")[0]);
        Assert.Equal((1.0, 3), (receipt.Prediction, receipt.Classes));
        Assert.Equal(0b110UL, receipt.Set[0]);
    }

    [Theory]
    [InlineData("""{"X":[[1,2,3]],"groups":["a","b"]}""", "$.groups: expected 1 groups, one per row, got 2")]
    [InlineData("""{"X":[[1,2,3]],"groups":[]}""", "$.groups: expected one group per row, got an empty array")]
    [InlineData("""{"X":[[1,2,3]],"groups":"a"}""", "$.groups: expected an array of texts, one per row, got \"a\"")]
    [InlineData("""{"X":[[1,2,3]],"groups":[1]}""", "$.groups[0]: expected a text or null, got 1")]
    [InlineData("""{"X":[[1,2,3]],"groups":[""]}""", "$.groups[0]: expected a text of 1 to 64 bytes")]
    [InlineData("""{"X":[[1,2,3]],"groups":["0123456789012345678901234567890123456789012345678901234567890123456789"]}""", "$.groups[0]: expected a text of 1 to 64 bytes")]
    [InlineData("""{"X":[[1,2,3]],"receipts":1}""", "$.receipts: expected true or false, got 1")]
    [InlineData("""{"X":[[1,2,3]],"receipts":true,"receipts":true}""", "$.receipts: expected the key once, got it twice")]
    public async Task BadGroupsAndFlagsAreNamed(string body, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        BadRequestTests.AssertError(await server.Post("/predict", body), 400, said);
    }

    [Theory]
    [InlineData("receipt_key: short")]
    [InlineData("previous_receipt_keys: [short]")]
    public void AShortKeyIsRefusedWithoutBeingSaid(string yaml)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, yaml);
        InvalidDataException bad = Assert.Throws<InvalidDataException>(() => UeqServiceConfig.FromYaml(file));
        File.Delete(file);
        Assert.Contains("32 bytes or more", bad.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("short", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReceiptsAllocateNothing()
    {
        ServedModel model = new("y", "y", Fakes.Sum(), new(), TimeProvider.System);
        PredictWork work = new() { Issuer = new ReceiptIssuer(Keyed, new FakeTimeProvider(), NullLogger<ReceiptIssuer>.Instance) };
        byte[] body = Encoding.UTF8.GetBytes($"{{\"X\":[{string.Join(",", Enumerable.Repeat("[1,2,3]", 70))}],\"receipts\":true}}");
        for (int i = 0; i < 200; i++) Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 200; i++) Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            work.Begin(default, 1000);
            PredictReader.Read(body, model.Schema, 1000, work);
            Prediction.Run(model, work, int.MaxValue, 1, default);
            AnswerWriter.WriteRows(model, work);
            AnswerWriter.WriteRest(model, work, 1e-5, 17);
            work.Trim();
        }
    }
}

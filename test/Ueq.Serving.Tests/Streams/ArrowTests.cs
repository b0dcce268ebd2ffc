using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Apache.Arrow;
using Apache.Arrow.Types;
using Ueq.Serving.Telemetry;
using static Ueq.Serving.Tests.Streams.ArrowBody;

namespace Ueq.Serving.Tests.Streams;

public sealed class ArrowTests
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task ABatchInIsABatchOut()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        List<RecordBatch> answers = await Answers(server, Stream(Numbers(3), Numbers(2, 10), Numbers(0), Numbers(1, 20)));
        Assert.Equal([3, 2, 0, 1], answers.Select(a => a.Length));
        Assert.Equal(["prediction", "lower", "upper", "error"], answers[0].Schema.FieldsList.Select(f => f.Name));
        Assert.Equal([3.0, 4, 5], Numbers(answers[0], "prediction"));
        Assert.Equal([11.5, 12.5], Numbers(answers[1], "lower"));
        Assert.Equal([24.5], Numbers(answers[3], "upper"));
        Assert.All(answers, a => Assert.Equal(a.Length, a.Column("error").NullCount));
        Assert.Equal(("y", Fakes.Digest, "0.9"), (answers[0].Schema.Metadata["model"], answers[0].Schema.Metadata["version"], answers[0].Schema.Metadata["coverage"]));
    }

    [Fact]
    public async Task AnUnboundedEndIsInfinite()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        RecordBatch answer = (await Answers(server, Stream(Numbers(1)), "/predict_large?coverage=0.995")).Single();
        Assert.Equal([double.NegativeInfinity], Numbers(answer, "lower"));
        Assert.Equal([double.PositiveInfinity], Numbers(answer, "upper"));
        answer = (await Answers(server, Stream(Numbers(1)), "/predict_large?return_uncertainty=false")).Single();
        Assert.Equal(["prediction", "error"], answer.Schema.FieldsList.Select(f => f.Name));
        BadRequestTests.AssertError(await Refused(server, Stream(Numbers(1)), "/predict_large?covrage=0.9"), 400, "did you mean \"coverage\"?");
        BadRequestTests.AssertError(await Refused(server, Stream(Numbers(1)), "/predict_large?model=z"), 404, "\"z\"");
    }

    [Fact]
    public async Task ColumnsAreFoundByNameOrByOrderAndHaveAnyTypeOfNumbers()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Int64Array ten = new Int64Array.Builder().Append(10).Build();
        BooleanArray yes = new BooleanArray.Builder().Append(true).Build();
        // The first row of Sum that is not finite would be an error, so 66.5 in the wrong place would be too.
        Assert.Equal([77.5], Numbers((await Answers(server, Stream(Batch(("f2", Floats(66.5f)), ("f0", ten), ("f1", yes))))).Single(), "prediction"));
        Assert.Equal([77.5], Numbers((await Answers(server, Stream(Batch(("a", ten), ("b", yes), ("c", Floats(66.5f)))))).Single(), "prediction"));
        FixedSizeListType list = new(new Field("item", FloatType.Default, nullable: true), 3);
        FixedSizeListArray rows = new(new ArrayData(list, 2, 0, 0, [ArrowBuffer.Empty], [Floats(1, 2, 3, 4, 5, 6).Data]));
        Assert.Equal([6.0, 15.0], Numbers((await Answers(server, Stream(Batch(("X", rows))))).Single(), "prediction"));
        rows = new(new ArrayData(list, 2, 0, 0, [ArrowBuffer.Empty], [Floats(1, 2, 3, 4, float.NaN, 6).Data]));
        Assert.Equal([null, "batch 0, row 1, column \"f1\": expected a finite number, got NaN"], TextsOf((await Answers(server, Stream(Batch(("X", rows))))).Single(), "error"));
    }

    [Fact]
    public async Task TextsAndMissingValuesAreTakenWhereTheModelHasThem()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        // Features are age, red, green, 7, income, of which a missing one counts −1000.
        RecordBatch plain = Batch(("age", Doubles(1, 2, 3)), ("income", Doubles(5, null, double.NaN)), ("colour", Texts("red", "green", "7")));
        Assert.Equal([7.0, -997, -996], Numbers((await Answers(server, Stream(plain))).Single(), "prediction"));
        RecordBatch packed = Batch(("age", Doubles(1, 2, 3)), ("income", Doubles(5, 5, 5)), ("colour", Dictionary(["7", "mauve", "red"], 2, 1, 0)));
        RecordBatch answer = (await Answers(server, Stream(packed))).Single();
        Assert.Equal([7.0, null, 9.0], Numbers(answer, "prediction"));
        Assert.Equal([null, "batch 0, row 1, column \"colour\": expected one of \"red\", \"green\", \"7\", got \"mauve\"", null], TextsOf(answer, "error"));
        RecordBatch whole = Batch(("age", Doubles(1)), ("colour", new Int32Array.Builder().Append(7).Build()), ("income", Doubles(5)));
        Assert.Equal([7.0], Numbers((await Answers(server, Stream(whole))).Single(), "prediction"));
    }

    [Fact]
    public async Task ABadRowFailsAloneAndSaysItsPlace()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        RecordBatch bad = Batch(
            ("f0", Doubles(1, double.NaN, 3, 66.5, 5, 77.5, 7)), ("f1", Doubles(1, 1, null, 1, 1, 1, 1)), ("f2", Doubles(1, 1, 1, 1, double.NegativeInfinity, 1, 1e39)));
        List<RecordBatch> answers = await Answers(server, Stream(Numbers(2), bad, Numbers(1)), "/predict_large?receipts=true");
        Assert.Equal([3.0, null, null, null, null, null, null], Numbers(answers[1], "prediction"));
        Assert.Equal(
            [
                null, "batch 1, row 1, column \"f0\": expected a finite number, got NaN", "batch 1, row 2, column \"f1\": expected a finite number, got null",
                "the model failed on this row", "batch 1, row 4, column \"f2\": expected a finite number, got -Infinity",
                "the model failed on this row", "batch 1, row 6, column \"f2\": expected a number within ±3.4e38, got 1E+39",
            ],
            TextsOf(answers[1], "error"));
        Assert.Equal([false, true, true, true, true, true, true], TextsOf(answers[1], "receipt").Select(r => r is null));
        Assert.Equal([3.0], Numbers(answers[2], "prediction"));
    }

    [Fact]
    public async Task ManyBadRowsAreNotAllDescribed()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        double?[] none = [.. Enumerable.Repeat((double?)null, 1500)];
        string?[] errors = TextsOf((await Answers(server, Stream(Batch(("f0", Doubles(none)), ("f1", Doubles(none)), ("f2", Doubles(none)))))).Single(), "error");
        Assert.Equal("batch 0, row 999, column \"f0\": expected a finite number, got null", errors[999]);
        Assert.Equal("not a row; the first 1000 errors of its batch say why", errors[1000]);
    }

    public static TheoryData<string, string> WrongSchemas => new()
    {
        { "f0 f1", "expected a column \"f2\", got \"f0\", \"f1\"" },
        { "f0 f1 f2 f3 f4", "expected 3 columns, those of the model, and perhaps \"group\", got 5" },
        { "f0 f1 f02", "column \"f02\" is none of the model's; did you mean" },
        { "f0 f1 f1", "column \"f1\": expected it once, got it twice" },
        { "a b", "expected the 3 columns of the model by name or in its order, got \"a\", \"b\"" },
        { "f0 f1 f2:text", "column \"f2\": expected numbers (float, int or bool), got utf8" },
        { "f0 f1 f2:date", "column \"f2\": expected numbers (float, int or bool), got date" },
        { "f0 f1 f2 group", "column \"group\": expected texts (utf8), got float" },
        { "group:text", "got \"group\"" },
    };

    [Theory]
    [MemberData(nameof(WrongSchemas))]
    public async Task ASchemaThatIsNotTheModelsIsRefused(string columns, string expected)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (string, IArrowArray)[] fields = [.. columns.Split(' ').Select(column => column.Split(':')).Select(parts => (parts[0], parts.Length == 1 ? Doubles(1) : parts[1] == "text" ? Texts("1") : (IArrowArray)new Date32Array.Builder().Append(DateTimeOffset.UnixEpoch).Build()))];
        BadRequestTests.AssertError(await Refused(server, Stream(Batch(fields))), 400, expected);
    }

    [Fact]
    public async Task ClassesHaveSetsAndProbabilities()
    {
        await using Server server = await Server.Start(Fakes.Classes("a", "b", "c"));
        RecordBatch answer = (await Answers(server, Stream(Batch(("f0", Floats(1, 2)), ("f1", Floats(2, 1)))))).Single();
        Assert.Equal(["b", "c"], TextsOf(answer, "prediction"));
        BooleanArray sets = (BooleanArray)((FixedSizeListArray)answer.Column("set")).Values;
        Assert.Equal([false, true, true, false, false, true], Enumerable.Range(0, 6).Select(i => sets.GetValue(i)!.Value));
        DoubleArray probabilities = (DoubleArray)((FixedSizeListArray)answer.Column("probabilities")).Values;
        Assert.Equal([0.1, 0.7, 0.2, 0.2, 0.1, 0.7], probabilities.Values.ToArray());
        Assert.Equal("[\"a\",\"b\",\"c\"]", answer.Schema.Metadata["classes"]);
    }

    [Fact]
    public async Task ReceiptsAreTakenAsLabelsAndGroupsAreFollowed()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        RecordBatch rows = Batch(("f0", Doubles(1, 2, 3)), ("f1", Doubles(1, 1, 1)), ("f2", Doubles(1, 1, 1)), ("group", Texts("north", null, new string('x', 65))));
        RecordBatch answer = (await Answers(server, Stream(rows), "/predict_large?receipts=true")).Single();
        string?[] receipts = TextsOf(answer, "receipt");
        Assert.Contains("column \"group\": expected a text of 1 to 64 bytes", TextsOf(answer, "error")[2], StringComparison.Ordinal);
        string labels = string.Join(", ", receipts[..2].Select(r => $$"""{"receipt": "{{r}}", "y": 3}"""));
        (int status, string body) = await server.Post("/feedback", $$"""{"labels": [{{labels}}]}""");
        Assert.True(status == 200, body);
        JsonElement coverage = await server.Until("/coverage", c => c.GetProperty("labels").GetInt32() == 2);
        Assert.Equal(1, coverage.GetProperty("groups").GetProperty("north").GetProperty("labels").GetInt32());
    }

    [Fact]
    public async Task RowsAndAnswersMayHaveDifferentFormats()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        List<RecordBatch> answers = await Answers(server, "[1,2,3]\nfoo\n[4,5,6]\n"u8.ToArray(), type: Lines, accept: $"text/html, {Lines};q=0.5, {MediaType}");
        Assert.Equal([6.0, null, 15.0], answers.SelectMany(a => Numbers(a, "prediction")));
        Assert.Contains("expected valid JSON", answers.SelectMany(a => TextsOf(a, "error")).ElementAt(1), StringComparison.Ordinal);
        RecordBatch bad = Batch(("f0", Doubles(1, null)), ("f1", Doubles(1, 1)), ("f2", Doubles(1, 1)));
        (int status, byte[] body, HttpResponseMessage answer) = await Post(server, "/predict_large", Stream(Numbers(1), bad), accept: Lines);
        Assert.Equal((200, Lines), (status, answer.Content.Headers.ContentType!.MediaType));
        Assert.Equal(
            [
                """{"prediction":3,"lower":1.5,"upper":4.5}""", """{"prediction":3,"lower":1.5,"upper":4.5}""",
                """{"error":"batch 1, row 1, column \"f0\": expected a finite number, got null","row":2}""", """{"status":"partial","rows":2,"errors":1}""", "",
            ],
            Encoding.UTF8.GetString(body).Split('\n'));
    }

    [Fact]
    public async Task ABodyMayComeCompressedAndAnswersAfterIt()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest)) gzip.Write(Stream(Numbers(3), Numbers(5)));
        (int status, byte[] body, HttpResponseMessage answer) = await Post(server, "/predict_large?answers=after", packed.ToArray(), encoding: "gzip");
        Assert.Equal(200, status);
        Assert.Equal(body.Length, answer.Content.Headers.ContentLength);
        Assert.Equal([3, 5], Read(body).Select(b => b.Length));
    }

    [Fact]
    public async Task AStreamIsOneRequestAndItsRowsAreCountedAndWatched()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true), new UeqServiceConfig { WindowSize = 50 });
        await Answers(server, Stream(Numbers(60), Numbers(40)));
        JsonElement health = (await server.Get("/health")).Body;
        Assert.Equal(1, health.GetProperty("request_count").GetInt64());
        Assert.Equal(100, server.Service<ServiceTally>().Rows);
        JsonElement watched = await server.Until("/monitoring", body => body.GetProperty("rows").GetInt64() == 100);
        Assert.Equal(JsonValueKind.Object, watched.ValueKind);
    }

    private static async Task<(int Status, string Body)> Refused(Server server, byte[] body, string path = "/predict_large")
    {
        (int status, byte[] answer, _) = await Post(server, path, body);
        return (status, Encoding.UTF8.GetString(answer));
    }
}

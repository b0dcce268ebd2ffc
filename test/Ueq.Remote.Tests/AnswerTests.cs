using Microsoft.AspNetCore.Http;

namespace Ueq.Remote.Tests;

/// <summary>What is asked and how answers are read.</summary>
public sealed class AnswerTests
{
    private static readonly FeatureMatrix Rows = new(Enumerable.Range(0, 400).Select(i => i / 4f).ToArray(), 2);

    private static double[] Predict(IPointPredictor model, FeatureMatrix x)
    {
        double[] answers = new double[x.Rows];
        model.Predict(x, answers);
        return answers;
    }

    private static double[] Expected(FeatureMatrix x) => [.. Enumerable.Range(0, x.Rows).Select(i => (double)x.Row(i)[0] + x.Row(i)[1])];

    private static string Metadata(string inputs, string outputs) => $$"""{"name":"m","inputs":[{{inputs}}],"outputs":[{{outputs}}]}""";

    private static string Tensor(string name, string datatype, string shape) => $$"""{"name":"{{name}}","datatype":"{{datatype}}","shape":[{{shape}}]}""";

    private static void Says(Exception fault, params string[] parts) => Assert.All(parts, part => Assert.Contains(part, fault.Message, StringComparison.Ordinal));

    [Fact]
    public async Task AnswersComeInTheOrderOfTheRowsWhateverOrderTheyArriveIn()
    {
        // Every second request is held until the one after it has been answered.
        TaskCompletionSource[] answered = [.. Enumerable.Range(0, 101).Select(_ => new TaskCompletionSource())];
        int most = 0, now = 0;
        await using OipServer server = await OipServer.Start(async asked =>
        {
            int here = Interlocked.Increment(ref now);
            lock (answered) most = Math.Max(most, here);
            if (asked.Number % 2 == 1 && asked.Number < 20) await answered[asked.Number + 1].Task;
            Interlocked.Decrement(ref now);
            await asked.Answer(row => row.Sum());
            answered[asked.Number].TrySetResult();
        });
        using RemoteModel model = server.Connect(options => options with { BatchRows = 10, RequestsInFlight = 4, Timeout = TimeSpan.FromMinutes(1), TotalTimeout = TimeSpan.FromMinutes(2) });
        Assert.Equal(Expected(Rows), Predict(new RemoteRegressor(model), Rows));
        Assert.Equal(20, server.Requests);
        Assert.InRange(most, 2, 4);
    }

    [Fact]
    public async Task RequestsOfAllThreadsTogetherAreBounded()
    {
        int most = 0, now = 0;
        object gate = new();
        await using OipServer server = await OipServer.Start(async asked =>
        {
            int here = Interlocked.Increment(ref now);
            lock (gate) most = Math.Max(most, here);
            await Task.Yield();
            Interlocked.Decrement(ref now);
            await asked.Answer(row => row.Sum());
        });
        using RemoteModel model = server.Connect(options => options with { BatchRows = 7, RequestsInFlight = 2 });
        RemoteRegressor regressor = new(model);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(Expected(Rows), Predict(regressor, Rows)));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task AThreadWithAContextOfItsOwnIsNotBlockedForEver()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Answer(row => row.Sum()));
        double[]? answers = null;
        Thread thread = new(() =>
        {
            // Nobody ever runs what is posted here.
            SynchronizationContext.SetSynchronizationContext(new SynchronizationContext());
            SynchronizationContext.SetSynchronizationContext(new NeverRuns());
            using RemoteModel model = server.Connect(options => options with { BatchRows = 10 });
            answers = Predict(new RemoteRegressor(model), Rows);
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(60)));
        Assert.Equal(Expected(Rows), answers);
    }

    private sealed class NeverRuns : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
        }

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody runs this.");
    }

    [Theory]
    [InlineData("FP64", "-1, 2")]
    [InlineData("FP32", "-1, -1")]
    [InlineData("INT64", "-1, 2")]
    public async Task OneTensorOfAllColumns(string datatype, string shape)
    {
        string? seen = null;
        await using OipServer server = await OipServer.Start(
            asked =>
            {
                seen = asked.Body.GetRawText();
                return asked.Answer(row => row.Sum());
            },
            Metadata(Tensor("x", datatype, shape), Tensor("y", "FP32", "-1, 1")));
        using RemoteModel model = server.Connect(options => options with { Features = 2, Version = "7" });
        Assert.Equal(2, model.Features);
        Assert.Equal(3, Predict(new RemoteRegressor(model), new FeatureMatrix(new float[] { 1, 2 }, 2))[0]);
        Assert.Equal($$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"{{datatype}}","data":[1,2]}],"outputs":[{"name":"y"}]}""", seen);
        Assert.Contains("/v2/models/m/versions/7/infer", server.Seen.Select(s => s.Path));
        if (datatype == "INT64")
            Says(Assert.Throws<ArgumentException>(() => Predict(new RemoteRegressor(model), new FeatureMatrix(new float[] { 1, 2, 1, 2.5f }, 2))), "row 1, column 1", "2.5");
    }

    [Fact]
    public async Task OneInputPerColumn()
    {
        await using OipServer server = await OipServer.Start(
            asked =>
            {
                double[][] columns = [.. asked.Body.GetProperty("inputs").EnumerateArray().Select(c => c.GetProperty("data").EnumerateArray().Select(v => v.GetDouble()).ToArray())];
                Assert.Equal(["b", "a"], asked.Body.GetProperty("inputs").EnumerateArray().Select(c => c.GetProperty("name").GetString()));
                Assert.Equal([2, 1], asked.Body.GetProperty("inputs").EnumerateArray().Select(c => c.GetProperty("shape").GetArrayLength()));
                return asked.Answer(("y", "FP64", [columns[0].Length], columns[0].Zip(columns[1], (b, a) => b - a).ToArray()));
            },
            Metadata(Tensor("b", "FP32", "-1, 1") + "," + Tensor("a", "FP64", "-1"), Tensor("y", "FP64", "-1")));
        using RemoteModel model = server.Connect();
        Assert.Equal([-0.25, -0.25], Predict(new RemoteRegressor(model), Rows)[..2]);
    }

    [Fact]
    public async Task QuantilesAndGaussiansComeFromTwoOutputsOrTwoColumns()
    {
        double[] Of(IQuantilePredictor model)
        {
            double[] lower = new double[2], upper = new double[2];
            model.Predict(Rows.Slice(0, 2), lower, upper);
            return [.. lower, .. upper];
        }

        double[] Gaussian(IGaussianPredictor model)
        {
            double[] mean = new double[2], sigma = new double[2];
            model.Predict(Rows.Slice(0, 2), mean, sigma);
            return [.. mean, .. sigma];
        }

        await using OipServer two = await OipServer.Start(
            asked => asked.Answer(("hi", "FP64", [2], (double[])[5, 6]), ("lo", "FP64", [2, 1], (double[])[1, 2])),
            Metadata(Tensor("x", "FP32", "-1, 2"), Tensor("lo", "FP64", "-1, 1") + "," + Tensor("hi", "FP64", "-1")));
        using RemoteModel outputs = two.Connect();
        Assert.Equal([1, 2, 5, 6], Of(new RemoteQuantileRegressor(outputs)));
        Assert.Equal([1, 2, 5, 6], Of(new RemoteQuantileRegressor(outputs, new("hi"), new("lo"))));
        Assert.Equal([1, 2, 5, 6], Gaussian(new RemoteGaussianRegressor(outputs)));
        Says(Assert.Throws<ArgumentException>(() => new RemoteRegressor(outputs)), "leaves a choice", "'lo'", "'hi'");
        await using OipServer one = await OipServer.Start(
            asked => asked.Answer(("both", "FP64", [2, 2], (double[][])[[5, 1], [6, 2]])),
            Metadata(Tensor("x", "FP32", "-1, 2"), Tensor("both", "FP64", "-1, 2")));
        using RemoteModel columns = one.Connect();
        Assert.Equal([1, 2, 5, 6], Of(new RemoteQuantileRegressor(columns)));
        Assert.Equal([1, 2, 5, 6], Gaussian(new RemoteGaussianRegressor(columns, new("both", 1), new("both", 0))));
        Says(Assert.Throws<ArgumentException>(() => new RemoteGaussianRegressor(columns, new("both", 2), new("both", 0))), "below 2");
        Says(Assert.Throws<ArgumentException>(() => new RemoteGaussianRegressor(columns, new("none"), new("both", 0))), "'none'", "'both'");
    }

    [Fact]
    public async Task ProbabilitiesComeAsColumnsOrAsThatOfTheSecondClass()
    {
        static double[] Of(IClassPredictor model)
        {
            double[] probabilities = new double[2 * model.Classes];
            model.Predict(Rows.Slice(0, 2), probabilities);
            return probabilities;
        }

        await using OipServer three = await OipServer.Start(
            asked => asked.Answer(("p", "FP32", [2, 3], (double[])[0.2, 0.3, 0.5001, 1, 0, 0]), ("label", "INT64", [2], (int[])[2, 0])),
            Metadata(Tensor("x", "FP32", "-1, 2"), Tensor("label", "INT64", "-1") + "," + Tensor("p", "FP32", "-1, 3")));
        using RemoteModel model = three.Connect();
        RemoteClassifier classifier = new(model);
        Assert.Equal(3, classifier.Classes);
        Assert.Equal(1, Of(classifier)[..3].Sum(), 1e-12);
        Says(Assert.Throws<ArgumentException>(() => new RemoteClassifier(model, 4)), "3 classes", "got 4");
        await using OipServer binary = await OipServer.Start(
            asked => asked.Answer(("p", "FP64", [2], (double[])[0.25, 1])), Metadata(Tensor("x", "FP32", "-1, 2"), Tensor("p", "FP64", "-1")));
        using RemoteModel second = binary.Connect();
        Assert.Equal([0.75, 0.25, 0, 1], Of(new RemoteClassifier(second)));
        await using OipServer wrong = await OipServer.Start(
            asked => asked.Answer(("p", "FP64", [2, 2], (double[])[0.5, 0.5, 0.5, 0.6])), Metadata(Tensor("x", "FP32", "-1, 2"), Tensor("p", "FP64", "-1, -1")));
        using RemoteModel open = wrong.Connect();
        Assert.Throws<ArgumentException>(() => new RemoteClassifier(open));
        Says(Assert.Throws<AssumptionException>(() => Of(new RemoteClassifier(open, 2))), "row 1", "1.1");
        Says(Assert.Throws<InvalidDataException>(() => Of(new RemoteClassifier(open, 3))), "3 numbers per row");
    }

    [Fact]
    public async Task MetadataThatTellNothingAreMadeUpForByOptions()
    {
        await using OipServer server = await OipServer.Start(asked => asked.Answer(row => row.Sum()), """{"name":"m","platform":""}""");
        Says(Assert.Throws<InvalidDataException>(() => server.Connect()), "number of features in the options");
        using RemoteModel model = server.Connect(options => options with { Features = 2 });
        Assert.Equal(Expected(Rows), Predict(new RemoteRegressor(model), Rows));
        Assert.Equal(Expected(Rows), Predict(new RemoteRegressor(model, new("y")), Rows));
        Says(Assert.Throws<InvalidDataException>(() => Predict(new RemoteRegressor(model, new("z")), Rows)), "an output 'z'");
    }

    public static TheoryData<string, string> WrongMetadata => new()
    {
        { Metadata(Tensor("x", "BYTES", "-1, 2"), Tensor("y", "FP32", "-1")), "'x' (BYTES [-1, 2])" },
        { Metadata(Tensor("x", "FP32", "-1, 3, 224, 224"), Tensor("y", "FP32", "-1")), "[-1, 3, 224, 224]" },
        { Metadata(Tensor("x", "FP32", "-1, -1"), Tensor("y", "FP32", "-1")), "number of features in the options" },
        { Metadata(Tensor("a", "FP32", "-1, 1") + "," + Tensor("b", "FP32", "-1, 4"), Tensor("y", "FP32", "-1")), "'b' (FP32 [-1, 4])" },
        { """{"name":"m","inputs":[{"name":"x"}]}""", "inputs[0]" },
        { """{"name":"m","inputs":{}}""", "a list of inputs" },
        { "<html>a proxy's page</html>", "as JSON" },
        { "[]", "model's name" },
    };

    [Theory]
    [MemberData(nameof(WrongMetadata))]
    public async Task MetadataOfSomethingElseAreInvalidData(string metadata, string says)
    {
        await using OipServer server = await OipServer.Start(asked => asked.Answer(row => row.Sum()), metadata);
        Says(Assert.Throws<InvalidDataException>(() => server.Connect()), says);
    }

    public static TheoryData<string, string> WrongAnswers => new()
    {
        { """{"outputs":[{"name":"y","datatype":"FP64","shape":[199],"data":[1]}]}""", "[199]" },
        { """{"outputs":[{"name":"y","datatype":"FP64","shape":[200],"data":[1,2]}]}""", "200 numbers" },
        { """{"outputs":[{"name":"y","datatype":"FP64","shape":[200,2000000000],"data":[1,2]}]}""", "fewer" },
        { """{"outputs":[{"name":"z","datatype":"FP64","shape":[200],"data":[]}]}""", "an output 'y'" },
        { """{"outputs":[{"name":"y","datatype":"FP64","data":[]}]}""", "a shape" },
        { """{"outputs":[{"name":"y","datatype":"FP64","shape":[200]}]}""", "without" },
        { """{"outputs":[{"name":"y","datatype":"FP64","shape":[200],"data":[NaN]}]}""", "in JSON" },
        { """{"model_name":"m"}""", "outputs" },
        { "[1]", "outputs" },
        { "", "in JSON" },
    };

    [Theory]
    [MemberData(nameof(WrongAnswers))]
    public async Task AnAnswerOfAnotherShapeIsInvalidData(string answer, string says)
    {
        await using OipServer server = await OipServer.Start(asked => asked.Context.Response.WriteAsync(answer));
        using RemoteModel model = server.Connect();
        Says(Assert.Throws<InvalidDataException>(() => Predict(new RemoteRegressor(model), Rows)), says, "'m'", server.Address.ToString(), "rows 0 to 199");
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"NaN\"")]
    [InlineData("1e999")]
    public async Task AnAnswerThatIsNoNumberIsNamedWithItsRow(string value)
    {
        await using OipServer server = await OipServer.Start(asked =>
            asked.Context.Response.WriteAsync($$"""{"outputs":[{"name":"y","datatype":"FP64","shape":[3],"data":[0,{{(asked.Number % 2 == 0 ? value : "0")}},0]}]}"""));
        using RemoteModel model = server.Connect(options => options with { BatchRows = 3, RequestsInFlight = 1 });
        AssumptionException fault = Assert.Throws<AssumptionException>(() => Predict(new RemoteRegressor(model), Rows.Slice(0, 6)));
        Assert.Equal(Assumption.FiniteAnswers, fault.Assumption);
        Says(fault, "row 4", value.Trim('"'));
    }

    [Fact]
    public async Task SecretsComeFromTheEnvironmentAndAreShownNowhere()
    {
        const string Variable = "UEQ_REMOTE_TEST_HEADERS";
        Environment.SetEnvironmentVariable(Variable, "X-Key: tops3cret\nAuthorization: Bearer t0ken");
        await using OipServer server = await OipServer.Start(asked => asked.Fail(403, "the key tops3cret and the token t0ken are wrong"));
        using RemoteModel model = server.Connect(options => options with { HeadersFrom = Variable });
        RemoteRegressor regressor = new(model);
        RemoteModelException fault = Assert.Throws<RemoteModelException>(() => Predict(regressor, Rows));
        Says(fault, "the key *** and the token *** are wrong");
        Assert.All(server.Seen, seen => Assert.Equal("tops3cret", seen.Key));
        using MemoryStream file = new();
        regressor.Save(file);
        string text = System.Text.Encoding.UTF8.GetString(file.ToArray());
        Assert.Contains(Variable, text, StringComparison.Ordinal);
        Assert.DoesNotContain("s3cret", text, StringComparison.Ordinal);
        Says(Assert.Throws<ArgumentException>(() => server.Connect(options => options with { HeadersFrom = "UEQ_NOT_THERE" })), "UEQ_NOT_THERE");
        Environment.SetEnvironmentVariable(Variable, "s3cret without a name");
        ArgumentException malformed = Assert.Throws<ArgumentException>(() => server.Connect(options => options with { HeadersFrom = Variable }));
        Assert.DoesNotContain("s3cret", malformed.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => RemoteModel.Connect(new Uri("http://ada:secret@127.0.0.1:1"), new RemoteOptions { Model = "m" }));
    }

    [Fact]
    public void OptionsOutsideTheirRangesAreRefused()
    {
        Uri address = new("http://127.0.0.1:1");
        RemoteOptions good = new() { Model = "m" };
        foreach (RemoteOptions wrong in (RemoteOptions[])[good with { BatchRows = 0 }, good with { RequestsInFlight = 1000 }, good with { Timeout = TimeSpan.Zero }, good with { Model = " " }, good with { Retries = -1 }])
            Assert.ThrowsAny<ArgumentException>(() => RemoteModel.Connect(address, wrong));
        Assert.Throws<ArgumentException>(() => RemoteModel.Connect(new Uri("ftp://127.0.0.1"), good));
    }
}

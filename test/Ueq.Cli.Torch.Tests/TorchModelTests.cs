using System.Text;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;
using Ueq.Data;
using Ueq.Torch;
using Ueq.Versions;

namespace Ueq.Cli.Torch.Tests;

/// <summary>TorchScript files and fitted networks through the command, in this process.</summary>
public sealed class TorchModelTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly string _numbers, _classes;

    public TorchModelTests()
    {
        // fitted.pt is of y = 2a − b with noise of one half; the classes are drawn, so that no model knows them.
        (FeatureMatrix x, double[] y) = Table(300);
        _numbers = _folder.Write("numbers.csv", Csv(x, i => FormattableString.Invariant($"{y[i]:R}")));
        _classes = _folder.Write("classes.csv", Csv(x, i => "abc"[i % 3].ToString()));
    }

    public void Dispose() => _folder.Dispose();

    private static (FeatureMatrix X, double[] Y) Table(int rows)
    {
        Rng rng = Rng.Stream(7, 0);
        float[] x = new float[rows * 3];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            for (int c = 0; c < 3; c++) x[i * 3 + c] = (float)rng.NextNormal();
            y[i] = 2 * x[i * 3] - x[i * 3 + 1] + 0.5 * rng.NextNormal();
        }

        return (new FeatureMatrix(x, 3), y);
    }

    private static string Csv(FeatureMatrix x, Func<int, string> target) =>
        "a,b,c,y\n" + string.Concat(Enumerable.Range(0, x.Rows).Select(i => FormattableString.Invariant($"{x.Row(i)[0]:R},{x.Row(i)[1]:R},{x.Row(i)[2]:R},{target(i)}\n")));

    private static string Script(params string[] name) => Path.Combine([AppContext.BaseDirectory, "Scripts", .. name]);

    private Task<Answer> Fit(string model, string table, params string[] more) =>
        UeqCommand.Run(["fit", "--model", model, "--calibration", table, "--target", "y", "--output", _folder["m"], "--json", .. more]);

    private async Task<double[]> Widths(string table)
    {
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", table, "--output", _folder["p.csv"])).Succeeds();
        CsvNumbers answers = CsvNumbers.Read(_folder["p.csv"], ["prediction", "interval_lower", "interval_upper"], [], null);
        return [.. answers["interval_upper"].Zip(answers["interval_lower"], (upper, lower) => upper - lower)];
    }

    [Fact]
    public async Task AFileWithDropoutIsMcDropout()
    {
        Answer fit = (await Fit(Script("pytorch", "fitted.pt"), _numbers)).Succeeds();
        Assert.Equal(("fitted.pt", "mc_dropout", 300), ((string)fit.Json["model"]!, (string)fit.Json["method"]!, (int)fit.Json["guarantee"]!["n"]!));
        double[] widths = await Widths(_numbers);
        Assert.InRange(widths.Average(), 1, 4);
        Assert.True(widths.Distinct().Count() > 100, "intervals are wide where the passes are");
    }

    [Theory]
    [InlineData("fitted.pt", "absolute")]
    [InlineData("squeezed.pt", null)]
    [InlineData("frozen.pt", null)]
    public async Task AFileOfOneNumberHasIntervalsOfOneWidth(string name, string? score)
    {
        Answer fit = (await Fit(Script("pytorch", name), _numbers, score is null ? [] : ["--score", score])).Succeeds();
        Assert.Equal("split", (string)fit.Json["method"]!);
        double[] widths = await Widths(_numbers);
        Assert.Equal(widths[0], widths.Min(), 1e-5);
        Assert.Equal(widths[0], widths.Max(), 1e-5);
    }

    [Fact]
    public async Task AFileOfMeanAndVarianceHasIntervalsOfItsWidths()
    {
        (await Fit(Script("pytorch", "gaussian.pt"), _numbers)).Fails(2, "gaussian.pt answers with 2 numbers a row", "--score normalised");
        (await Fit(Script("pytorch", "gaussian.pt"), _numbers, "--score", "normalised")).Succeeds();
        Assert.True((await Widths(_numbers)).Distinct().Count() > 100);
    }

    [Theory]
    [InlineData("softmax.pt")]
    [InlineData("logits.pt")]
    public async Task AClassifierAnswersWithLabelSets(string name)
    {
        Answer fit = (await Fit(Script("pytorch", name), _classes)).Succeeds();
        Assert.Equal(("classification", "conformal"), ((string)fit.Json["task"]!, (string)fit.Json["method"]!));
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _classes, "--output", _folder["p.csv"])).Succeeds();
        Assert.Equal(301, File.ReadLines(_folder["p.csv"]).Count());
        (await Fit(Script("pytorch", "sigmoid_traced.pt"), _classes)).Fails(1, "sigmoid_traced.pt", "3 classes", "a model of 2");
    }

    [Fact]
    public async Task EvaluateComparesFiles()
    {
        Answer answer = (await UeqCommand.Run(
            "evaluate", "--model", Script("pytorch", "fitted.pt") + "," + Script("pytorch", "frozen.pt"), "--method", "split", "--data", _numbers, "--target", "y", "--json", "--repeats", "3")).Succeeds();
        JsonArray rows = answer.Json.AsArray();
        Assert.Equal(["fitted.pt", "frozen.pt"], rows.Select(row => (string)row!["model"]!));
        Assert.All(rows, row => Assert.InRange((double)row!["coverage"]!, 0.84, 0.96));
    }

    [Fact]
    public async Task AFileIsServed()
    {
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        Said said = new();
        Task<int> server = CommandLine.RunAsync(
            ["serve", "--model", Script("pytorch", "fitted.pt"), "--calibration", _numbers, "--target", "y", "--urls", "http://127.0.0.1:0"], new Output.Terminal(said, said), stop.Token);
        await Task.WhenAny(server, said.Address);
        Assert.False(server.IsCompleted, said.ToString());
        using HttpClient client = new() { BaseAddress = new Uri(await said.Address) };
        using StringContent row = new("{\"X\": [[1, 2, 3]]}", Encoding.UTF8, "application/json");
        HttpResponseMessage answer = await client.PostAsync("predict", row, TestContext.Current.CancellationToken);
        string body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, body);
        Assert.Contains("mc_dropout", said.ToString(), StringComparison.Ordinal);
        await stop.CancelAsync();
        await server;
    }

    [Theory]
    [InlineData(1, "pytorch/state_dict.pt", "state_dict.pt: expected a TorchScript module", "torch.save")]
    [InlineData(1, "pytorch/legacy.pt", "legacy.pt: expected a TorchScript module", "torch.save")]
    [InlineData(1, "dropout.pt", "dropout.pt: ", "16 × 2", "cannot be multiplied")]
    public async Task AFileThatDoesNotFitIsSaidInOneLine(int code, string name, params string[] words)
    {
        string two = _folder.Write("two.csv", "a,b,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{i % 7},{i}\n")));
        Answer answer = (await Fit(Script(name.Split('/')), two)).Fails(code, words);
        Assert.Single(answer.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("ueq: ", StringComparison.Ordinal));
        Assert.DoesNotContain("frame #", answer.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["m"]));
    }

    [Fact]
    public async Task AFittedEnsembleOfNetworksIsReadBack()
    {
        (await UeqCommand.Run("fit", "--method", "deep_ensemble", "--members", "2", "--data", _numbers, "--target", "y", "--output", _folder["m"])).Succeeds();
        ModelVersion version = VersionDirectory.Load(_folder["m"], [new TorchFormat()]);
        Assert.Equal("deep_ensemble", version.Manifest.Method);
        Assert.True((await Widths(_numbers)).Average() is > 1 and < 4);
    }

    /// <summary>What the server says, and the address in it.</summary>
    private sealed class Said : StringWriter
    {
        private const string Before = "Listening on ";
        private readonly TaskCompletionSource<string> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Address => _address.Task;

        public override void WriteLine(string? value)
        {
            lock (_address) base.WriteLine(value);
            if (value?.StartsWith(Before, StringComparison.Ordinal) == true) _address.TrySetResult(value[Before.Length..].Split(' ')[0]);
        }
    }
}

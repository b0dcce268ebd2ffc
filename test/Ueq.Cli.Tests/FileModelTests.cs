using System.IO.Compression;
using Ueq.Cli.Tests.Support;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.Onnx;
using Ueq.Versions;

namespace Ueq.Cli.Tests;

/// <summary>Models that were fitted elsewhere: the command calibrates, evaluates, stores and serves them.</summary>
public sealed class FileModelTests : IDisposable
{
    private readonly Folder _folder = new();
    private readonly string _diabetes = Folder.Bundled("reg-diabetes"), _iris = Folder.Bundled("cls-iris");

    public void Dispose() => _folder.Dispose();

    private static string Onnx(string name) => Folder.Fixture("onnx", name + ".onnx");

    private Task<Answer> Fit(string model, string table, params string[] more) =>
        UeqCommand.Run(["fit", "--model", model, "--calibration", table, "--target", "target", "--output", _folder["m"], .. more]);

    private ModelVersion Load() => VersionDirectory.Load(_folder["m"], [new OnnxFormat()]);

    private string Table(string name, IEnumerable<string> lines) => _folder.Write(name, string.Join('\n', lines) + "\n");

    [Theory]
    [InlineData("linear", "split")]
    [InlineData("forest", "split")]
    [InlineData("columns", "split")]
    [InlineData("external", "split")]
    [InlineData("gaussian", "split")]
    [InlineData("quantile-pair", "split")]
    [InlineData("dropout", "mc_dropout")]
    public async Task AFittedRegressionIsCalibratedOnAllRowsAndAnswers(string name, string method)
    {
        Answer fit = (await Fit(Onnx(name), _diabetes, "--json")).Succeeds();
        Assert.Equal((name + ".onnx", method, 442), ((string)fit.Json["model"]!, (string)fit.Json["method"]!, (int)fit.Json["guarantee"]!["n"]!));
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _diabetes, "--output", _folder["p.csv"])).Succeeds();
        double[] y = CsvTable.ReadRegression(_diabetes, "target").Y;
        CsvNumbers answers = CsvNumbers.Read(_folder["p.csv"], ["prediction", "interval_lower", "interval_upper"], [], null);
        double[] lower = answers["interval_lower"], upper = answers["interval_upper"];
        // The rows calibrated: the threshold is score 399 of 442. The passes of MC dropout differ from call to call.
        int most = method == "split" ? 400 : 415, least = method == "split" ? 398 : 380;
        Assert.InRange(y.Where((target, i) => lower[i] <= target && target <= upper[i]).Count(), least, most);
        Assert.InRange(lower.Zip(upper, (l, u) => u - l).Average(), 40, 300);
    }

    [Theory]
    [InlineData("zipmap")]
    [InlineData("logistic")]
    [InlineData("classifier")]
    public async Task AFittedClassifierAnswersWithLabelSets(string name)
    {
        Answer fit = (await Fit(Onnx(name), _iris, "--json", "--empty-sets", "allow")).Succeeds();
        Assert.Equal(("classification", "conformal"), ((string)fit.Json["task"]!, (string)fit.Json["method"]!));
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _iris, "--output", _folder["p.csv"])).Succeeds();
        Assert.Equal(151, File.ReadLines(_folder["p.csv"]).Count());
    }

    [Fact]
    public async Task TheClassesStandInTheModelsOrder()
    {
        static string Name(string line) => line[..^1] + line[^1] switch { '0' => "setosa", '1' => "versicolor", _ => "virginica" };
        string[] lines = Rows(_iris);
        (await Fit(Onnx("zipmap-text"), Table("named.csv", [lines[0], .. lines.Skip(1).Select(Name)]))).Succeeds();
        Assert.Equal(["setosa", "versicolor", "virginica"], Load().Manifest.Classes!);
        Assert.True(Load().Manifest.Metrics["accuracy_calibration"] > 0.9);

        // All classes of the model, in its order, also where the table has fewer of them.
        (await Fit(Onnx("zipmap-text"), Table("two.csv", [lines[0], .. lines.Skip(51).Select(Name)]))).Succeeds();
        Assert.Equal(["setosa", "versicolor", "virginica"], Load().Manifest.Classes!);
        Assert.True(Load().Manifest.Metrics["accuracy_calibration"] > 0.9);

        (await Fit(Onnx("zipmap-text"), _iris)).Fails(1, "'setosa', 'versicolor', 'virginica'", "got '0'", "zipmap-text.onnx", "'target'");
    }

    [Fact]
    public async Task EvaluateTestsOnRowsThatDidNotCalibrate()
    {
        string[] lines = Rows(_diabetes);
        string calibration = Table("cal.csv", lines[..222]), test = Table("test.csv", [lines[0], .. lines[222..]]);
        Answer answer = (await UeqCommand.Run("evaluate", "--model", Onnx("linear"), "--calibration", calibration, "--data", test, "--target", "target", "--json")).Succeeds();
        Assert.Equal((221, 221), ((int)answer.Json[0]!["n_train"]!, (int)answer.Json[0]!["n_test"]!));
        Assert.InRange((double)answer.Json[0]!["coverage"]!, 0.84, 0.96);
    }

    [Fact]
    public async Task EvaluateComparesFilesWithModelsThatItFits()
    {
        Answer divided = (await UeqCommand.Run(
            "evaluate", "--model", Onnx("linear") + "," + Onnx("gaussian") + ",linear", "--method", "split", "--data", _diabetes, "--target", "target", "--json", "--repeats", "3")).Succeeds();
        Assert.Equal(["linear.onnx", "gaussian.onnx", "linear"], divided.Json.AsArray().Select(row => (string)row!["model"]!));
        Assert.Contains("must not have seen", divided.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SeveralModelsAnswerAsOne()
    {
        Answer files = (await Fit(Onnx("linear") + "," + Onnx("forest"), _diabetes, "--json", "--aggregation", "weighted_mean", "--weights", "3,1")).Succeeds();
        Assert.Equal(
            ("linear.onnx,forest.onnx", "cross_ensemble", 442), ((string)files.Json["model"]!, (string)files.Json["method"]!, (int)files.Json["guarantee"]!["n"]!));
        Assert.Equal([0.75, 0.25], ModelInfo.Of((ConformalRegressor)Load().Regressor!).Weights!);

        Answer mixed = (await UeqCommand.Run(
            "fit", "--model", "fasttree,linear," + Onnx("linear"), "--data", _diabetes, "--target", "target", "--output", _folder["mixed"], "--aggregation", "median", "--json")).Succeeds();
        Assert.Equal(("cross_ensemble", 111), ((string)mixed.Json["method"]!, (int)mixed.Json["guarantee"]!["n"]!));
        (await UeqCommand.Run("evaluate", "--model", "fasttree,linear", "--method", "cross_ensemble", "--data", _diabetes, "--target", "target")).Succeeds();
    }

    [Fact]
    public async Task FilesOfOneNameAreToldApartAndOneFileTwiceIsRefused()
    {
        string first = Path.Combine(Directory.CreateDirectory(_folder["a"]).FullName, "model.onnx"), second = Path.Combine(Directory.CreateDirectory(_folder["b"]).FullName, "model.onnx");
        File.Copy(Onnx("linear"), first);
        File.Copy(Onnx("forest"), second);
        (await Fit($"{first},{second}", _diabetes)).Succeeds();
        Assert.Equal([first, second], ModelInfo.Of((ConformalRegressor)Load().Regressor!).Members.Select(member => member.Name));
        (await Fit($"{first},{first}", _diabetes)).Fails(2, "expected models that differ");
    }

    [Fact]
    public async Task SeveralClassifiersAnswerAsOne()
    {
        Answer classes = (await UeqCommand.Run("fit", "--model", "lightgbm,linear", "--data", _iris, "--target", "target", "--output", _folder["m"], "--json")).Succeeds();
        Assert.Equal("cross_ensemble", (string)classes.Json["method"]!);
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _iris, "--output", _folder["p.csv"])).Succeeds();
    }

    [Fact]
    public async Task TheTrainingTableTellsTheColumnsAndClassesOfTheCalibration()
    {
        Answer fit = (await Fit(Onnx("logistic"), Table("few.csv", Rows(_iris)[..101]), "--data", _iris, "--json")).Succeeds();
        Assert.Equal(100, (int)fit.Json["rows"]!);
    }

    [Theory]
    [InlineData(1, "text", "reg-diabetes", "text.onnx", "tensor(string)")]
    [InlineData(1, "complex", "reg-diabetes", "complex.onnx")]
    [InlineData(1, "linear", "cls-iris", "linear.onnx reads", "sepal_length_cm")]
    [InlineData(1, "logistic", "reg-diabetes", "logistic.onnx")]
    [InlineData(2, "quantiles", "reg-diabetes", "quantiles.onnx", "--score")]
    public async Task AModelThatDoesNotFitIsAnErrorThatNamesIt(int code, string model, string data, params string[] words)
    {
        (await Fit(Onnx(model), Folder.Bundled(data))).Fails(code, words);
        Assert.False(Directory.Exists(_folder["m"]));
    }

    [Fact]
    public async Task AFileThatIsNoModelIsAnErrorThatNamesIt()
    {
        foreach (string ending in (string[])["onnx", "zip"])
        {
            (await Fit(_folder.Write("bad." + ending, "this is no model"), _diabetes)).Fails(1, "bad." + ending, "xpected");
            (await Fit(_folder.Write("empty." + ending, ""), _diabetes)).Fails(1, "empty." + ending, "xpected");
        }

        File.Copy(Onnx("external"), _folder["alone.onnx"]);
        (await Fit(_folder["alone.onnx"], _diabetes)).Fails(2, "external.onnx.data");
    }

    [Fact]
    public async Task WithoutLibtorchTheErrorSaysHowToGetIt()
    {
        // The tool as it is built by default has no libtorch; its error goes to standard error alone, in one line.
        string script = Folder.OfRepository("test", "Ueq.Torch.Tests", "Scripts", "dropout.pt");
        Answer answer = await UeqCommand.RunProgram("fit", "--model", script, "--calibration", _diabetes, "--target", "target", "--output", _folder["m"]);
        answer.Fails(1, "libtorch could not be loaded (", "-p:UeqTorch=cpu");
        Assert.False(Directory.Exists(_folder["m"]));
    }

    [Theory]
    [InlineData("--model nowhere.onnx", "there is no file 'nowhere.onnx'")]
    [InlineData("--model .", "'.' is a directory")]
    [InlineData("--model model.pkl", "a file .onnx, .zip (ML.NET) or .pt (TorchScript)", "got 'model.pkl'")]
    [InlineData("--model lightgbm,", "--data FILE is needed")]
    [InlineData("--model lightgbm --calibration CAL", "--calibration is for models that come from files")]
    [InlineData("--model ONNX", "is fitted already: give rows that it has not seen as --calibration FILE")]
    [InlineData("--model ONNX --calibration CAL --method jackknife+ab", "is fitted already and can only be calibrated", "--method split")]
    [InlineData("--model lightgbm --method cross_ensemble --data CAL", "joins several models")]
    [InlineData("--model lightgbm,linear --method split --data CAL", "Several models make one answer by --method cross_ensemble")]
    [InlineData("--model lightgbm,none --data CAL", "none cannot be a member")]
    [InlineData("--model lightgbm,linear --weights 1 --data CAL", "--weights: expected 2 numbers, one a model, got 1")]
    [InlineData("--model lightgbm,linear --weights 1,x --data CAL", "got 'x'")]
    [InlineData("--model lightgbm,linear --weights 0,0 --data CAL", "a weight above 0")]
    [InlineData("--method deep_ensemble --model lightgbm --data CAL", "fits networks: use --model mlp")]
    [InlineData("--model mlp --method split --data CAL", "deep_ensemble or mc_dropout")]
    public async Task AWrongCallIsRefused(string line, params string[] words)
    {
        string[] args = [.. line.Split(' ').Select(word => word == "ONNX" ? Onnx("linear") : word == "CAL" ? _diabetes : word)];
        (await UeqCommand.Run(["fit", .. args, "--target", "target", "--output", _folder["m"]])).Fails(2, words);
        Assert.False(Directory.Exists(_folder["m"]));
    }

    [Theory]
    [InlineData("--model lightgbm --calibration CAL --target target", "expected a file", "got 'lightgbm'")]
    [InlineData("--model ONNX --calibration CAL", "--target COLUMN is needed with --model")]
    [InlineData("--model ONNX --target target", "give rows that it has not seen as --calibration FILE")]
    [InlineData("--model ONNX --demo", "leave --demo out")]
    [InlineData("--model ONNX --model-dir x", "leave --model-dir out")]
    public async Task AWrongCallOfServeIsRefused(string line, params string[] words) =>
        (await UeqCommand.Run(["serve", .. line.Split(' ').Select(word => word == "ONNX" ? Onnx("linear") : word == "CAL" ? _diabetes : word)])).Fails(2, words);

    private static string[] Rows(string gzip)
    {
        using StreamReader reader = new(new GZipStream(File.OpenRead(gzip), CompressionMode.Decompress));
        return [.. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.TrimEnd('\r'))];
    }
}

using System.Globalization;
using Ueq.Cli.Fitting;
using Ueq.Cli.Tests.Support;
using Ueq.Conformal;
using Ueq.Data;
using Ueq.MLNet;
using Ueq.Versions;

namespace Ueq.Cli.Tests;

public sealed class FitPredictTests : IDisposable
{
    private readonly Folder _folder = new();

    public FitPredictTests() => _folder.Write("ok.csv", Folder.Line(160));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FitThenPredictGivesWhatTheLibraryGives()
    {
        (await UeqCommand.Run("fit", "--data", _folder["ok.csv"], "--target", "y", "--model", "fasttree", "--method", "split", "--seed", "5", "--output", _folder["m"])).Succeeds();
        Answer answer = (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"], "--coverage", "0.8", "--json")).Succeeds();
        Assert.Equal(160, (int)answer.Json["rows"]!);
        Assert.Equal(64, ((string)answer.Json["digest"]!).Length);

        Dataset rows = CsvTable.ReadRegression(_folder["ok.csv"], "y");
        ConformalRegressor model = new SplitConformal(new SplitOptions { CalibrationShare = 0.25 })
            .Fit(new AbsoluteTrainer(MLNetTrainers.Regression("fasttree")), rows.X, rows.Y, 5);
        double[] predictions = new double[160];
        Interval[] intervals = new Interval[160];
        model.Predict(rows.X, new Coverage(0.8), predictions, intervals);
        string[] lines = File.ReadAllLines(_folder["p.csv"]);
        Assert.Equal("prediction,interval_lower,interval_upper", lines[0]);
        Assert.Equal(161, lines.Length);
        for (int i = 0; i < 160; i++)
        {
            double[] line = [.. lines[i + 1].Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            Assert.Equal([predictions[i], intervals[i].Lower, intervals[i].Upper], line);
        }
    }

    [Fact]
    public async Task ColumnsMayStandInAnotherOrderAmongOthers()
    {
        await FitSplit();
        string[] rows = [.. File.ReadLines(_folder["ok.csv"]).Skip(1)];
        string other = _folder.Write("other.csv", "id,x2,\"no,te\",x1\n" + string.Concat(rows.Select((row, i) => $"{i},{row.Split(',')[1]},\"a,b\",{row.Split(',')[0]}\n")));
        Answer answer = (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", other, "--output", _folder["a.csv"])).Succeeds();
        Assert.Contains("id, no,te", answer.Error, StringComparison.Ordinal);
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["b.csv"])).Succeeds();
        Assert.Equal(File.ReadAllBytes(_folder["b.csv"]), File.ReadAllBytes(_folder["a.csv"]));
    }

    [Theory]
    [InlineData("lightgbm", "jackknife+ab")]
    [InlineData("fasttree", "split")]
    [InlineData("none", "bayesian_linear")]
    public async Task TheSameSeedWritesTheSameFiles(string model, string method)
    {
        foreach (string place in new[] { "m1", "m2" })
            (await UeqCommand.Run("fit", "--data", _folder["ok.csv"], "--target", "y", "--model", model, "--method", method, "--members", "4", "--seed", "9", "--output", _folder[place])).Succeeds();
        string[] files = Relative(_folder["m1"]);
        Assert.Equal(files, Relative(_folder["m2"]));
        foreach (string file in files.Where(file => !file.StartsWith("manifest", StringComparison.Ordinal)))
            Assert.True(Same("m1", "m2", file), file);
        Assert.Equal(Undated(_folder["m1"]), Undated(_folder["m2"]));

        (await UeqCommand.Run("fit", "--data", _folder["ok.csv"], "--target", "y", "--model", model, "--method", method, "--members", "4", "--seed", "10", "--output", _folder["m3"])).Succeeds();
        bool other = !files.Where(file => file.EndsWith(".mlnet", StringComparison.Ordinal))
            .All(file => Same("m1", "m3", file));
        Assert.Equal(method != MethodNames.BayesianLinear, other);
    }

    [Fact]
    public async Task BatchesAndThreadsDoNotChangeTheAnswers()
    {
        await FitSplit();
        _folder.Write("many.csv", Folder.Line(20_000));
        string[] call = ["predict", "--model-dir", _folder["m"], "--input", _folder["many.csv"], "--json", "--output"];
        Answer usual = (await UeqCommand.Run([.. call, _folder["usual.csv"]])).Succeeds();
        Assert.Equal((1024, Environment.ProcessorCount), ((int)usual.Json["batch_size"]!, (int)usual.Json["jobs"]!));
        byte[] expected = File.ReadAllBytes(_folder["usual.csv"]);
        foreach ((string size, string jobs) in new[] { ("1", "1"), ("7", "3"), ("16384", "2"), ("19999", "1"), ("100000", "256"), ("auto", "2") })
        {
            Answer answer = (await UeqCommand.Run([.. call, _folder["other.csv"], "--batch-size", size, "--jobs", jobs])).Succeeds();
            Assert.Equal(20_000, (int)answer.Json["rows"]!);
            Assert.Equal(expected, File.ReadAllBytes(_folder["other.csv"]));
            if (size == "auto") Assert.InRange((int)answer.Json["batch_size"]!, 1, 2048);
            else Assert.Equal(size, answer.Json["batch_size"]!.ToString());
        }

        Assert.Contains("Batches of ", (await UeqCommand.Run([.. call[..^2], "--output", _folder["other.csv"], "--batch-size", "auto"])).Succeeds().Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch-size", "0", "--batch-size: expected a whole number from 1 to 100000, or auto; got '0'.")]
    [InlineData("--batch-size", "many", "or auto; got 'many'.")]
    [InlineData("--jobs", "0", "--jobs: expected a whole number from 1 to 256, got '0'.")]
    public async Task ABatchThatIsNoneIsSaid(string option, string value, string said)
    {
        await FitSplit();
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"], option, value)).Fails(2, said);
    }

    [Fact]
    public async Task ClassesComeOutAsSetsAndProbabilities()
    {
        (await UeqCommand.Run("fit", "--data", Folder.Bundled("cls-iris"), "--target", "target", "--model", "fasttree", "--output", _folder["m"], "--json")).Succeeds();
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", Folder.Bundled("cls-iris"), "--output", _folder["p.csv"])).Succeeds();
        string[] lines = File.ReadAllLines(_folder["p.csv"]);
        Assert.Equal("prediction,prediction_set,set_size,probability_0,probability_1,probability_2", lines[0]);
        Assert.Equal(151, lines.Length);
        foreach (string line in lines.Skip(1))
        {
            string[] cells = line.Split(',');
            string[] set = cells[1].Split('|');
            Assert.Equal(set.Length, int.Parse(cells[2], CultureInfo.InvariantCulture));
            Assert.Contains(cells[0], set);
            double[] probabilities = [.. cells.Skip(3).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
            Assert.Equal(1, probabilities.Sum(), 1e-6);
            Assert.Equal(probabilities.Max(), probabilities[int.Parse(cells[0], CultureInfo.InvariantCulture)]);
        }
    }

    [Fact]
    public async Task FitReportsWhatItWroteInJson()
    {
        Answer answer = await FitSplit("--json");
        Assert.Equal("regression", (string)answer.Json["task"]!);
        Assert.Equal("split", (string)answer.Json["method"]!);
        Assert.Equal(160, (int)answer.Json["rows"]!);
        Assert.Equal(2, (int)answer.Json["features"]!);
        // 40 of 160 rows calibrate: rank ⌈41 · 0.9⌉ = 37, proven 37 / 41.
        Assert.Equal(40, (int)answer.Json["guarantee"]!["n"]!);
        Assert.Equal(37, (int)answer.Json["guarantee"]!["rank"]!);
        Assert.Equal(37.0 / 41, (double)answer.Json["guarantee"]!["proven"]!, 1e-12);
    }

    [Fact]
    public async Task TooFewCalibrationRowsMakeUnboundedAnswersAndSaySo()
    {
        Assert.Contains("unbounded", (await FitSplit("--calibration-share", "0.03")).Output, StringComparison.Ordinal);
        Answer answer = (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"])).Succeeds();
        Assert.Contains("160 of 160 intervals are unbounded", answer.Error, StringComparison.Ordinal);
        Assert.EndsWith(",-Infinity,Infinity", File.ReadAllLines(_folder["p.csv"])[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task ADamagedModelIsRefusedByTheNameOfTheFile()
    {
        await FitSplit();
        foreach (string file in Relative(_folder["m"]))
        {
            string path = Path.Combine(_folder["m"], file);
            byte[] whole = File.ReadAllBytes(path);
            foreach (byte[] damaged in new byte[][] { [], whole[..(whole.Length / 2)], [.. whole, 32], [.. whole[..^1], (byte)(whole[^1] ^ 1)] })
            {
                File.WriteAllBytes(path, damaged);
                (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"])).Fails(1, "m" + Path.DirectorySeparatorChar);
                (await UeqCommand.Run("serve", "--model-dir", _folder["m"], "--urls", "http://127.0.0.1:0")).Fails(1, "m" + Path.DirectorySeparatorChar);
            }

            File.Delete(path);
            (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"])).Fails(1);
            File.WriteAllBytes(path, whole);
        }

        Assert.Empty(_folder.Others("ok.csv", "m"));
    }

    [Theory]
    [InlineData("x1\n1\n", "needs the columns 'x2'")]
    [InlineData("x1,x2\n1,2\n1,\n", "line 3, column 'x2'", "no value was missing in this column")]
    [InlineData("x1,x2\n1,2\n1,b\n", "line 3, column 'x2'", "got 'b'")]
    [InlineData("x1,x2\n1,2\n1,2,3\n", "line 3")]
    [InlineData("", "empty file")]
    public async Task AWrongInputIsNamedByPlaceAndNothingIsWritten(string text, params string[] words)
    {
        await FitSplit();
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder.Write("in.csv", text), "--output", _folder["p.csv"])).Fails(1, words);
        Assert.Empty(_folder.Others("ok.csv", "m", "in.csv"));
    }

    [Fact]
    public async Task PredictNeverWritesOverItsInputOrItsModel()
    {
        await FitSplit();
        Directory.CreateSymbolicLink(_folder["link"], _folder["m"]);
        byte[] manifest = File.ReadAllBytes(Path.Combine(_folder["m"], "manifest.json"));
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["ok.csv"])).Fails(2, "write elsewhere");
        (await UeqCommand.Run("predict", "--model-dir", _folder["link"], "--input", _folder["ok.csv"], "--output", _folder["m/manifest.json"])).Fails(2, "is inside the model");
        (await UeqCommand.Run("predict", "--model-dir", _folder["m"], "--input", _folder["ok.csv"], "--output", _folder["link/p.csv"])).Fails(2, "is inside the model");
        Assert.Equal(Folder.Line(160), File.ReadAllText(_folder["ok.csv"]));
        Assert.Equal(manifest, File.ReadAllBytes(Path.Combine(_folder["m"], "manifest.json")));
    }

    [Fact]
    public async Task PathsMayHaveSpacesAndAnyLetters()
    {
        string place = _folder["mo del ä 日本/deep"];
        (await UeqCommand.Run("fit", "--data", _folder["ok.csv"], "--target", "y", "--method", "split", "--model", "fasttree", "--output", place)).Succeeds();
        (await UeqCommand.Run("predict", "--model-dir", place, "--input", _folder["ok.csv"], "--output", _folder["o ut 日本.csv.gz"])).Succeeds();
        Assert.Equal(0x1F, File.ReadAllBytes(_folder["o ut 日本.csv.gz"])[0]);
    }

    [Fact]
    public async Task FitReplacesAnEarlierVersionAndFollowsALinkToIt()
    {
        await FitSplit();
        string before = File.ReadAllText(_folder["m/manifest.json"]);
        Directory.CreateSymbolicLink(_folder["link"], _folder["m"]);
        (await UeqCommand.Run("fit", "--data", _folder["ok.csv"], "--target", "y", "--method", "split", "--model", "fasttree", "--seed", "3", "--output", _folder["link"])).Succeeds();
        Assert.NotNull(new DirectoryInfo(_folder["link"]).LinkTarget);
        Assert.NotEqual(before, File.ReadAllText(_folder["m/manifest.json"]));
        Assert.Empty(_folder.Others("ok.csv", "m", "link"));
    }

    [Fact]
    public async Task OddTablesFitOrSayWhyNot()
    {
        string constant = _folder.Write("const.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},5\n")));
        (await UeqCommand.Run("fit", "--data", constant, "--target", "y", "--members", "4", "--output", _folder["m1"])).Succeeds();
        (await UeqCommand.Run("fit", "--data", constant, "--target", "y", "--method", "bayesian_linear", "--output", _folder["m2"])).Fails(1, "Expected a target that varies, got 5");
        string rare = _folder.Write("rare.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i % 7},{(i == 5 ? "rare" : i % 2 == 0 ? "cat" : "dog")}\n")));
        (await UeqCommand.Run("fit", "--data", rare, "--target", "y", "--model", "fasttree", "--output", _folder["m3"])).Succeeds();
        string many = _folder.Write("many.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 2400).Select(i => $"{i},c{i % 1200}\n")));
        (await UeqCommand.Run("fit", "--data", many, "--target", "y", "--output", _folder["m4"])).Fails(1, "more than 1000 classes");
        string huge = _folder.Write("huge.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 60).Select(i => $"{i},{(i % 2 == 0 ? "1e308" : "1")}\n")));
        (await UeqCommand.Run("fit", "--data", huge, "--target", "y", "--method", "bayesian_linear", "--output", _folder["m5"])).Fails(1, "1E+280");
        (await UeqCommand.Run("fit", "--data", huge, "--target", "y", "--task", "regression", "--members", "4", "--output", _folder["m5"])).Fails(1, "got 1E+308 in row 0");
        Assert.False(Directory.Exists(_folder["m5"]));
    }

    [Fact]
    public async Task WithTimesTheReferenceTellsTheHoursOfTheWeekApart()
    {
        DateTimeOffset start = new(2026, 1, 5, 0, 0, 0, TimeSpan.Zero);
        string[] lines = File.ReadAllLines(_folder["ok.csv"]);
        string timed = _folder.Write("timed.csv", $"{lines[0]},at\n" + string.Concat(lines.Skip(1).Select((line, i) => FormattableString.Invariant($"{line},{start.AddHours(i):yyyy-MM-ddTHH:mm:ssZ}\n"))));
        await FitSplit();
        foreach (string method in new[] { "split", "jackknife+ab" })
        {
            (await UeqCommand.Run("fit", "--data", timed, "--target", "y", "--model", "fasttree", "--method", method, "--time-column", "at", "--output", _folder["t"])).Succeeds();
            ModelVersion version = VersionDirectory.Load(_folder["t"], Formats.All), plain = VersionDirectory.Load(_folder["m"], Formats.All);
            Assert.Equal(plain.Manifest.Columns.Select(c => c.Name), version.Manifest.Columns.Select(c => c.Name));
            Assert.Equal(1, Reference(plain).Seasons);
            Assert.Equal(168, Reference(version).Seasons);
            Assert.Equal(method == "split" ? Reference(plain).Rows : 160, Reference(version).Rows);
        }

        (await UeqCommand.Run("predict", "--model-dir", _folder["t"], "--input", _folder["ok.csv"], "--output", _folder["p.csv"])).Succeeds();
        (await UeqCommand.Run("fit", "--data", timed, "--target", "y", "--time-column", "when", "--output", _folder["w"])).Fails(1, "there is no time column 'when'");
        (await UeqCommand.Run("fit", "--data", timed, "--target", "at", "--time-column", "at", "--output", _folder["w"])).Fails(1, "'at' cannot be the column of times");
    }

    private static Monitoring.DriftReference Reference(ModelVersion version)
    {
        using MemoryStream stored = new(version.Reference.ToArray());
        return Monitoring.DriftReference.Restore(stored);
    }

    private async Task<Answer> FitSplit(params string[] more) =>
        (await UeqCommand.Run(["fit", "--data", _folder["ok.csv"], "--target", "y", "--model", "fasttree", "--method", "split", "--output", _folder["m"], .. more])).Succeeds();

    private bool Same(string one, string other, string file) =>
        File.ReadAllBytes(Path.Combine(_folder[one], file)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(_folder[other], file)));

    private static string[] Relative(string directory) =>
        [.. Directory.EnumerateFiles(directory, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(directory, file)).Order(StringComparer.Ordinal)];

    // The manifest without what tells the time.
    private static string Undated(string directory)
    {
        System.Text.Json.Nodes.JsonObject manifest = System.Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "manifest.json")))!.AsObject();
        Assert.True(manifest.Remove("created"));
        Assert.True(manifest["metrics"]!.AsObject().Remove("fit_seconds"));
        return manifest.ToJsonString();
    }
}

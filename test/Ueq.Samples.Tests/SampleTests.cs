using System.Text.RegularExpressions;

namespace Ueq.Samples.Tests;

public sealed partial class SampleTests
{
    [Fact]
    public void QuickstartRunsAndSaysWhatItShould()
    {
        using StringWriter output = new();

        Quickstart.Run(Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), output);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, lines.Length);
        Match first = Numbers().Match(lines[0]);
        Assert.True(first.Success, lines[0]);
        double prediction = double.Parse(first.Groups[1].Value), lower = double.Parse(first.Groups[2].Value), upper = double.Parse(first.Groups[3].Value);
        Assert.InRange(prediction, lower, upper);
        Assert.InRange(upper - lower, 100, 260);
        // The scores are 1 … 7, ten of them; ⌈11 · 0.9⌉ is the tenth, 7.
        Assert.Equal("104 becomes 97 … 111: score 10 of 10", lines[1].TrimEnd());
        Assert.Equal("after a miss answers are made for 0.9018 instead of 0.9", lines[2].TrimEnd());
    }

    [Fact]
    public void TorchModelsAreCalibrated()
    {
        using StringWriter output = new();

        TorchModels.Run(Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), output);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        double[] coverages = [.. lines.Select(line => double.Parse(Covered().Match(line).Groups[1].Value))];
        double[] widths = [.. lines.Select(line => double.Parse(Covered().Match(line).Groups[2].Value))];
        // 142 rows test and 100 calibrate: three standard errors of both together are 0.12.
        Assert.All(coverages, coverage => Assert.InRange(coverage, 0.78, 1));
        Assert.InRange(widths[0], 120, 280);
        // A network that learned nothing is calibrated too, and pays in width.
        Assert.True(widths[1] > widths[0], output.ToString());
    }

    [Fact]
    public void ATorchScriptFileIsCalibrated()
    {
        Rng rng = Rng.Stream(1, 1);
        float[] values = [.. Enumerable.Range(0, 600).Select(_ => (float)rng.NextNormal())];
        double[] y = [.. Enumerable.Range(0, 200).Select(i => 3 * values[3 * i] - 2 * values[3 * i + 1])];
        FeatureMatrix x = new(values, 3);
        IntervalPrediction[] answers = TorchModels.RunScript(Path.Combine(Repository(), "test", "Ueq.Torch.Tests", "Scripts", "pytorch", "fitted.pt"), x, x, y);
        // The rows calibrated: score 181 of 200 is the threshold.
        Assert.InRange(answers.Where((answer, i) => answer.Interval.Contains(y[i])).Count(), 179, 184);
    }

    [Fact]
    public void AMixedEnsembleCoversAndNamesItsMembers()
    {
        using StringWriter output = new();

        MixedEnsemble.Run(Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), Path.Combine(Repository(), "fixtures", "onnx", "external.onnx"), output);

        string[] lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        // 122 rows test and 120 calibrate: three standard errors of both together are 0.12.
        foreach (string line in lines[..3])
        {
            Assert.InRange(double.Parse(Covered().Match(line).Groups[1].Value), 0.78, 1);
            Assert.InRange(double.Parse(Covered().Match(line).Groups[2].Value), 120, 260);
        }

        Assert.Equal(["trees: MLNetRegressor", "exported: OnnxRegressor", "networks: DeepEnsemble", "rule: FunctionPredictor"], lines[3..]);
    }

    [Fact]
    public void PicturesAreWrittenAndTheGrownLoadIsRaised()
    {
        using StringWriter output = new();
        string directory = Directory.CreateTempSubdirectory("ueq-pictures").FullName;

        Pictures.Run(Path.Combine(Repository(), "data", "reg-diabetes", "data.csv.gz"), directory, output);

        Assert.Equal(["calibration.svg", "intervals.png", "load.png", "predictions.png"], Directory.GetFiles(directory).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        Directory.Delete(directory, recursive: true);
        Match alarm = Regex.Match(output.ToString(), @"alarm at row (\d+), (\d+) rows after the change");
        Assert.True(alarm.Success, output.ToString());
        Assert.InRange(int.Parse(alarm.Groups[2].Value), 1, 400);
    }

    [Fact]
    public void EveryCSharpBlockOfTheDocumentsIsPartOfACompiledSample()
    {
        string samples = string.Concat(Directory.EnumerateFiles(Path.Combine(Repository(), "samples"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).Select(File.ReadAllText).Select(Squeezed));
        string[] documents = [Path.Combine(Repository(), "README.md"), .. Directory.EnumerateFiles(Path.Combine(Repository(), "docs"), "*.md")];
        int blocks = 0;
        foreach (string document in documents)
        {
            foreach (Match block in CSharpBlock().Matches(File.ReadAllText(document)))
            {
                blocks++;
                Assert.True(samples.Contains(Squeezed(block.Groups[1].Value), StringComparison.Ordinal), $"{Path.GetFileName(document)} shows code that no sample compiles:\n{block.Groups[1].Value}");
            }
        }

        Assert.True(blocks > 0, "The README shows no code.");
    }

    [Fact]
    public void TheTableOfTheReadmeIsTheOneThatTheCommandMade()
    {
        string readme = File.ReadAllText(Path.Combine(Repository(), "README.md"));
        MatchCollection tables = Table().Matches(readme);
        Assert.NotEmpty(tables);
        foreach (Match table in tables)
            Assert.Equal(File.ReadAllText(Path.Combine(Repository(), "bench", "Quality", "results", table.Groups[1].Value + ".md")), table.Groups[2].Value);
    }

    // Documents indent code less than files do.
    private static string Squeezed(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)) + "\n";

    private static string Repository()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    [GeneratedRegex(@"^(\d+) in (-?\d+) … (\d+), 90 % of the time")]
    private static partial Regex Numbers();

    [GeneratedRegex(@"(\d\.\d+) covered, (\d+) wide")]
    private static partial Regex Covered();

    [GeneratedRegex(@"<!-- table:(\S+) -->\r?\n(.*?)<!-- /table -->", RegexOptions.Singleline)]
    private static partial Regex Table();

    [GeneratedRegex(@"```csharp\r?\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();
}

using System.Globalization;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class CalibrateTests : IDisposable
{
    private readonly Folder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(8, 0.9, false)]
    [InlineData(9, 0.9, true)]
    [InlineData(18, 0.95, false)]
    [InlineData(19, 0.95, true)]
    [InlineData(3, 0.5, true)]
    [InlineData(50, 0.8, true)]
    [InlineData(200, 0.999, false)]
    public async Task TheThresholdIsTheScoreOfTheRankCountedByHand(int n, double coverage, bool bounded)
    {
        double[] residuals = [.. Enumerable.Range(0, n).Select(i => (i * 7 % n + 1) / 8.0 * (i % 2 == 0 ? 1 : -1))];
        string calibration = _folder.Write("cal.csv", "prediction,target\n" + string.Concat(residuals.Select(r => FormattableString.Invariant($"10,{10 + r}\n"))));
        string input = _folder.Write("in.csv", "prediction\n5\n-1.5\n");
        Answer answer = (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"],
            "--coverage", coverage.ToString(CultureInfo.InvariantCulture), "--json")).Succeeds();

        int rank = (int)Math.Ceiling((n + 1) * (decimal)coverage);
        Assert.Equal(rank <= n, bounded);
        double threshold = bounded ? residuals.Select(Math.Abs).Order().ElementAt(rank - 1) : double.PositiveInfinity;
        Assert.Equal(rank, (int)answer.Json["rank"]!);
        Assert.Equal(n, (int)answer.Json["n"]!);
        string[] rows = File.ReadAllLines(_folder["out.csv"]);
        Assert.Equal("prediction,interval_lower,interval_upper", rows[0]);
        Assert.Equal(Row("5", 5, threshold), rows[1]);
        Assert.Equal(Row("-1.5", -1.5, threshold), rows[2]);
        if (!bounded) Assert.Equal("5,-Infinity,Infinity", rows[1]);
        if (!bounded) Assert.Equal("Infinity", (string)answer.Json["threshold"]!);
    }

    [Fact]
    public async Task TiesCountOneByOne()
    {
        string calibration = _folder.Write("cal.csv", "prediction,target\n" + string.Concat(Enumerable.Repeat("0,1\n", 9)) + string.Concat(Enumerable.Repeat("0,2\n", 10)));
        string input = _folder.Write("in.csv", "prediction\n0\n");
        foreach ((string coverage, string expected) in new[] { ("0.45", "0,-1,1"), ("0.46", "0,-2,2") })
        {
            (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"], "--coverage", coverage)).Succeeds();
            Assert.Equal(expected, File.ReadAllLines(_folder["out.csv"])[1]);
        }
    }

    [Fact]
    public async Task ANegativeThresholdNarrowsQuantilesAndNeverCrosses()
    {
        // Scores max(lower − y, y − upper) of targets at 1, …, 9 inside 0 … 10: −1, −2, −3, −4, −5, −4, −3, −2, −1.
        string calibration = _folder.Write("cal.csv", "lower,upper,target\n" + string.Concat(Enumerable.Range(1, 9).Select(y => $"0,10,{y}\n")));
        string input = _folder.Write("in.csv", "lower,upper\n0,10\n4,4.5\n-Infinity,3\n");
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"], "--coverage", "0.5")).Succeeds();
        string[] rows = File.ReadAllLines(_folder["out.csv"]);
        // Rank ⌈10 · 0.5⌉ = 5 of −5, −4, −4, −3, −3, …: −3.
        Assert.Equal("0,10,3,7", rows[1]);
        double[] crossed = [.. rows[2].Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
        Assert.True(crossed[2] <= crossed[3], rows[2]);
        Assert.Equal("-Infinity,3,-Infinity,0", rows[3]);
    }

    [Fact]
    public async Task SigmaScalesTheNormalisedScore()
    {
        string calibration = _folder.Write("cal.csv", "prediction,sigma,target\n" + string.Concat(Enumerable.Range(1, 9).Select(i => $"0,2,{i}\n")));
        string input = _folder.Write("in.csv", "sigma,prediction\n4,100\n");
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"])).Succeeds();
        Assert.Equal("4,100,82,118", File.ReadAllLines(_folder["out.csv"])[1]);
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"], "--score", "absolute")).Succeeds();
        Assert.Equal("4,100,91,109", File.ReadAllLines(_folder["out.csv"])[1]);
    }

    [Fact]
    public async Task ColumnsAndTextsOfTheInputAreKeptVerbatim()
    {
        string calibration = _folder.Write("cal.csv", "target,prediction\n" + string.Concat(Enumerable.Repeat("1,1\n", 9)));
        string input = _folder.Write("in.csv", "id,\"a \"\"b\"\"\",prediction,note\n007,\"x,y\",1.50,\" z \"\n\"\",\"q\"\"q\",1e2,Zürich 東京\n");
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["out.csv"])).Succeeds();
        Assert.Equal(
            ["id,\"a \"\"b\"\"\",prediction,note,interval_lower,interval_upper", "007,\"x,y\",1.50, z ,1.5,1.5", "\"\",\"q\"\"q\",1e2,Zürich 東京,100,100"],
            File.ReadAllLines(_folder["out.csv"]));
    }

    [Theory]
    [InlineData("prediction,target\n1,2\n1,abc\n", "prediction\n1\n", new string[0], 1, "cal.csv, line 3, column 'target'")]
    [InlineData("prediction,target\n1,NaN\n", "prediction\n1\n", new string[0], 1, "line 2, column 'target'")]
    [InlineData("prediction,target\n", "prediction\n1\n", new string[0], 1, "expected rows after the header")]
    [InlineData("target\n1\n", "prediction\n1\n", new string[0], 1, "neither a column 'prediction'")]
    [InlineData("prediction,target\n1,2\n", "prediction\n1\nx\n", new string[0], 1, "in.csv, line 3, column 'prediction'")]
    [InlineData("prediction,target\n1,2\n", "Prediction\n1\n", new string[0], 1, "Did you mean 'Prediction'")]
    [InlineData("prediction,target\n1,2\n", "prediction,interval_lower\n1,2\n", new string[0], 1, "already has a column")]
    [InlineData("prediction,sigma,target\n1,0,2\n", "prediction,sigma\n1,1\n", new string[0], 1, "expected a positive sigma, got 0")]
    [InlineData("prediction,sigma,target\n1,1,2\n", "prediction,sigma\n1,1\n1,-3\n", new string[0], 1, "in.csv, line 3, column 'sigma'")]
    [InlineData("prediction,target\n1,2\n", "prediction\n1\n", new[] { "--score", "cqr" }, 1, "no column 'lower', which --score cqr needs")]
    [InlineData("prediction,target\n1,2\n", "prediction\n1\n", new[] { "--score", "absolut" }, 2, "Did you mean 'absolute'?")]
    [InlineData("prediction,target\n1,2\n", "prediction\n1\n", new[] { "--coverage", "90" }, 2, "strictly between 0 and 1, got '90'")]
    [InlineData("lower,upper,target\nInfinity,Infinity,2\n", "lower,upper\n1,2\n", new string[0], 1, "line 2, column 'lower'")]
    public async Task WrongFilesAreNamedByPlaceAndNothingIsWritten(string calibration, string input, string[] more, int code, string words)
    {
        _folder.Write("cal.csv", calibration);
        _folder.Write("in.csv", input);
        (await UeqCommand.Run(["calibrate", "--calibration", _folder["cal.csv"], "--input", _folder["in.csv"], "--output", _folder["out.csv"], .. more])).Fails(code, words);
        Assert.Empty(_folder.Others("cal.csv", "in.csv"));
    }

    [Fact]
    public async Task TheOutputNeverDestroysAnInput()
    {
        string calibration = _folder.Write("cal.csv", "prediction,target\n1,2\n"), input = _folder.Write("in.csv", "prediction\n1\n");
        File.CreateSymbolicLink(_folder["link.csv"], input);
        foreach (string output in new[] { input, calibration, _folder["link.csv"], Path.Combine(_folder.Root, ".", "in.csv") })
            (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", output)).Fails(2, "write elsewhere");
        Assert.Equal("prediction\n1\n", File.ReadAllText(input));
        Assert.Equal("prediction,target\n1,2\n", File.ReadAllText(calibration));
    }

    [Fact]
    public async Task AnEarlierOutputStaysWhenTheRunFails()
    {
        string calibration = _folder.Write("cal.csv", "prediction,target\n1,2\n"), input = _folder.Write("in.csv", "prediction\n1\nx\n");
        string output = _folder.Write("out.csv", "earlier");
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", output)).Fails(1, "line 3");
        Assert.Equal("earlier", File.ReadAllText(output));
        Assert.Empty(_folder.Others("cal.csv", "in.csv", "out.csv"));
    }

    [Fact]
    public async Task ALinkAsOutputKeepsPointingWhereItDoes()
    {
        string calibration = _folder.Write("cal.csv", "prediction,target\n1,2\n"), input = _folder.Write("in.csv", "prediction\n1\n");
        File.CreateSymbolicLink(_folder["link.csv"], _folder.Write("real.csv", "old"));
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", _folder["link.csv"])).Succeeds();
        Assert.NotNull(new FileInfo(_folder["link.csv"]).LinkTarget);
        Assert.StartsWith("prediction,interval_lower", File.ReadAllText(_folder["real.csv"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DevicesAreWrittenToAndNeverReplaced()
    {
        Assert.SkipWhen(!File.Exists("/dev/full"), "there is no /dev/full here");
        string calibration = _folder.Write("cal.csv", "prediction,target\n1,2\n"), input = _folder.Write("in.csv", "prediction\n1\n");
        (await UeqCommand.Run("calibrate", "--calibration", calibration, "--input", input, "--output", "/dev/full")).Fails(1, "No space left");
        Answer shown = (await UeqCommand.RunProgram("calibrate", "--calibration", calibration, "--input", input, "--output", "/dev/stdout")).Succeeds();
        Assert.Equal("prediction,interval_lower,interval_upper\n1,-Infinity,Infinity\n", shown.Output);
    }

    private static string Row(string text, double prediction, double threshold) =>
        text + "," + Text(prediction - threshold) + "," + Text(prediction + threshold);

    private static string Text(double value) => double.IsInfinity(value) ? value > 0 ? "Infinity" : "-Infinity" : value.ToString("R", CultureInfo.InvariantCulture);
}

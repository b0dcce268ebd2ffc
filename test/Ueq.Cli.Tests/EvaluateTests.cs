using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class EvaluateTests : IDisposable
{
    private static readonly string[] _regression =
        ["model", "method", "coverage", "nominal", "mean_width", "median_width", "unbounded", "winkler", "rmse", "mae", "fit_seconds", "predict_seconds", "n_train", "n_test"];

    private static readonly string[] _classification =
        ["model", "method", "coverage", "nominal", "mean_set_size", "empty", "accuracy", "fit_seconds", "predict_seconds", "n_train", "n_test"];

    private readonly Folder _folder = new();

    public EvaluateTests() => _folder.Write("ok.csv", Folder.Line(120));

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ARowPerModelAndMethodHasTheNamesOfTheSpecification()
    {
        JsonArray rows = await Rows("--model", "lightgbm,fasttree", "--method", "split,jackknife+ab,bayesian_linear,bootstrap_mean", "--members", "4", "--coverage", "0.8");
        Assert.Equal(
            ["fasttree bootstrap_mean", "fasttree jackknife+ab", "fasttree split", "lightgbm bootstrap_mean", "lightgbm jackknife+ab", "lightgbm split", "none bayesian_linear"],
            rows.Select(row => $"{row!["model"]} {row["method"]}").Order(StringComparer.Ordinal));
        foreach (JsonNode? row in rows)
        {
            foreach (string name in _regression) Assert.True(row!.AsObject().ContainsKey(name), name);
            Assert.Equal(0.8, (double)row!["nominal"]!);
            Assert.Equal(90, (int)row["n_train"]!);
            Assert.Equal(30, (int)row["n_test"]!);
            Assert.InRange((double)row["coverage"]!, 0, 1);
            Assert.True((double)row["rmse"]! >= (double)row["mae"]!);
        }
    }

    [Fact]
    public async Task ClassesHaveFiguresOfTheirOwn()
    {
        JsonArray rows = JsonNode.Parse((await UeqCommand.Run(
            "evaluate", "--data", Folder.Bundled("cls-iris"), "--target", "target", "--model", "fasttree", "--method", "conformal", "--json")).Succeeds().Output)!.AsArray();
        JsonNode row = Assert.Single(rows)!;
        foreach (string name in _classification) Assert.True(row.AsObject().ContainsKey(name), name);
        Assert.InRange((double)row["accuracy"]!, 0.8, 1);
        Assert.InRange((double)row["mean_set_size"]!, 0.8, 2);
    }

    [Fact]
    public async Task TheFiguresOfASplitFromFilesAreThoseCountedByHand()
    {
        // A line that every row misses by a quarter, now above and now below.
        string data = _folder.Write("line.csv", "a,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{2 * i + 1}{(i % 2 == 0 ? ".5" : ".0")}\n")));
        string train = _folder.Write("train", string.Join(' ', Enumerable.Range(0, 30)) + "\n" + string.Join(' ', Enumerable.Range(10, 30)) + "\n");
        string test = _folder.Write("test", string.Join(' ', Enumerable.Range(30, 10)) + "\n" + string.Join(' ', Enumerable.Range(0, 10)) + "\n");
        JsonNode first = await One(data, train, test, "0"), second = await One(data, train, test, "1"), all = await One(data, train, test, "all");
        Assert.Equal(30, (int)first["n_train"]!);
        Assert.Equal(10, (int)first["n_test"]!);
        Assert.Equal(1, (int)first["splits"]!);
        Assert.Equal(2, (int)all["splits"]!);
        foreach (string name in new[] { "coverage", "mean_width", "median_width", "winkler", "rmse", "mae" })
            Assert.Equal(((double)first[name]! + (double)second[name]!) / 2, (double)all[name]!, 1e-12);
        Assert.InRange((double)first["mae"]!, 0.2, 0.3);
        Assert.Equal(1, (double)first["coverage"]!);
    }

    [Fact]
    public async Task RepeatsAreAveragedAndTellHowSureTheCoverageIs()
    {
        JsonNode one = (await Rows("--method", "bayesian_linear", "--seed", "4"))[0]!, three = (await Rows("--method", "bayesian_linear", "--seed", "4", "--repeats", "3"))[0]!;
        Assert.Equal(3, (int)three["splits"]!);
        Assert.True((double)three["coverage_standard_error"]! >= 0);
        Assert.Null(one["coverage_standard_error"]);
        Assert.NotEqual((double)one["rmse"]!, (double)three["rmse"]!);
    }

    [Fact]
    public async Task TheSameSeedGivesTheSameFigures()
    {
        string[] runs = [.. (await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Rows("--method", "split", "--model", "fasttree", "--seed", "7")))).Select(Untimed)];
        Assert.Equal(runs[0], runs[1]);
        Assert.NotEqual(runs[0], Untimed(await Rows("--method", "split", "--model", "fasttree", "--seed", "8")));
    }

    [Fact]
    public async Task UnboundedAnswersAreCountedAndWrittenAsInfinity()
    {
        JsonNode row = (await Rows("--method", "split", "--model", "fasttree", "--coverage", "0.999"))[0]!;
        Assert.Equal(1, (double)row["unbounded"]!);
        Assert.Equal(1, (double)row["coverage"]!);
        Assert.Equal("Infinity", (string)row["mean_width"]!);
    }

    [Theory]
    [InlineData("0 1 2\n", "3 4\n5 6\n", "all", "expected 1 lines as in")]
    [InlineData("\n", "\n", "all", "expected one split a line, got none")]
    [InlineData("0 1 2\n", "2 3\n", "0", "row 2 also trains")]
    [InlineData("0 1 999\n", "2 3\n", "0", "expected a row from 0 to 119, got '999'")]
    [InlineData("0 1 1\n", "2 3\n", "0", "occurs twice")]
    [InlineData("0 1 a\n", "2 3\n", "0", "got 'a'")]
    [InlineData("0 1 2\n", "3 4\n", "1", "expected a line 2 for split 1")]
    [InlineData("0 1 2\n\n3 4\n", "3 4\n\n5 6\n", "all", "line 2: expected rows separated by spaces")]
    public async Task WrongRowsFilesAreNamedByLine(string train, string test, string split, string words) => (await UeqCommand.Run(
        "evaluate", "--data", _folder["ok.csv"], "--target", "y", "--method", "bayesian_linear", "--train-rows", _folder.Write("train", train),
        "--test-rows", _folder.Write("test", test), "--split", split)).Fails(1, words);

    [Fact]
    public async Task RowsFilesGoTogether()
    {
        string rows = _folder.Write("rows", "0 1 2\n");
        string[] call = ["evaluate", "--data", _folder["ok.csv"], "--target", "y", "--train-rows", rows];
        (await UeqCommand.Run(call)).Fails(2, "--train-rows and --test-rows go together");
        (await UeqCommand.Run([.. call, "--test-rows", rows, "--test-share", "0.5"])).Fails(2, "give one of them");
        (await UeqCommand.Run([.. call, "--test-rows", rows, "--repeats", "2"])).Fails(2, "use --split all");
        (await UeqCommand.Run([.. call, "--test-rows", rows, "--split", "-1"])).Fails(2, "--split: expected a number from 0, or all");
        (await UeqCommand.Run([.. call, "--test-rows", _folder["no"]])).Fails(2, "there is no file");
    }

    [Theory]
    [InlineData("reg-diabetes", "lightgbm", "split", 0.84, 0.97, 330)]
    [InlineData("reg-diabetes", "fasttree", "split", 0.84, 0.97, 330)]
    [InlineData("reg-diabetes", "none", "bayesian_linear", 0.84, 0.97, 230)]
    [InlineData("reg-diabetes", "linear", "jackknife+ab", 0.84, 0.98, 240)]
    public async Task IntervalsOfRealDataCoverAndAreNotWide(string data, string model, string method, double least, double most, double width)
    {
        JsonNode row = JsonNode.Parse((await UeqCommand.Run("evaluate", "--data", Folder.Bundled(data), "--target", "target", "--model", model,
            "--method", method, "--members", "20", "--repeats", "4", "--json")).Succeeds().Output)![0]!;
        Assert.InRange((double)row["coverage"]!, least, most);
        Assert.InRange((double)row["mean_width"]!, 100, width);
    }

    [Theory]
    [InlineData("cls-iris", 1.35)]
    [InlineData("cls-wine", 1.35)]
    [InlineData("cls-breast-cancer", 1.2)]
    public async Task LabelSetsOfRealDataCoverAndAreSmall(string data, double size)
    {
        JsonNode row = JsonNode.Parse((await UeqCommand.Run("evaluate", "--data", Folder.Bundled(data), "--target", "target", "--model", "fasttree",
            "--method", "conformal", "--repeats", "3", "--json")).Succeeds().Output)![0]!;
        Assert.InRange((double)row["coverage"]!, 0.85, 1);
        Assert.InRange((double)row["mean_set_size"]!, 0.9, size);
    }

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("lightgbm")]
    [InlineData("fasttree")]
    [InlineData("fastforest")]
    [InlineData("linear")]
    public async Task EveryModelCoversWithEveryMethod(string model)
    {
        JsonArray rows = JsonNode.Parse((await UeqCommand.Run("evaluate", "--data", Folder.Bundled("reg-diabetes"), "--target", "target", "--model", model,
            "--method", "split,jackknife+ab,bootstrap_mean", "--repeats", "10", "--json")).Succeeds().Output)!.AsArray();
        Assert.InRange((double)rows.Single(row => (string)row!["method"]! == "split")!["coverage"]!, 0.87, 0.94);
        Assert.InRange((double)rows.Single(row => (string)row!["method"]! == "jackknife+ab")!["coverage"]!, 0.88, 0.96);
        // The interval of the mean is no prediction interval, and the evaluation is there to show it.
        Assert.InRange((double)rows.Single(row => (string)row!["method"]! == "bootstrap_mean")!["coverage"]!, 0, 0.7);
        foreach (JsonNode? row in rows) Assert.InRange((double)row!["mean_width"]!, 10, 300);
    }

    [Fact]
    [Trait("Category", "Long")]
    public async Task SetsThatMayBeEmptyCoverDigitsAsOftenAsTheySayAndSetsWithTheTopLabelMoreOften()
    {
        string[] call = ["evaluate", "--data", Folder.Bundled("cls-digits"), "--target", "target", "--method", "conformal", "--repeats", "3", "--json"];
        JsonNode exact = JsonNode.Parse((await UeqCommand.Run([.. call, "--empty-sets", "allow"])).Succeeds().Output)![0]!;
        JsonNode topped = JsonNode.Parse((await UeqCommand.Run(call)).Succeeds().Output)![0]!;
        // About three standard errors of three divisions with 337 rows that calibrate and 450 that test.
        Assert.InRange((double)exact["coverage"]!, 0.86, 0.94);
        Assert.True((double)exact["empty"]! > 0);
        Assert.Equal(0, (double)topped["empty"]!);
        Assert.InRange((double)topped["coverage"]!, (double)topped["accuracy"]! - 1e-9, 1);
        Assert.InRange((double)topped["mean_set_size"]!, 1, 1.1);
    }

    private async Task<JsonArray> Rows(params string[] options) => JsonNode.Parse(
        (await UeqCommand.Run(["evaluate", "--data", _folder["ok.csv"], "--target", "y", "--json", .. options])).Succeeds().Output)!.AsArray();

    private static async Task<JsonNode> One(string data, string train, string test, string split) => JsonNode.Parse((await UeqCommand.Run(
        "evaluate", "--data", data, "--target", "y", "--method", "bayesian_linear", "--train-rows", train, "--test-rows", test, "--split", split, "--json")).Succeeds().Output)![0]!;

    private static string Untimed(JsonArray rows)
    {
        foreach (JsonNode? row in rows)
        {
            row!.AsObject().Remove("fit_seconds");
            row.AsObject().Remove("predict_seconds");
        }

        return rows.ToJsonString();
    }
}

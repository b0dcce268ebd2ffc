using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests;

public sealed class DriftTests : IDisposable
{
    private readonly Folder _folder = new();

    public DriftTests()
    {
        _folder.Write("a.csv", Rows(["x,group,constant,holes,then", .. Enumerable.Range(0, 200).Select(i =>
            FormattableString.Invariant($"{Math.Sin(0.7 * i) * 2 + 0.01 * i:R},{"abc"[i % 3]},5,{(i % 10 == 0 ? "" : i % 4)},1"))]));
        _folder.Write("b.csv", Rows(["now,constant,holes,group,x", .. Enumerable.Range(0, 150).Select(i =>
            FormattableString.Invariant($"1,5,{(i % 3 == 0 ? "NA" : i % 4)},{"abcd"[i % 4]},{Math.Sin(0.9 * i + 0.3) * 2.3 + 0.01 * i + 0.25:R}"))]));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FiguresOfAColumnAreTheGoldenOnes()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllText(Folder.Fixture("drift", "golden.json"))).RootElement;
        JsonNode x = (await Drift("a.csv", "b.csv", "--json")).Succeeds().Json["columns"]!["x"]!;
        Near(golden.GetProperty("ks_exact")[0], x["ks"]!["statistic"]);
        Near(golden.GetProperty("ks_exact")[1], x["ks"]!["p_value"]);
        Near(golden.GetProperty("w1"), x["wasserstein"]);
        Near(golden.GetProperty("w1_over_sd_ref_ddof0"), x["wasserstein_scaled"]);
        Near(golden.GetProperty("psi_deciles_ref_type7_quantiles"), x["psi"]);
        Near(golden.GetProperty("js_distance_nat"), x["jensen_shannon"]);
        Near(golden.GetProperty("cvm_asymp")[0], x["cramer_von_mises"]);
        Near(golden.GetProperty("ad_ksamp_midrank")[0], x["anderson_darling"]);
        Assert.InRange(x["hellinger"]!.GetValue<double>(), 0.1, 0.3);
        Assert.InRange(x["energy"]!.GetValue<double>(), 0.1, 0.3);
        Assert.InRange(x["psi_critical"]!.GetValue<double>(), 0.19, 0.2);
        Assert.False(x["drifted"]!.GetValue<bool>());

        static void Near(JsonElement expected, JsonNode? actual) => Assert.Equal(expected.GetDouble(), actual!.GetValue<double>(), 1e-9);
    }

    [Fact]
    public async Task TextsMissingValuesAndConstantsAreAnsweredEachInTheirWay()
    {
        JsonNode document = (await Drift("a.csv", "b.csv", "--json")).Succeeds().Json, columns = document["columns"]!;
        Assert.Equal(["x", "group", "constant", "holes"], columns.AsObject().Select(c => c.Key));
        JsonNode group = columns["group"]!, constant = columns["constant"]!, holes = columns["holes"]!;
        Assert.Equal("text", group["type"]!.GetValue<string>());
        Assert.Null(group["ks"]);
        Assert.Null(group["wasserstein"]);
        Assert.True(group["chi_square"]!["p_value"]!.GetValue<double>() < 1e-6);
        Assert.True(group["drifted"]!.GetValue<bool>());
        Assert.Contains("1 category", group["note"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("constant", constant["note"]!.GetValue<string>());
        Assert.Equal(1, constant["ks"]!["p_value"]!.GetValue<double>());
        Assert.Null(constant["anderson_darling"]);
        Assert.False(constant["drifted"]!.GetValue<bool>());
        Assert.Equal((20L, 50L), (holes["missing"]!["baseline"]!.GetValue<long>(), holes["missing"]!["current"]!.GetValue<long>()));
        Assert.True(holes["missing"]!["p_value"]!.GetValue<double>() < 1e-4);
        Assert.True(holes["drifted"]!.GetValue<bool>());
        JsonNode overall = document["overall"]!;
        Assert.True(overall["drifted"]!.GetValue<bool>());
        Assert.Equal(0.5, overall["drifted_share"]!.GetValue<double>());
        Assert.Equal(["group", "holes"], overall["worst_columns"]!.AsArray().Select(c => c!.GetValue<string>()).Order());
        Assert.Equal("then", overall["only_in_baseline"]![0]!.GetValue<string>());
        Assert.Equal("now", overall["only_in_current"]![0]!.GetValue<string>());
    }

    [Fact]
    public async Task TheTableFitsEightyColumns()
    {
        Answer answer = (await Drift("a.csv", "b.csv")).Succeeds();
        Assert.All(answer.Output.Split('\n'), line => Assert.InRange(line.TrimEnd().Length, 0, 80));
        Assert.Contains("2 of 4 columns drifted", answer.Output, StringComparison.Ordinal);
        Assert.Contains("Only in the baseline, not compared: then.", answer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASureButTinyShiftIsNoDriftUntilAskedFor()
    {
        _folder.Write("then.csv", Rows(["v", .. Enumerable.Range(0, 20_000).Select(i => $"{i}")]));
        _folder.Write("now.csv", Rows(["v", .. Enumerable.Range(0, 20_000).Select(i => $"{i + 600}")]));
        JsonNode v = (await Drift("then.csv", "now.csv", "--json")).Succeeds().Json["columns"]!["v"]!;
        Assert.True(v["p_value_adjusted"]!.GetValue<double>() < 1e-6);
        Assert.Equal("asymptotic", v["ks"]!["method"]!.GetValue<string>());
        Assert.False(v["drifted"]!.GetValue<bool>());
        Assert.True((await Drift("then.csv", "now.csv", "--json", "--negligible-effect", "0.01")).Succeeds().Json["columns"]!["v"]!["drifted"]!.GetValue<bool>());
    }

    [Fact]
    public async Task UnboundedIntervalsAreCountedApart()
    {
        _folder.Write("then.csv", Rows(["width", .. Enumerable.Range(0, 100).Select(i => $"{i}")]));
        _folder.Write("now.csv", Rows(["width", .. Enumerable.Range(0, 100).Select(i => i % 4 == 0 ? "Infinity" : i % 4 == 2 ? "inf" : $"{i}")]));
        JsonNode width = (await Drift("then.csv", "now.csv", "--json")).Succeeds().Json["columns"]!["width"]!;
        Assert.Equal(50, width["infinite"]!["current"]!.GetValue<long>());
        Assert.True(width["drifted"]!.GetValue<bool>());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(1500)]
    public async Task AColumnThatTurnedFromNumbersToTextsHasDriftedHoweverManyValuesItHas(int rows)
    {
        _folder.Write("numbers.csv", Rows(["v,w", .. Enumerable.Range(0, rows).Select(i => $"{i},1")]));
        _folder.Write("texts.csv", Rows(["v,w", .. Enumerable.Range(0, 150).Select(i => $"{(i % 50 == 0 ? $"{i}" : $"item {i}")},1")]));
        JsonNode v = (await Drift("numbers.csv", "texts.csv", "--json")).Succeeds().Json["columns"]!["v"]!;
        Assert.Equal("numbers in the baseline, texts in the current file", v["note"]!.GetValue<string>());
        Assert.Equal("text", v["type"]!.GetValue<string>());
        Assert.Equal(0.98, v["effect"]!.GetValue<double>(), 1e-9);
        Assert.True(v["drifted"]!.GetValue<bool>());
        _folder.Write("words.csv", Rows(["v,w", .. Enumerable.Range(0, 150).Select(i => $"item {i},1")]));
        v = (await Drift("words.csv", "numbers.csv", "--json")).Succeeds().Json["columns"]!["v"]!;
        Assert.Equal("texts in the baseline, numbers in the current file", v["note"]!.GetValue<string>());
        Assert.True(v["drifted"]!.GetValue<bool>());
    }

    [Fact]
    public async Task ValuesBeyondTheirSquaresAreMeasured()
    {
        _folder.Write("then.csv", Rows(["v", .. Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{1e300 * Math.Sin(i):R}"))]));
        _folder.Write("now.csv", Rows(["v", .. Enumerable.Range(0, 200).Select(i => FormattableString.Invariant($"{1e300 * Math.Sin(i) + 5e299:R}"))]));
        JsonNode v = (await Drift("then.csv", "now.csv", "--json")).Succeeds().Json["columns"]!["v"]!;
        Assert.Equal(0.5 / Math.Sqrt(0.5), v["wasserstein_scaled"]!.GetValue<double>(), 0.01);
        Assert.InRange(v["energy"]!.GetValue<double>(), 1e149, 1e150);
    }

    [Fact]
    public async Task AColumnThatFellSilentIsAnsweredByItsMissingValues()
    {
        _folder.Write("then.csv", Rows(["v,w", .. Enumerable.Range(0, 50).Select(i => $"{i},7")]));
        _folder.Write("now.csv", Rows(["v,w", .. Enumerable.Range(0, 50).Select(i => $",{i}")]));
        JsonNode columns = (await Drift("then.csv", "now.csv", "--json")).Succeeds().Json["columns"]!;
        Assert.Null(columns["v"]!["ks"]);
        Assert.Contains("no value in the current file", columns["v"]!["note"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.True(columns["v"]!["drifted"]!.GetValue<bool>());
        // A constant that began to vary is infinitely many of its standard deviations away.
        Assert.Equal("Infinity", columns["w"]!["wasserstein_scaled"]!.GetValue<string>());
        Assert.True(columns["w"]!["drifted"]!.GetValue<bool>());
    }

    [Fact]
    public async Task ManyColumnsWithoutDriftAreRarelyCalledDrifted()
    {
        // Twenty columns each; without the correction one of them would be called in two of three files.
        int called = 0;
        for (ulong file = 0; file < 6; file++)
        {
            _folder.Write("then.csv", Noise(120, 20, 2 * file));
            _folder.Write("now.csv", Noise(90, 20, 2 * file + 1));
            if ((await Drift("then.csv", "now.csv", "--json")).Succeeds().Json["overall"]!["drifted"]!.GetValue<bool>()) called++;
        }

        Assert.InRange(called, 0, 2);
    }

    [Theory]
    [InlineData(2, "--columns", "groop", "there is no column 'groop'", "Did you mean 'group'?")]
    [InlineData(2, "--columns", "then", "there is no column 'then' in", "b.csv'")]
    [InlineData(2, "--columns", ",", "--columns: expected one column or more")]
    [InlineData(2, "--ignore", "nothing", "--ignore: there is no column 'nothing' in either file")]
    [InlineData(2, "--text", "nothing", "--text: there is no column 'nothing'")]
    [InlineData(2, "--false-discovery-rate", "1", "--false-discovery-rate: expected a number strictly between 0 and 1")]
    [InlineData(2, "--negligible-effect", "-1", "--negligible-effect: expected a number from 0 to below 1, got '-1'")]
    [InlineData(2, "--current", "nowhere.csv", "there is no file 'nowhere.csv'")]
    public async Task AWrongCallSaysWhatIsWrong(int code, string option, string value, params string[] words) =>
        (await UeqCommand.Run(option == "--current"
            ? ["drift", "--baseline", _folder["a.csv"], option, value]
            : ["drift", "--baseline", _folder["a.csv"], "--current", _folder["b.csv"], option, value])).Fails(code, words);

    [Theory]
    [InlineData("x\n1\n", "expected two rows or more after the header, got 1")]
    [InlineData("x\n", "expected two rows or more after the header, got 0")]
    [InlineData("", "empty file")]
    [InlineData("x\n1\n2\n3\noops\n", "column 'x': expected a number as in most other rows, got 'oops'", "--missing", "--text")]
    [InlineData("y\n1\n2\n", "no column in common", "'y'")]
    public async Task AFileThatCannotBeComparedIsNamed(string text, params string[] words)
    {
        _folder.Write("odd.csv", text);
        Answer answer = await Drift("a.csv", "odd.csv");
        Assert.InRange(answer.Code, 1, 2);
        answer.Fails(answer.Code, words);
    }

    [Fact]
    public async Task IdentifiersAreNotTakenForCategories()
    {
        _folder.Write("then.csv", Rows(["id,v", .. Enumerable.Range(0, 1200).Select(i => $"k{i},{i}")]));
        JsonNode id = (await Drift("then.csv", "then.csv", "--json")).Succeeds().Json["columns"]!["id"]!;
        Assert.Contains("more than 1000 categories", id["note"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Null(id["psi"]);
        Assert.False(id["drifted"]!.GetValue<bool>());
    }

    private Task<Answer> Drift(string baseline, string current, params string[] more) =>
        UeqCommand.Run(["drift", "--baseline", _folder[baseline], "--current", _folder[current], .. more]);

    private static string Rows(IEnumerable<string> lines) => string.Join('\n', lines) + "\n";

    private static string Noise(int rows, int columns, ulong seed)
    {
        StringBuilder text = new(string.Join(',', Enumerable.Range(0, columns).Select(c => $"c{c}")) + "\n");
        Rng rng = Rng.Stream(5, seed);
        for (int r = 0; r < rows; r++)
        {
            for (int c = 0; c < columns; c++) text.Append(c == 0 ? "" : ",").Append(FormattableString.Invariant($"{rng.NextNormal():R}"));
            text.Append('\n');
        }

        return text.ToString();
    }
}

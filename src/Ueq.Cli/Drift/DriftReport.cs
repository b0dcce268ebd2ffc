using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Ueq.Cli.Commands;
using Ueq.Cli.Output;
using Ueq.Monitoring;

namespace Ueq.Cli.Drift;

/// <summary>The table and the JSON document of <c>ueq drift</c>.</summary>
internal sealed class DriftReport(
    string baseline, string current, ColumnChoice choice, DriftRule rule, long baselineRows, long currentRows, IReadOnlyList<ColumnDrift> columns)
{
    private const int LongestName = 18, WorstShown = 5;

    /// <summary>Drifted columns, those with the largest effect first.</summary>
    private string[] Worst => [.. columns.Where(c => c.Drifted).OrderByDescending(c => c.Effect).ThenBy(c => c.AdjustedPValue).Select(c => c.Name)];

    public void PrintJson(Terminal terminal)
    {
        JsonObject each = [];
        foreach (ColumnDrift column in columns) each[column.Name] = Column(column);
        string[] worst = Worst;
        Json.Print(terminal, new JsonObject
        {
            ["baseline"] = new JsonObject { ["file"] = baseline, ["rows"] = baselineRows },
            ["current"] = new JsonObject { ["file"] = current, ["rows"] = currentRows },
            ["columns"] = each,
            ["overall"] = new JsonObject
            {
                ["drifted"] = worst.Length > 0,
                ["columns"] = columns.Count,
                ["drifted_columns"] = worst.Length,
                ["drifted_share"] = (double)worst.Length / columns.Count,
                ["worst_columns"] = Texts(worst.Take(WorstShown)),
                ["false_discovery_rate"] = rule.FalseDiscoveryRate,
                ["negligible_effect"] = rule.NegligibleEffect,
                ["only_in_baseline"] = Texts(choice.OnlyInBaseline),
                ["only_in_current"] = Texts(choice.OnlyInCurrent),
            },
        });
    }

    public void PrintTable(Terminal terminal)
    {
        Table table = new Table().Border(TableBorder.Simple);
        table.AddColumn(new TableColumn("column").PadLeft(0).PadRight(0).NoWrap());
        foreach (string heading in (string[])["ks", "p adj.", "w1/sd", "psi", "chance", "js", "missing", "drifted"])
            table.AddColumn(new TableColumn(heading).RightAligned().PadLeft(0).PadRight(0).NoWrap());
        foreach (ColumnDrift c in columns)
        {
            table.AddRow(
                Markup.Escape(c.Name.Length <= LongestName ? c.Name : c.Name[..(LongestName - 1)] + "…"), Text(c.Numbers?.Distances.KolmogorovSmirnov), Probability(c.AdjustedPValue),
                Text(c.Numbers?.WassersteinScaled), Text(c.Psi), Text(c.Binned?.PsiCritical), Text(c.Binned?.JensenShannon), Markup.Escape(Missing(c)), c.Drifted ? "yes" : "no");
        }

        terminal.Answers.Write(table);
        foreach (ColumnDrift c in columns.Where(c => c.Note is not null)) terminal.Wrap($"{c.Name}: {c.Note}.");
        string[] worst = Worst;
        string names = worst.Length == 0 ? "" : $": {string.Join(", ", worst.Take(WorstShown))}{(worst.Length > WorstShown ? $" and {worst.Length - WorstShown} more" : "")}";
        terminal.Wrap(FormattableString.Invariant($"{worst.Length} of {columns.Count} columns drifted{names}."));
        terminal.Wrap(FormattableString.Invariant(
            $"Drift is an adjusted p of at most {rule.FalseDiscoveryRate} and an effect above {rule.NegligibleEffect}; PSI stays below chance in 95 % of draws."));
        if (choice.OnlyInBaseline.Count > 0) terminal.Say($"Only in the baseline, not compared: {string.Join(", ", choice.OnlyInBaseline)}.");
        if (choice.OnlyInCurrent.Count > 0) terminal.Say($"Only in the current file, not compared: {string.Join(", ", choice.OnlyInCurrent)}.");
    }

    private static JsonObject Column(ColumnDrift c)
    {
        SampleComparison? n = c.Numbers;
        return new JsonObject
        {
            ["type"] = c.IsText ? "text" : "number",
            ["ks"] = n is null ? null : Test(n.KolmogorovSmirnov),
            ["wasserstein"] = Number(n?.Distances.Wasserstein),
            ["wasserstein_scaled"] = Number(n?.WassersteinScaled),
            ["psi"] = Number(c.Psi),
            ["psi_critical"] = Number(c.Binned?.PsiCritical),
            ["jensen_shannon"] = Number(c.Binned?.JensenShannon),
            ["hellinger"] = Number(c.Binned?.Hellinger),
            ["cramer_von_mises"] = Number(n?.Distances.CramerVonMises),
            ["cramer_von_mises_p_value"] = Number(n?.CramerVonMises.PValue),
            ["anderson_darling"] = Number(n?.Distances.AndersonDarling),
            ["anderson_darling_p_value"] = Number(n?.AndersonDarling.PValue),
            ["energy"] = Number(n?.Distances.Energy),
            ["chi_square"] = c.ChiSquare is { } test ? Test(test) : null,
            ["missing"] = Events(c, s => s.Missing, c.Missing),
            ["infinite"] = Events(c, s => s.Infinite, c.Infinite),
            ["p_value"] = Number(c.PValue),
            ["p_value_adjusted"] = Number(c.AdjustedPValue),
            ["effect"] = Number(c.Effect),
            ["drifted"] = c.Drifted,
            ["note"] = c.Note,
        };
    }

    private static JsonObject Test(TestReading test) => new()
    {
        ["statistic"] = Json.Number(test.Statistic),
        ["p_value"] = Json.Number(test.PValue),
        ["method"] = test.Method.ToString().ToLowerInvariant(),
    };

    private static JsonObject Events(ColumnDrift c, Func<ColumnSample, long> count, TestReading? test) => new()
    {
        ["baseline"] = count(c.Baseline),
        ["current"] = count(c.Current),
        ["p_value"] = Number(test?.PValue),
    };

    private static JsonNode? Number(double? value) => value is { } number ? Json.Number(number) : null;

    private static JsonArray Texts(IEnumerable<string> names) => [.. names.Select(name => (JsonNode)name)];

    private static string Missing(ColumnDrift c)
    {
        long then = c.Baseline.Missing + c.Baseline.Infinite, now = c.Current.Missing + c.Current.Infinite;
        return then + now == 0 ? "–" : string.Create(CultureInfo.InvariantCulture, $"{100.0 * then / c.Baseline.Rows:0.#}→{100.0 * now / c.Current.Rows:0.#}%");
    }

    // A probability is never nothing.
    private static string Probability(double p) => p < 0.001 ? "<0.001" : Text(p);

    private static string Text(double? figure) => figure switch
    {
        null or double.NaN => "–",
        double.PositiveInfinity => "∞",
        < 0.001 and > 0 => "<0.001",
        >= 10_000 => figure.Value.ToString("0.#e+0", CultureInfo.InvariantCulture),
        >= 10 => figure.Value.ToString("0.0", CultureInfo.InvariantCulture),
        _ => figure.Value.ToString("0.000", CultureInfo.InvariantCulture),
    };
}

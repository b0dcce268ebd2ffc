using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Ueq.Cli.Fitting;

namespace Ueq.Cli.Output;

/// <summary>The mean of a plan's figures over the divisions, and how sure the coverage is.</summary>
internal sealed record EvaluationSummary(IReadOnlyList<EvaluationRow> Rows)
{
    public static EvaluationSummary Of(IReadOnlyList<EvaluationRow> rows) => new(rows);

    public Plan Plan => Rows[0].Plan;

    public bool IsRegression => Rows[0].Intervals is not null;

    public double Coverage => Mean(row => row.Intervals?.Coverage ?? row.Sets!.Value.Coverage);

    /// <summary>Standard error of the mean coverage over divisions; NaN for one division.</summary>
    public double CoverageStandardError => Rows.Count < 2
        ? double.NaN
        : Math.Sqrt(Rows.Sum(row => Math.Pow((row.Intervals?.Coverage ?? row.Sets!.Value.Coverage) - Coverage, 2)) / (Rows.Count - 1) / Rows.Count);

    public double Mean(Func<EvaluationRow, double> figure) => Rows.Average(figure);
}

/// <summary>The table and the JSON document of <c>ueq evaluate</c>: the same figures under the same names.</summary>
internal static class EvaluationReport
{
    public static void PrintJson(Terminal terminal, IReadOnlyList<EvaluationSummary> summaries, Coverage level)
    {
        JsonArray document = [];
        foreach (EvaluationSummary summary in summaries)
        {
            JsonObject row = new() { ["model"] = ModelNames.Shown(summary.Plan.Model), ["method"] = summary.Plan.Method };
            foreach ((string name, double value) in Figures(summary, level)) row[name] = Json.Number(value);
            row["n_train"] = summary.Rows[0].TrainRows;
            row["n_test"] = summary.Rows[0].TestRows;
            row["task"] = Publishing.Name(summary.Plan.Task);
            row["splits"] = summary.Rows.Count;
            row["coverage_standard_error"] = Json.Number(summary.CoverageStandardError);
            document.Add((JsonNode)row);
        }

        Json.Print(terminal, document);
    }

    /// <summary>Two tables, since thirteen figures do not fit into 80 columns: the answers' quality, then errors, times and rows.</summary>
    public static void PrintTable(Terminal terminal, IReadOnlyList<EvaluationSummary> summaries, Coverage level)
    {
        List<(string Name, double Value)>[] figures = [.. summaries.Select(summary => Figures(summary, level))];
        string[] quality = [.. figures[0].Select(figure => figure.Name).TakeWhile(name => name is not ("rmse" or "fit_seconds"))];
        string[] rest = [.. figures.SelectMany(row => row.Select(figure => figure.Name)).Distinct().Except(quality)];
        Print(terminal, summaries, figures, quality);
        Print(terminal, summaries, figures, [.. rest, "n_train", "n_test"]);
        int splits = summaries[0].Rows.Count;
        terminal.Output.WriteLine(splits == 1
            ? FormattableString.Invariant($"One division of the rows: the standard error of a coverage is about {Ueq.Scoring.IntervalScores.StandardError(level, summaries[0].Rows[0].TestRows):0.000}.")
            : FormattableString.Invariant($"Means over {splits} divisions: the standard errors of the coverages are at most {summaries.Max(summary => summary.CoverageStandardError):0.0000}."));
        if (summaries.Any(summary => summary.Plan.Method == MethodNames.BootstrapMean))
            terminal.Output.WriteLine("bootstrap_mean is a confidence interval of the model's mean; it contains few targets.");
    }

    private static void Print(Terminal terminal, IReadOnlyList<EvaluationSummary> summaries, List<(string Name, double Value)>[] figures, string[] names)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string name in (string[])["model", "method"]) table.AddColumn(new TableColumn(name).PadLeft(0).PadRight(0).NoWrap());
        foreach (string name in names) table.AddColumn(new TableColumn(Heading(name)).RightAligned().PadLeft(0).PadRight(0).NoWrap());
        for (int i = 0; i < summaries.Count; i++)
        {
            EvaluationSummary summary = summaries[i];
            table.AddRow([Markup.Escape(ModelNames.Shown(summary.Plan.Model)), Markup.Escape(summary.Plan.Method), .. names.Select(name => Cell(summary, figures, i, name))]);
        }

        terminal.Answers.Write(table);
    }

    private static string Cell(EvaluationSummary summary, List<(string Name, double Value)>[] figures, int row, string name) => name switch
    {
        "n_train" => summary.Rows[0].TrainRows.ToString(CultureInfo.InvariantCulture),
        "n_test" => summary.Rows[0].TestRows.ToString(CultureInfo.InvariantCulture),
        _ => figures[row].Exists(figure => figure.Name == name) ? Text(name, figures[row].Find(figure => figure.Name == name).Value) : "–",
    };

    private static List<(string Name, double Value)> Figures(EvaluationSummary summary, Coverage level)
    {
        List<(string, double)> figures = [("coverage", summary.Coverage), ("nominal", level.Value)];
        if (summary.IsRegression)
        {
            figures.Add(("mean_width", summary.Mean(row => row.Intervals!.Value.MeanWidth)));
            figures.Add(("median_width", summary.Mean(row => row.Intervals!.Value.MedianWidth)));
            figures.Add(("unbounded", summary.Mean(row => row.Intervals!.Value.Unbounded)));
            figures.Add(("winkler", summary.Mean(row => row.Intervals!.Value.Winkler)));
            figures.Add(("rmse", summary.Mean(row => row.Rmse)));
            figures.Add(("mae", summary.Mean(row => row.Mae)));
            if (summary.Rows[0].Crps is not null) figures.Add(("crps", summary.Mean(row => row.Crps!.Value)));
        }
        else
        {
            figures.Add(("mean_set_size", summary.Mean(row => row.Sets!.Value.MeanSetSize)));
            figures.Add(("empty", summary.Mean(row => row.Sets!.Value.Empty)));
            figures.Add(("accuracy", summary.Mean(row => row.Sets!.Value.Accuracy)));
        }

        figures.Add(("fit_seconds", summary.Mean(row => row.FitSeconds)));
        figures.Add(("predict_seconds", summary.Mean(row => row.PredictSeconds)));
        return figures;
    }

    // Two words on two lines keep the table within 80 columns.
    private static string Heading(string name) => name is "n_train" or "n_test" ? name : name.Replace('_', '\n');

    private static string Text(string name, double value) => name switch
    {
        _ when double.IsInfinity(value) => value > 0 ? "∞" : "-∞",
        "coverage" or "nominal" or "unbounded" or "empty" or "accuracy" => value.ToString("0.000", CultureInfo.InvariantCulture),
        _ => Significant(value),
    };

    private static string Significant(double value) => Math.Abs(value) switch
    {
        0 => "0",
        >= 1000 => value.ToString("0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("0.0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("0.00", CultureInfo.InvariantCulture),
        >= 0.01 => value.ToString("0.000", CultureInfo.InvariantCulture),
        _ => value.ToString("0.0e0", CultureInfo.InvariantCulture),
    };
}

using System.Globalization;
using System.Text.Json.Nodes;
using Ueq.Cli;
using Ueq.Cli.Output;

namespace Ueq.Bench.Quality;

/// <summary>Runs <c>ueq evaluate</c> over data sets and writes what it printed as CSV and as a Markdown table.</summary>
internal static class CoverageTable
{
    private static readonly string[] _columns =
    [
        "data", "model", "method", "nominal", "coverage", "coverage_standard_error", "mean_width", "median_width", "unbounded", "winkler", "rmse", "mae",
        "mean_set_size", "empty", "accuracy", "fit_seconds", "predict_seconds", "n_train", "n_test", "splits",
    ];

    public static async Task<int> MakeAsync(string name, string folder, IReadOnlyList<Run> runs)
    {
        List<(string Data, JsonObject Row)> rows = [];
        foreach (Run run in runs)
        {
            Console.Error.WriteLine($"{run.Data}: {string.Join(", ", run.Models)} with {string.Join(", ", run.Methods)}");
            using StringWriter output = new();
            int code = await CommandLine.RunAsync(run.Arguments(folder), new Terminal(output, Console.Error));
            if (code != 0) return code;
            rows.AddRange(JsonNode.Parse(output.ToString())!.AsArray().Select(row => (run.Data, row!.AsObject())));
        }

        string place = Path.Combine(Folders.Results(), name);
        await File.WriteAllLinesAsync(place + ".csv",
            [string.Join(',', _columns), .. rows.Select(row => string.Join(',', _columns.Select(column => column == "data" ? row.Data : row.Row[column]?.ToString() ?? "")))]);
        string[] table = [.. Markdown(rows)];
        await File.WriteAllLinesAsync(place + ".md", table);
        Readme.Insert(Folders.Repository(), name, table);
        foreach (string line in table) Console.Out.WriteLine(line);
        return 0;
    }

    private static IEnumerable<string> Markdown(List<(string Data, JsonObject Row)> rows)
    {
        yield return "| data | model | method | nominal | delivered | size | test rows |";
        yield return "|---|---|---|---:|---:|---:|---:|";
        foreach ((string data, JsonObject row) in rows)
        {
            string size = row["mean_width"] is { } width ? string.Create(CultureInfo.InvariantCulture, $"{Number(width):G4} wide") : string.Create(CultureInfo.InvariantCulture, $"{Number(row["mean_set_size"]!):0.00} labels");
            yield return string.Create(CultureInfo.InvariantCulture,
                $"| {data} | {row["model"]} | {row["method"]} | {Percent(row["nominal"]!)} | {Percent(row["coverage"]!)} ± {Percent(row["coverage_standard_error"]!)} | {size} | {row["splits"]} × {row["n_test"]} |");
        }
    }

    private static double Number(JsonNode node) => node.GetValueKind() == System.Text.Json.JsonValueKind.Number
        ? node.GetValue<double>()
        : double.PositiveInfinity;

    private static string Percent(JsonNode node) => string.Create(CultureInfo.InvariantCulture, $"{100 * Number(node):0.0} %");
}

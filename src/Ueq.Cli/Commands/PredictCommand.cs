using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Ueq.Cli.Batches;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq predict</c>: answers a file of rows with a model version, in memory that does not grow with the file.</summary>
internal static class PredictCommand
{
    private const int UsualSize = 1024;
    private const int Sought = 0; // No value of an option can be null.
    private const string Search = "auto";

    public static Command Create(Terminal terminal)
    {
        Option<string> directory = new("--model-dir") { Description = "Directory that ueq fit wrote.", Required = true, HelpName = "DIR" };
        Option<string> input = new Option<string>("--input") { Description = "Rows to answer: the columns the model was fitted on, in any order.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string> output = new Option<string>("--output") { Description = "Where the answers go; .gz compresses.", Required = true, HelpName = "FILE" }.IsNewFile();
        Option<double> coverage = SharedOptions.CoverageLevel();
        Option<int> size = Size();
        Option<int> jobs = new Option<int>("--jobs")
        {
            Description = "Calls of the model at the same time.",
            HelpName = "N",
            DefaultValueFactory = _ => Environment.ProcessorCount,
        }.From(1, BatchPlan.MostJobs);
        Option<bool> json = SharedOptions.AsJson();
        TableOptions table = new();
        Command command = new("predict", "Answer a file of rows with intervals or label sets.") { directory, input, output, coverage, size, jobs, json };
        table.AddTo(command);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            Places.KeepApart(call.GetValue(output)!, call.GetValue(input)!);
            Places.KeepOutside(call.GetValue(output)!, call.GetValue(directory)!);
            ModelVersion version = VersionDirectory.Load(call.GetValue(directory)!, Formats.All);
            long bytes = new FileInfo(call.GetValue(input)!).Length;
            long start = Stopwatch.GetTimestamp();
            Coverage level = new(call.GetValue(coverage));
            BatchPlan plan = new(call.GetValue(size) is not Sought and var rows ? rows : null, call.GetValue(jobs));
            BatchSummary summary = Steps.Run(terminal, "Predicting", bytes, progress => BatchPrediction.Run(
                version, call.GetValue(input)!, call.GetValue(output)!, level, table.Read(call), plan, progress, cancellation));
            Report(terminal, version, summary, plan, Stopwatch.GetElapsedTime(start).TotalSeconds, call.GetValue(output)!, call.GetValue(json));
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static Option<int> Size()
    {
        Option<int> option = new("--batch-size")
        {
            Description = $"Rows that the model is given in one call, or {Search}: the size that costs little, found by timing the model.",
            HelpName = "N",
            DefaultValueFactory = _ => UsualSize,
        };
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (text == Search) return Sought;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rows) && rows is >= 1 and <= BatchPlan.MostRows) return rows;
            result.AddError($"--batch-size: expected a whole number from 1 to {BatchPlan.MostRows}, or {Search}; got '{text}'.");
            return UsualSize;
        };
        return option;
    }

    private static void Report(Terminal terminal, ModelVersion version, BatchSummary summary, BatchPlan plan, double seconds, string output, bool json)
    {
        if (json)
        {
            Json.Print(terminal, new JsonObject
            {
                ["output"] = output,
                ["rows"] = summary.Rows,
                ["unbounded"] = summary.Unbounded,
                ["seconds"] = seconds,
                ["batch_size"] = summary.Size,
                ["jobs"] = plan.Jobs,
                ["method"] = version.Manifest.Method,
                ["model"] = version.Manifest.Model,
                ["digest"] = version.Digest,
            });
            return;
        }

        if (summary.ExtraColumns.Count > 0) terminal.Say($"Columns that the model does not use: {string.Join(", ", summary.ExtraColumns)}.");
        if (summary.Found is { } found)
            terminal.Say(FormattableString.Invariant($"Batches of {found.Size} rows: a call costs {found.PerCall.TotalMilliseconds:0.####} ms, and {found.PerRow.TotalMicroseconds:0.###} µs per row."));
        (Places.IsDevice(output) ? terminal.Error : terminal.Output).WriteLine(FormattableString.Invariant($"{output}: {summary.Rows} rows in {seconds:0.0} s ({summary.Rows / seconds:0} a second)"));
        if (summary.Unbounded > 0) terminal.Say($"{summary.Unbounded} of {summary.Rows} intervals are unbounded: too few calibration rows for this level.");
    }
}

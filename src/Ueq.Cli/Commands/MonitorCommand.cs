using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Ueq.Cli.Output;
using Ueq.Cli.Replays;
using Ueq.Data;
using Ueq.Monitoring;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq monitor</c>: replays a table row by row against a reference and says at which row what changed.</summary>
internal static class MonitorCommand
{
    private const string Primary = "sr";

    public static Command Create(Terminal terminal)
    {
        Option<string?> reference = new Option<string?>("--reference") { Description = "Rows from before: what is normal.", HelpName = "FILE" }.IsFile();
        Option<string> stream = new Option<string>("--stream") { Description = "Rows to replay, in the order they came.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string[]> columns = new("--columns") { Description = "Columns to watch, separated by commas. [default: all]", CustomParser = Names, HelpName = "COLUMNS" };
        Option<double> alarms = Positive("--false-alarms-per-year", "False alarms you accept in a year, over all columns together.", 1e-6, 1e6, 1);
        Option<double> rows = Positive("--observations-per-year", "Rows you expect in a year; with it the above becomes a threshold.", 1, 1e15, 1e6);
        Option<int> thinning = new Option<int>("--thinning") { Description = "Look at every so-many-th row only: a remedy where rows depend on the ones before.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" }.From(1, 1_000_000);
        Option<string?> time = new("--time-column") { Description = "Column of times: rows are then compared with those of their hour of the week.", HelpName = "COLUMN" };
        Option<string> detector = new Option<string>("--detector") { Description = "sr: the primary alarm, with a promise. The others: one classical detector per column.", DefaultValueFactory = _ => Primary }.Among([Primary, .. DetectorWatch.Names]);
        Option<string?> error = new("--error-column") { Description = "Column of 0 (right) and 1 (wrong), for ddm and hddm. Without it they count values in the outer tenths of the reference.", HelpName = "COLUMN" };
        Option<ulong> seed = SharedOptions.Seed();
        Option<string?> plots = new("--plots") { Description = "Directory for pictures, which is made.", HelpName = "DIR" };
        Option<bool> json = SharedOptions.AsJson();
        TableOptions table = new();
        Command command = new("monitor", "Replay rows against a reference and say at which row what changed.")
        {
            reference, stream, columns, alarms, rows, thinning, time, detector, error, seed, plots, json,
        };
        table.AddTo(command);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            ReplayPlan plan = new(call.GetValue(reference), call.GetValue(stream)!, call.GetValue(columns) ?? [], call.GetValue(time), call.GetValue(error), call.GetValue(detector)!, table.Read(call));
            WatchOptions? options = plan.Detector != Primary ? null : new WatchOptions
            {
                FalseAlarmsPerYear = call.GetValue(alarms),
                ObservationsPerYear = call.GetValue(rows),
                Thinning = call.GetValue(thinning),
                Seed = call.GetValue(seed),
            };
            if (call.GetResult(columns) is { Implicit: false } && plan.Columns.Length == 0) throw new UsageException("--columns: expected one column or more, got none.");
            Check(plan, call.GetResult(alarms), call.GetResult(rows), call.GetResult(thinning));
            string? directory = call.GetValue(plots) is { } named ? Places.Folder(plots.Name, named) : null;
            (ReplayResult result, DriftReference? before) = Run(terminal, plan, options, call.GetValue(seed), directory is not null, cancellation);
            IReadOnlyList<string> pictures = directory is null ? [] : ReplayPictures.Write(directory, plan, result, before);
            if (call.GetValue(json)) ReplayReport.PrintJson(terminal, plan, result, pictures, options);
            else ReplayReport.Print(terminal, plan, result, pictures);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static (ReplayResult Result, DriftReference? Reference) Run(
        Terminal terminal, ReplayPlan plan, WatchOptions? options, ulong seed, bool pictures, CancellationToken cancellation)
    {
        // The first file is read twice: what it holds, and the numbers.
        double bytes = new FileInfo(plan.Stream).Length;
        DriftReference? reference = null;
        ColumnCodes columns = Steps.Run(terminal, "Reading the reference", 0, _ =>
        {
            ColumnCodes learnt = plan.Learn();
            if (plan.Reference is not null && plan.ErrorColumn is null) reference = Replay.ReadReference(plan, learnt, cancellation);
            return learnt;
        });
        IReplayWatch watch = options is not null ? new EvidenceWatch(reference!, options, plan.TimeColumn is not null) : new DetectorWatch(plan.Detector, columns.Names, reference, seed);
        ReplayTraces? traces = pictures ? new ReplayTraces(columns.Names.Count) : null;
        return (Steps.Run(terminal, "Replaying", bytes, progress => Replay.Run(plan, columns, watch, traces, progress, cancellation)), reference);
    }

    private static void Check(ReplayPlan plan, params OptionResult?[] ofPrimary)
    {
        bool errors = DetectorWatch.LooksAtErrors(plan.Detector);
        if (errors && plan.ErrorColumn is null && plan.Reference is null)
            throw new UsageException($"--detector {plan.Detector} looks at errors: name the column of 0 and 1 with --error-column COLUMN, or give --reference FILE, whose outer tenths count as errors then.");
        if (!errors && plan.ErrorColumn is not null) throw new UsageException($"--error-column is for --detector ddm and hddm, not for {plan.Detector}.");
        if (plan.ErrorColumn is not null && plan.Columns.Length > 0) throw new UsageException("--error-column is the only column that is looked at: leave out --columns.");
        if (!errors && plan.Reference is null) throw new UsageException($"--reference FILE is needed: rows that --detector {plan.Detector} takes for normal.");
        if (plan.Detector == Primary) return;
        if (ofPrimary.FirstOrDefault(option => option is { Implicit: false }) is { } given) throw new UsageException($"{given.Option.Name} is for --detector sr: {plan.Detector} promises no rate of false alarms.");
        if (plan.TimeColumn is not null) throw new UsageException($"--time-column is for --detector sr: {plan.Detector} knows no hours of the week.");
    }

    private static Option<double> Positive(string name, string description, double least, double most, double usual)
    {
        Option<double> option = new(name) { Description = description, DefaultValueFactory = _ => usual, HelpName = "NUMBER" };
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most) return value;
            result.AddError(FormattableString.Invariant($"{name}: expected a number from {least} to {most}, got '{text}'."));
            return usual;
        };
        return option;
    }

    private static string[] Names(ArgumentResult result) =>
        [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];
}

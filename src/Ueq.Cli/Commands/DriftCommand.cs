using System.CommandLine;
using System.Globalization;
using Ueq.Cli.Drift;
using Ueq.Cli.Output;
using Ueq.Data;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq drift</c>: which columns of one table are distributed otherwise than in another, and by how much.</summary>
internal static class DriftCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> baseline = new Option<string>("--baseline") { Description = "Rows as they were: .csv or .csv.gz with a header.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string> current = new Option<string>("--current") { Description = "Rows as they are now.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string[]> columns = new("--columns")
        {
            Description = "Columns to compare, separated by commas. [default: all that both files have]",
            HelpName = "COLUMNS",
            CustomParser = result => [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()],
        };
        Option<double> rate = new Option<double>("--false-discovery-rate")
        {
            Description = "Expected share of columns called drifted that are not (Benjamini and Hochberg).",
            DefaultValueFactory = _ => DriftRule.Standard.FalseDiscoveryRate,
            HelpName = "NUMBER",
        }.AsShare();
        Option<double> negligible = new("--negligible-effect")
        {
            Description = "Distances of the distribution functions up to this are no drift, however sure.",
            DefaultValueFactory = _ => DriftRule.Standard.NegligibleEffect,
            HelpName = "NUMBER",
        };
        negligible.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0 and < 1) return value;
            result.AddError($"{negligible.Name}: expected a number from 0 to below 1, got '{text}'.");
            return DriftRule.Standard.NegligibleEffect;
        };
        Option<bool> json = SharedOptions.AsJson();
        TableOptions table = new();
        Command command = new("drift", "Compare the columns of two tables: tests, distances, and which of them drifted.") { baseline, current, columns, rate, negligible };
        table.AddTo(command);
        command.Options.Add(json);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            CsvOptions options = table.Read(call);
            string then = call.GetValue(baseline)!, now = call.GetValue(current)!;
            ColumnChoice choice = ColumnChoice.Of(then, now, call.GetResult(columns) is null ? null : call.GetValue(columns), options);
            DriftRule rule = new(call.GetValue(rate), call.GetValue(negligible));
            ColumnReader reader = new(then, now, choice.Compared, options);
            double bytes = 2.0 * (new FileInfo(then).Length + new FileInfo(now).Length);
            (IReadOnlyList<ColumnKind> kinds, ColumnSample[] before, ColumnSample[] after) = Steps.Run(terminal, "Reading", bytes, progress => reader.Read(progress, cancellation));
            IReadOnlyList<ColumnDrift> compared = Steps.Run(terminal, "Comparing", kinds.Count, progress => Compare(kinds, before, after, progress, cancellation));
            DriftReport report = new(then, now, choice, rule, before[0].Rows, after[0].Rows, ColumnDrift.Judge(compared, rule));
            if (call.GetValue(json)) report.PrintJson(terminal);
            else report.PrintTable(terminal);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static ColumnDrift[] Compare(
        IReadOnlyList<ColumnKind> kinds, ColumnSample[] before, ColumnSample[] after, IProgress<double> progress, CancellationToken cancellation)
    {
        ColumnDrift[] columns = new ColumnDrift[kinds.Count];
        int done = 0;
        Parallel.For(0, columns.Length, new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount }, c =>
        {
            columns[c] = ColumnDrift.Of(kinds[c], before[c], after[c]);
            progress.Report(Interlocked.Increment(ref done));
        });
        return columns;
    }
}

/// <summary>Which columns are compared, and which stand in one file only.</summary>
internal sealed record ColumnChoice(IReadOnlyList<string> Compared, IReadOnlyList<string> OnlyInBaseline, IReadOnlyList<string> OnlyInCurrent)
{
    public static ColumnChoice Of(string baseline, string current, IReadOnlyList<string>? asked, CsvOptions options)
    {
        string[] then = ColumnReader.Names(baseline, options), now = ColumnReader.Names(current, options), either = [.. then.Union(now)];
        foreach ((string option, IReadOnlyList<string> names) in new[] { ("--ignore", options.Ignore), ("--text", options.TextColumns) })
            foreach (string name in names.Except(either)) throw Unknown(option, name, either, "either file");
        if (asked is not null)
        {
            if (asked.Count == 0) throw new UsageException("--columns: expected one column or more, got none.");
            foreach (string name in asked)
            {
                if (!then.Contains(name)) throw Unknown("--columns", name, then, $"'{baseline}'");
                if (!now.Contains(name)) throw Unknown("--columns", name, now, $"'{current}'");
            }

            return new ColumnChoice(asked, [], []);
        }

        string[] common = [.. then.Intersect(now).Except(options.Ignore)];
        if (common.Length == 0)
            throw new UsageException($"The files have no column in common to compare: '{baseline}' has {NearestName.List(then)}, '{current}' has {NearestName.List(now)}.");
        return new ColumnChoice(common, [.. then.Except(now).Except(options.Ignore)], [.. now.Except(then).Except(options.Ignore)]);
    }

    private static UsageException Unknown(string option, string name, string[] known, string where) =>
        new($"{option}: there is no column '{name}' in {where}.{NearestName.Hint(name, known)} The columns are {NearestName.List(known)}.");
}

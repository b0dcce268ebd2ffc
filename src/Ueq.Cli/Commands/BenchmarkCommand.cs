using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json.Nodes;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq benchmark</c>: what predictions of model versions cost on this machine.</summary>
internal static class BenchmarkCommand
{
    private const int MostRows = 1_000_000;

    private sealed record Line(string Directory, ModelVersion Version, int Rows, ProfilerReading Reading);

    public static Command Create(Terminal terminal)
    {
        Option<string[]> directories = new("--model-dir") { Description = "Directory that ueq fit wrote; give it again to compare several.", Required = true, HelpName = "DIR" };
        Option<string> input = new Option<string>("--input") { Description = "Rows to predict: the columns the models were fitted on.", Required = true, HelpName = "FILE" }.IsFile();
        Option<int[]> rows = new("--rows") { Description = "Rows of a call; several with commas. [default: 1,32,1000]", CustomParser = Sizes, HelpName = "NUMBERS" };
        Option<double> seconds = Seconds();
        Option<int> warmup = new Option<int>("--warmup-runs") { Description = "Calls before the first that is measured.", DefaultValueFactory = _ => 3 }.From(0, 1000);
        Option<double> coverage = SharedOptions.CoverageLevel();
        Option<bool> json = SharedOptions.AsJson();
        TableOptions table = new();
        Command command = new("benchmark", "Measure what predictions cost: median, p99 and memory, method by method.") { directories, input, rows, seconds, warmup, coverage, json };
        table.AddTo(command);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            int[] sizes = call.GetValue(rows) is { Length: > 0 } given ? given : [1, 32, 1000];
            ProfilerOptions options = new() { Duration = TimeSpan.FromSeconds(call.GetValue(seconds)), WarmupRuns = call.GetValue(warmup) };
            Coverage level = new(call.GetValue(coverage));
            (string Directory, ModelVersion Version)[] versions = [.. call.GetValue(directories)!.Select(d => (d, VersionDirectory.Load(d, Formats.All)))];
            FeatureMatrix[] samples = [.. versions.Select(v => Sample(call.GetValue(input)!, v.Version, table.Read(call), sizes.Max()))];
            List<Line> lines = Steps.Run(terminal, "Measuring", sizes.Length, progress => Measure(versions, samples, sizes, level, options, progress, cancellation));
            if (call.GetValue(json)) PrintJson(terminal, lines, level);
            else Print(terminal, lines);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    // The versions of one size are measured in turns, so that what disturbs the machine disturbs them all.
    private static List<Line> Measure(
        (string Directory, ModelVersion Version)[] versions, FeatureMatrix[] samples, int[] sizes, Coverage level, ProfilerOptions options,
        IProgress<double> progress, CancellationToken cancellation)
    {
        List<Line> lines = [];
        PerformanceProfiler profiler = new(options);
        for (int size = 0; size < sizes.Length; size++)
        {
            int rows = sizes[size];
            IReadOnlyList<ProfiledMethod> measured = profiler.BenchmarkMethods(
                versions.Select((v, at) => KeyValuePair.Create(v.Directory, Call(v.Version, samples[at].Slice(0, rows), level))), cancellation);
            for (int at = 0; at < versions.Length; at++)
            {
                if (measured[at].Error is { } error) throw new InvalidOperationException($"{versions[at].Directory}: a call of {rows} rows failed: {error.Message}", error);
                lines.Add(new Line(versions[at].Directory, versions[at].Version, rows, measured[at].Reading!));
            }

            progress.Report(size + 1);
        }

        return [.. lines.OrderBy(line => Array.FindIndex(versions, v => v.Version == line.Version))];
    }

    private static Action Call(ModelVersion version, FeatureMatrix x, Coverage level)
    {
        if (version.Regressor is { } regressor)
        {
            double[] predictions = new double[x.Rows];
            Interval[] intervals = new Interval[x.Rows];
            return () => regressor.Predict(x, level, predictions, intervals);
        }

        ILabelSetPredictor classifier = version.Classifier!;
        double[] probabilities = new double[x.Rows * classifier.Classes];
        ulong[] sets = new ulong[x.Rows * LabelSet.WordsFor(classifier.Classes)];
        return () => classifier.Predict(x, level, probabilities, sets);
    }

    // The file's rows from the first on, and again from the first where it has fewer.
    private static FeatureMatrix Sample(string input, ModelVersion version, CsvOptions options, int rows)
    {
        using CsvRowReader reader = new(input, version.Schema, options);
        int width = version.Schema.Width;
        float[] values = new float[rows * width];
        int count = reader.Read(values);
        if (count == 0) throw new InvalidDataException($"{input}: expected one row or more, got none.");
        for (int at = count * width; at < values.Length; at += count * width)
            values.AsSpan(0, Math.Min(count * width, values.Length - at)).CopyTo(values.AsSpan(at));
        return new FeatureMatrix(values, width);
    }

    private static void Print(Terminal terminal, List<Line> lines)
    {
        string? before = null;
        foreach (Line line in lines)
        {
            if (line.Directory != before)
            {
                if (before is not null) terminal.Output.WriteLine();
                terminal.Output.WriteLine($"{line.Directory}: {line.Version.Manifest.Method} of {line.Version.Manifest.Model}");
                terminal.Output.WriteLine("    rows       median          p99      per row     rows/s   allocated     runs");
                before = line.Directory;
            }

            ProfilerReading reading = line.Reading;
            terminal.Output.WriteLine(FormattableString.Invariant(
                $"{line.Rows,8} {Time(reading.Median),12} {Time(reading.P99),12} {Time(reading.Median / line.Rows),12} {Short(line.Rows / Math.Max(1e-9, reading.Median.TotalSeconds)),10} {Bytes(reading.AllocatedBytes),11} {reading.Runs,8}"));
        }
    }

    private static void PrintJson(Terminal terminal, List<Line> lines, Coverage level)
    {
        JsonArray results = [];
        foreach (Line line in lines)
        {
            results.Add(new JsonObject
            {
                ["model_dir"] = line.Directory,
                ["method"] = line.Version.Manifest.Method,
                ["model"] = line.Version.Manifest.Model,
                ["digest"] = line.Version.Digest,
                ["rows"] = line.Rows,
                ["median"] = line.Reading.Median.TotalSeconds,
                ["p99"] = line.Reading.P99.TotalSeconds,
                ["fastest"] = line.Reading.Fastest.TotalSeconds,
                ["rows_per_second"] = line.Rows / Math.Max(1e-9, line.Reading.Median.TotalSeconds),
                ["allocated_bytes"] = line.Reading.AllocatedBytes,
                ["runs"] = line.Reading.Runs,
                ["warmup_runs"] = line.Reading.WarmupRuns,
            });
        }

        Json.Print(terminal, new JsonObject { ["coverage"] = level.Value, ["unit"] = "seconds", ["results"] = results });
    }

    private static string Time(TimeSpan time)
    {
        double seconds = time.TotalSeconds;
        return seconds switch
        {
            < 1e-6 => FormattableString.Invariant($"{seconds * 1e9:0} ns"),
            < 1e-3 => FormattableString.Invariant($"{seconds * 1e6:0.0} µs"),
            < 1 => FormattableString.Invariant($"{seconds * 1e3:0.00} ms"),
            _ => FormattableString.Invariant($"{seconds:0.00} s"),
        };
    }

    private static string Short(double number) => number switch
    {
        >= 1e6 => FormattableString.Invariant($"{number / 1e6:0.00} M"),
        >= 1e4 => FormattableString.Invariant($"{number / 1e3:0} k"),
        _ => FormattableString.Invariant($"{number:0}"),
    };

    private static string Bytes(double bytes) => bytes < 10_000 ? FormattableString.Invariant($"{bytes:0} B") : FormattableString.Invariant($"{bytes / 1024:0} KiB");

    private static int[] Sizes(ArgumentResult result)
    {
        List<int> sizes = [];
        foreach (string text in result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int rows) && rows is >= 1 and <= MostRows) sizes.Add(rows);
            else result.AddError($"--rows: expected whole numbers from 1 to {MostRows} with commas, got '{text}'.");
        }

        return [.. sizes.Distinct()];
    }

    private static Option<double> Seconds()
    {
        Option<double> option = new("--seconds") { Description = "For how long each version is measured at each number of rows.", DefaultValueFactory = _ => 1, HelpName = "NUMBER" };
        option.CustomParser = result =>
        {
            string text = result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value is >= 0.01 and <= 3600) return value;
            result.AddError($"--seconds: expected a number from 0.01 to 3600, got '{text}'.");
            return 1;
        };
        return option;
    }
}

using System.CommandLine;
using System.Text.Json.Nodes;
using Ueq.Cli.Output;
using Ueq.Conformal;
using Ueq.Data;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq calibrate</c>: intervals for predictions of a model that lives elsewhere.</summary>
internal static class CalibrateCommand
{
    private const string Absolute = "absolute", Normalised = "normalised", Quantile = "cqr";

    public static Command Create(Terminal terminal)
    {
        Option<string> calibration = new Option<string>("--calibration") { Description = "Rows with column prediction (or lower, upper), target, and sigma if normalised.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string> input = new Option<string>("--input") { Description = "Rows to answer: the same columns without target.", Required = true, HelpName = "FILE" }.IsFile();
        Option<string> output = new Option<string>("--output") { Description = "The input with interval_lower and interval_upper added.", Required = true, HelpName = "FILE" }.IsNewFile();
        Option<double> coverage = SharedOptions.CoverageLevel();
        Option<string?> score = new Option<string?>("--score")
        {
            Description = "absolute: |target − prediction|. normalised: divided by sigma. cqr: distance outside lower … upper. Default: what the columns allow.",
        }.Among(Absolute, Normalised, Quantile);
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("calibrate", "Add calibrated intervals to predictions made elsewhere.") { calibration, input, output, coverage, score, json };
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            string file = call.GetValue(calibration)!;
            Places.KeepApart(call.GetValue(output)!, call.GetValue(input)!, file);
            string[] known = ["prediction", "sigma", "lower", "upper"];
            CsvNumbers rows = CsvNumbers.Read(file, ["target"], known, ["lower", "upper"]);
            string chosen = call.GetValue(score) ?? Choose(rows, file);
            string[] columns = Columns(chosen);
            foreach (string missing in columns.Where(name => !rows.Has(name)))
                throw new CsvFormatException(file, 1, null, $"there is no column '{missing}', which --score {chosen} needs");

            IntervalCalibration scores = Calibrate(file, rows, chosen, columns);
            Coverage level = new(call.GetValue(coverage));
            long written = Write(call.GetValue(input)!, call.GetValue(output)!, chosen, columns, scores, level, cancellation);
            Report(terminal, Places.IsDevice(call.GetValue(output)!) ? terminal.Error : terminal.Output, chosen, scores, level, written, call.GetValue(json));
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static string Choose(CsvNumbers rows, string file) =>
        rows.Has("prediction") ? rows.Has("sigma") ? Normalised : Absolute
        : rows.Has("lower") && rows.Has("upper") ? Quantile
        : throw new CsvFormatException(file, 1, null, "there is neither a column 'prediction' nor the columns 'lower' and 'upper'");

    private static string[] Columns(string score) => score switch
    {
        Quantile => ["lower", "upper"],
        Normalised => ["prediction", "sigma"],
        _ => ["prediction"],
    };

    private static IntervalCalibration Calibrate(string file, CsvNumbers rows, string score, string[] columns)
    {
        Band[] bands = new Band[rows.Rows];
        double[][] values = [.. columns.Select(name => rows[name])];
        double[] row = new double[columns.Length];
        for (int i = 0; i < bands.Length; i++)
        {
            for (int c = 0; c < row.Length; c++) row[c] = values[c][i];
            // The header is line 1; a quoted line break before this row would move it, which numbers do not have.
            bands[i] = Claim(score, row, (column, message) => new CsvFormatException(file, i + 2, columns[column], message));
        }

        return IntervalCalibration.From(bands, rows["target"]);
    }

    private static Band Claim(string score, ReadOnlySpan<double> row, Func<int, string, Exception> fault)
    {
        if (score == Quantile)
        {
            if (double.IsPositiveInfinity(row[0])) throw fault(0, "expected a lower end below Infinity, got Infinity");
            if (double.IsNegativeInfinity(row[1])) throw fault(1, "expected an upper end above -Infinity, got -Infinity");
            return QuantileBands.Ordered(row[0], row[1]);
        }

        if (score == Normalised && !(row[1] > 0)) throw fault(1, FormattableString.Invariant($"expected a positive sigma, got {row[1]}"));
        return new Band(row[0], row[0], score == Normalised ? row[1] : 1);
    }

    private static long Write(
        string input, string output, string score, string[] columns, IntervalCalibration scores, Coverage level, CancellationToken cancellation)
    {
        using CsvAppender rows = new(input, output, columns, ["lower", "upper"], ["interval_lower", "interval_upper"]);
        double[] row = new double[columns.Length];
        while (rows.Read(row))
        {
            cancellation.ThrowIfCancellationRequested();
            Interval interval = scores.Apply(Claim(score, row, rows.Fault), level);
            rows.Write([interval.Lower, interval.Upper]);
        }

        rows.Complete();
        return rows.Rows;
    }

    private static void Report(Terminal terminal, TextWriter summary, string score, IntervalCalibration scores, Coverage level, long rows, bool json)
    {
        Guarantee guarantee = scores.Guarantee(level);
        double threshold = scores.Threshold(level);
        if (json)
        {
            Json.Print(terminal, new JsonObject
            {
                ["rows"] = rows,
                ["score"] = score,
                ["coverage"] = level.Value,
                ["rank"] = guarantee.Rank,
                ["n"] = guarantee.Count,
                ["threshold"] = Json.Number(threshold),
                ["proven"] = guarantee.Proven,
            });
            return;
        }

        summary.WriteLine(FormattableString.Invariant($"{rows} rows answered; score {score}, threshold {threshold:0.######} (rank {guarantee.Rank} of {guarantee.Count})"));
        if (!guarantee.IsBounded)
            terminal.Say($"Every interval is unbounded: {level} needs at least {level.SufficientCount} calibration rows, got {guarantee.Count}.");
    }
}

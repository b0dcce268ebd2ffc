using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.MLNet;

namespace Ueq.Bench.MLNet;

/// <summary>A million rows through a calibrated transformer of ML.NET against the same rows through the raw one.</summary>
internal static class StreamBenchmark
{
    private const int Width = 10;
    private const int TrainRows = 5_000;
    private const int Rows = 1_000_000;
    private const int Rounds = 5;
    private const double Gate = 0.9;
    private const string Command = "dotnet run -c Release --project bench/Speed -- mlnet-stream";

    private sealed class Row
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = new float[Width];

        public float Label { get; set; }

        public string Class { get; set; } = "";
    }

    public static async Task<int> Run(string[] args)
    {
        MLContext context = new(seed: 1);
        IDataView train = context.Data.LoadFromEnumerable(Generate(TrainRows)), rows = context.Data.LoadFromEnumerable(Generate(Rows));
        IntervalTransformer regression = context.Regression.Calibrated(context.Regression.Trainers.LightGbm(numberOfIterations: 100)).Fit(train);
        LabelSetTransformer classes = context.MulticlassClassification.Calibrated(
            context.Transforms.Conversion.MapValueToKey("Key", "Class").Append(context.MulticlassClassification.Trainers.LightGbm("Key", numberOfIterations: 30)),
            new LabelSetOptions { LabelColumn = "Key" }).Fit(train);

        StringBuilder page = new();
        page.AppendLine("# A million rows through ML.NET").AppendLine();
        page.AppendLine(Say($"LightGBM over {Width} features, read by a cursor that asks for the columns named: the raw transformer against"));
        page.AppendLine(Say($"the calibrated one. Median of {Rounds} interleaved rounds; relative speed by processor time, round by round.")).AppendLine();
        page.AppendLine("| what | columns | rows per second | processor ns per row | bytes allocated per row | relative speed |").AppendLine("|---|---|---:|---:|---:|---:|");
        bool passed = Compare(page, "regression, 100 trees", rows, regression.Model, ["Score"], regression, ["Score", "Score.Lower", "Score.Upper"]);
        passed &= Compare(page, "3 classes, 90 trees", rows, classes.Model, ["Score", "PredictedLabel"], classes, ["Score", "PredictedLabel", "PredictedSet", "PValues"]);
        page.AppendLine().AppendLine(Say($"Gate: relative speed of {Gate} or more. Nothing is kept per row, so memory does not grow with the rows.")).AppendLine();
        page.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}.")).AppendLine();
        page.AppendLine($"    {Command}");
        Console.WriteLine(page);
        await File.WriteAllTextAsync(args is [string file] ? file : ResultFile(), page.ToString());
        return passed ? 0 : 1;
    }

    private static bool Compare(StringBuilder page, string what, IDataView rows, ITransformer raw, string[] rawColumns, ITransformer calibrated, string[] columns)
    {
        Pass[] first = new Pass[Rounds], second = new Pass[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            // Turn and turn about, so that neither profits from coming second.
            Pass b = round % 2 == 0 ? Stream(calibrated.Transform(rows), columns) : default;
            Pass a = Stream(raw.Transform(rows), rawColumns);
            if (round % 2 != 0) b = Stream(calibrated.Transform(rows), columns);
            if (round >= 0) (first[round], second[round]) = (a, b);
        }

        double relative = Median(first.Zip(second, (a, b) => a.Processor / b.Processor));
        page.AppendLine(Line(what + ", raw", rawColumns, first, "1"));
        page.AppendLine(Line(what + ", calibrated", columns, second, Say($"{relative:0.00}")));
        return relative >= Gate;
    }

    private static string Line(string what, string[] columns, Pass[] passes, string relative) => Say(
        $"| {what} | {string.Join(", ", columns)} | {Rows / Median(passes.Select(p => p.Wall)):N0} | {1e9 * Median(passes.Select(p => p.Processor)) / Rows:0} | {Median(passes.Select(p => p.Allocated)) / Rows:0.0} | {relative} |");

    private readonly record struct Pass(double Wall, double Processor, double Allocated);

    private static Pass Stream(IDataView view, string[] columns)
    {
        long start = Stopwatch.GetTimestamp(), allocated = GC.GetTotalAllocatedBytes();
        TimeSpan before = Environment.CpuUsage.TotalTime;
        using DataViewRowCursor cursor = view.GetRowCursor([.. columns.Select(name => view.Schema[name])]);
        Action[] reads = [.. columns.Select(name => Reader(cursor, view.Schema[name]))];
        int rows = 0;
        while (cursor.MoveNext())
        {
            foreach (Action read in reads) read();
            rows++;
        }

        if (rows != Rows) throw new InvalidDataException($"Expected {Rows} rows, got {rows}.");
        return new Pass(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - before).TotalSeconds, GC.GetTotalAllocatedBytes() - allocated);
    }

    private static Action Reader(DataViewRow row, DataViewSchema.Column column) => column.Type switch
    {
        VectorDataViewType { ItemType: BooleanDataViewType } => Reader<VBuffer<bool>>(row, column),
        VectorDataViewType => Reader<VBuffer<float>>(row, column),
        KeyDataViewType => Reader<uint>(row, column),
        _ => Reader<float>(row, column),
    };

    private static Action Reader<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return () => getter(ref value);
    }

    // One row object, filled again and again.
    private static IEnumerable<Row> Generate(int count)
    {
        Rng rng = Rng.Stream(1, 1);
        Row row = new();
        string[] names = ["low", "middle", "high"];
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < Width; c++) row.Features[c] = (float)rng.NextUniform();
            row.Label = (float)(10 * row.Features[0] * row.Features[1] + 5 * row.Features[2] + (rng.NextUniform() - 0.5));
            row.Class = names[row.Label < 4 ? 0 : row.Label < 6 ? 1 : 2];
            yield return row;
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string ResultFile()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bench", "Speed", "results")).FullName, "mlnet-stream.md");
    }
}

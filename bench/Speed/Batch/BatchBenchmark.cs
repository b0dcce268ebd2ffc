using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ueq.Conformal;
using Ueq.MLNet;

namespace Ueq.Bench.Batch;

/// <summary>A million rows: what the conformal part adds to the model's own time, and what memory <c>ueq predict</c> takes.</summary>
internal static class BatchBenchmark
{
    private const int Features = 10;
    private const int TrainRows = 5_000;
    private const int Rows = 1_000_000;
    private const int ChunkRows = 16_384;
    private const int Rounds = 7;
    private const double OverheadGate = 0.05;
    private const double MemoryGate = 500;
    private const string Command = "dotnet run -c Release --project bench/Speed -- batch";

    public static async Task<int> Run(string[] args)
    {
        float[] values = Uniforms(Rows * Features, stream: 1);
        FeatureMatrix x = new(values, Features);
        FeatureMatrix train = x.Slice(0, TrainRows);
        double[] y = Targets(train);
        ConformalRegressor model = new SplitConformal().Fit(new AbsoluteTrainer(MLNetTrainers.Regression("lightgbm")), train, y, seed: 1);
        IPointPredictor point = ((PointBands)model.Model).Model;

        double[] alone = new double[Rounds], calibrated = new double[Rounds];
        for (int round = -1; round < Rounds; round++)
        {
            // Turn and turn about, so that neither always follows the other.
            bool pointsFirst = round % 2 == 0;
            double first = pointsFirst ? Time(() => PredictPoints(point, x)) : Time(() => PredictIntervals(model, x));
            double second = pointsFirst ? Time(() => PredictIntervals(model, x)) : Time(() => PredictPoints(point, x));
            if (round >= 0) (alone[round], calibrated[round]) = pointsFirst ? (first, second) : (second, first);
        }

        double[] ratios = [.. alone.Zip(calibrated, (a, b) => b / a - 1).Order()];
        double calibration = ApplyAlone(model.Calibration);
        StringBuilder page = new();
        page.AppendLine("# A million rows of ten features").AppendLine();
        page.AppendLine("LightGBM (the default of `ueq fit`) alone against the same model with split");
        page.AppendLine(Say($"conformal intervals; processor time of one thread, {Rounds} interleaved rounds.")).AppendLine();
        page.AppendLine("| what | ns per row, median (min–max) |").AppendLine("|---|---|");
        page.AppendLine(Say($"| model alone | {Spread(alone)} |"));
        page.AppendLine(Say($"| model with intervals | {Spread(calibrated)} |"));
        page.AppendLine(Say($"| calibration alone (bands to intervals) | {calibration:0.0} |")).AppendLine();
        page.AppendLine(Say($"Added by the conformal part, pair by pair: median {100 * ratios[Rounds / 2]:0.0} % ({100 * ratios[0]:0.0} to {100 * ratios[^1]:0.0} %);"));
        page.AppendLine(Say($"calibration alone is {100 * calibration / (1e9 * Median(alone) / Rows):0.0} % of the model's time. Gate: 5 %.")).AppendLine();
        bool passed = calibration / (1e9 * Median(alone) / Rows) <= OverheadGate && ratios[Rounds / 2] <= OverheadGate;
        passed &= await FileBenchmark.Run(page, x, train, y, MemoryGate);
        page.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}.")).AppendLine();
        page.AppendLine($"    {Command}");
        Console.WriteLine(page);
        await File.WriteAllTextAsync(args is [string file] ? file : ResultFile(), page.ToString());
        return passed ? 0 : 1;
    }

    public static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void PredictPoints(IPointPredictor model, FeatureMatrix x)
    {
        double[] points = new double[ChunkRows];
        for (int start = 0; start < x.Rows; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, x.Rows - start);
            model.Predict(x.Slice(start, rows), points.AsSpan(0, rows));
        }
    }

    private static void PredictIntervals(ConformalRegressor model, FeatureMatrix x)
    {
        double[] points = new double[ChunkRows];
        Interval[] intervals = new Interval[ChunkRows];
        for (int start = 0; start < x.Rows; start += ChunkRows)
        {
            int rows = Math.Min(ChunkRows, x.Rows - start);
            model.Predict(x.Slice(start, rows), new Coverage(0.9), points.AsSpan(0, rows), intervals.AsSpan(0, rows));
        }
    }

    // Nanoseconds per row: best of many, since nothing else is measured with it.
    private static double ApplyAlone(IntervalCalibration calibration)
    {
        Band[] bands = [.. Enumerable.Range(0, ChunkRows).Select(i => new Band(i, i, 1))];
        Interval[] intervals = new Interval[ChunkRows];
        double best = double.PositiveInfinity;
        for (int round = 0; round < 200; round++)
        {
            long start = Stopwatch.GetTimestamp();
            calibration.Apply(bands, new Coverage(0.9), intervals);
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        return 1e9 * best / ChunkRows;
    }

    // Processor time, so that what else the machine does is not counted.
    private static double Time(Action work)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        work();
        return (Environment.CpuUsage.TotalTime - before).TotalSeconds;
    }

    private static string Spread(double[] seconds)
    {
        double[] sorted = [.. seconds.Select(s => 1e9 * s / Rows).Order()];
        return Say($"{sorted[sorted.Length / 2]:0} ({sorted[0]:0}–{sorted[^1]:0})");
    }

    private static double Median(double[] values) => values.Order().ElementAt(values.Length / 2);

    private static float[] Uniforms(int count, ulong stream)
    {
        Rng rng = Rng.Stream(1, stream);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)rng.NextUniform();
        return values;
    }

    private static double[] Targets(FeatureMatrix x)
    {
        Rng rng = Rng.Stream(1, 2);
        double[] y = new double[x.Rows];
        for (int i = 0; i < y.Length; i++) y[i] = 10 * x.Row(i)[0] * x.Row(i)[1] + 5 * x.Row(i)[2] + rng.NextNormal();
        return y;
    }

    private static string ResultFile()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "bench", "Speed", "results")).FullName, "batch.md");
    }
}

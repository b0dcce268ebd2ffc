using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Ueq.Onnx;

namespace Ueq.Bench.Onnx;

/// <summary>What our predictor adds to calling ONNX Runtime directly: batches of 1,000 × 10 and single rows, interleaved.</summary>
internal static class OnnxBenchmark
{
    private const int Features = 10;
    private const int BatchRows = 1000;
    private const int Rounds = 31;
    private const double BatchGate = 0.05;
    private const double SingleGate = 3;
    private const double RoundSeconds = 0.05;
    private const string Command = "dotnet run -c Release --project bench/Speed -- onnx";

    public static async Task<int> Run(string[] args)
    {
        StringBuilder page = new();
        page.AppendLine("# ONNX: our predictor against ONNX Runtime called directly").AppendLine();
        page.AppendLine("Direct: an `OrtValue` over the caller's floats, `Run` with the output allocated by ONNX Runtime, each");
        page.AppendLine("answer copied to a double. Ours: the same and every feature and answer checked to be finite. One thread,");
        page.AppendLine(Say($"processor time, {Rounds} interleaved rounds; differences are medians of the differences of neighbours.")).AppendLine();
        page.AppendLine("| model | rows | direct, µs, median (min–max) | ours, µs, median (min–max) | added | gate | |");
        page.AppendLine("|---|---|---|---|---|---|---|");
        bool passed = true;
        foreach (string name in (string[])["linear", "gaussian", "forest", "boosting"])
        {
            foreach (int rows in (int[])[BatchRows, 1]) passed &= Measure(page, name, rows);
        }

        page.AppendLine().AppendLine("linear: one product of matrices; gaussian: 16 hidden units, two heads, the mean read;");
        page.AppendLine("forest: 20 trees of depth 5; boosting: 40 trees of depth 3. All from `fixtures/onnx`.").AppendLine();
        page.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, ONNX Runtime {OrtEnv.Instance().GetVersionString()}.")).AppendLine();
        page.AppendLine($"    {Command}");
        Console.WriteLine(page);
        await File.WriteAllTextAsync(args is [string file] ? file : Path.Combine(Root(), "bench", "Speed", "results", "onnx.md"), page.ToString());
        return passed ? 0 : 1;
    }

    private static bool Measure(StringBuilder page, string name, int rows)
    {
        string path = Path.Combine(Root(), "fixtures", "onnx", name + ".onnx");
        float[] values = Values(rows * Features);
        double[] expected = new double[rows], answers = new double[rows];
        using Direct direct = new(path);
        OnnxRegressor ours = new(OnnxModel.Load(path), new OnnxRegressionOptions { Output = OnnxOutput.At(0) });
        FeatureMatrix x = new(values, Features);
        Action callDirect = () => direct.Predict(values, rows, expected), callOurs = () => ours.Predict(x, answers);
        int calls = Calls(callDirect);
        Calls(callOurs);
        if (!expected.SequenceEqual(answers)) throw new InvalidOperationException($"{name}: our answers are not ONNX Runtime's");
        double[] first = new double[Rounds], second = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            // Who goes first changes, so that what follows a pause is not always the same.
            if (round % 2 == 0) first[round] = Time(callDirect, calls);
            second[round] = Time(callOurs, calls);
            if (round % 2 == 1) first[round] = Time(callDirect, calls);
        }

        double[] added = [.. first.Zip(second, (a, b) => rows == 1 ? b - a : b / a - 1).Order()];
        double middle = added[Rounds / 2];
        bool passed = middle <= (rows == 1 ? SingleGate : BatchGate);
        string what = rows == 1 ? Say($"{middle:0.00} µs | 3 µs") : Say($"{100 * middle:0.0} % | 5 %");
        page.AppendLine(Say($"| {name} | {rows} | {Spread(first)} | {Spread(second)} | {what} | {(passed ? "passed" : "FAILED")} |"));
        return passed;
    }

    // As many calls as fill a round, after enough of them to have been compiled.
    private static int Calls(Action call)
    {
        const int Warm = 2000;
        for (int i = 0; i < Warm; i++) call();
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < Warm; i++) call();
        return Math.Max(1, (int)(RoundSeconds / Stopwatch.GetElapsedTime(start).TotalSeconds * Warm));
    }

    // Microseconds of processor time per call.
    private static double Time(Action call, int calls)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < calls; i++) call();
        return (Environment.CpuUsage.TotalTime - before).TotalMicroseconds / calls;
    }

    private static float[] Values(int count)
    {
        Rng rng = Rng.Stream(1, 1);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) values[i] = (float)(100 * rng.NextUniform());
        return values;
    }

    private static string Spread(double[] times) => Say($"{times.Order().ElementAt(times.Length / 2):0.00} ({times.Min():0.00}–{times.Max():0.00})");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }

    /// <summary>What a careful person writes with ONNX Runtime alone.</summary>
    private sealed class Direct : IDisposable
    {
        private readonly InferenceSession _session;
        private readonly RunOptions _options = new();
        private readonly string[] _inputs, _outputs;

        public Direct(string path)
        {
            using SessionOptions options = new() { IntraOpNumThreads = 1, InterOpNumThreads = 1 };
            _session = new InferenceSession(path, options);
            _inputs = [.. _session.InputNames];
            _outputs = [_session.OutputNames[0]];
        }

        public void Predict(float[] values, int rows, double[] destination)
        {
            using OrtValue input = OrtValue.CreateTensorValueFromMemory(values, [rows, Features]);
            using IDisposableReadOnlyCollection<OrtValue> answers = _session.Run(_options, _inputs, [input], _outputs);
            ReadOnlySpan<float> numbers = answers[0].GetTensorDataAsSpan<float>();
            for (int i = 0; i < destination.Length; i++) destination[i] = numbers[i];
        }

        public void Dispose()
        {
            _options.Dispose();
            _session.Dispose();
        }
    }
}

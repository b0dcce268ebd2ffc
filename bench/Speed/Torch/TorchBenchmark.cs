using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using Ueq.Torch;
using static TorchSharp.torch;

namespace Ueq.Bench.Torch;

/// <summary>What MC dropout costs: all of our prediction with 50 passes against one forward of a batch 50 times as large, interleaved.</summary>
internal static class TorchBenchmark
{
    private const int Features = 10;
    private const int Passes = 50;
    private const int Rounds = 31;
    private const double Gate = 1.3;
    private const double RoundSeconds = 0.1;
    private const string Command = "dotnet run -c Release --project bench/Speed -- torch";

    public static async Task<int> Run(string[] args)
    {
        set_num_threads(1);
        StringBuilder page = new();
        page.AppendLine(Say($"# Torch: MC dropout with {Passes} passes against one forward of a batch {Passes} times as large")).AppendLine();
        page.AppendLine(Say($"Forward: the module called once with its dropout on, on a tensor that is there already and holds every row {Passes}"));
        page.AppendLine("times; its output copied to an array. Ours: all of `McDropout.Predict`, from the caller's floats to a mean and a");
        page.AppendLine("standard deviation per row, every feature and answer checked to be finite. Off: the same forward with its dropout");
        page.AppendLine("off, which draws no masks. One thread, processor time,");
        page.AppendLine(Say($"{Rounds} interleaved rounds; ratios are medians of the ratios of neighbours.")).AppendLine();
        page.AppendLine("| hidden units | rows | off, ms, median | forward, ms, median (min–max) | ours, ms, median (min–max) | ours / forward | gate | |");
        page.AppendLine("|---|---|---|---|---|---|---|---|");
        bool passed = true;
        foreach (int[] hidden in (int[][])[[50], [100, 100]])
            foreach (int rows in (int[])[1, 100, 1000]) passed &= Measure(page, hidden, rows);
        page.AppendLine().AppendLine(Say($"{Features} features, ReLU, dropout 0.1 after each hidden layer, one output."));
        page.AppendLine(Say($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, libtorch {torch.__version__}.")).AppendLine();
        page.AppendLine($"    {Command}");
        Console.WriteLine(page);
        await File.WriteAllTextAsync(args is [string file] ? file : Path.Combine(Root(), "bench", "Speed", "results", "torch.md"), page.ToString());
        return passed ? 0 : 1;
    }

    private static bool Measure(StringBuilder page, int[] hidden, int rows)
    {
        using nn.Module<Tensor, Tensor> module = new MlpOptions { Hidden = hidden, Dropout = 0.1 }.Create(Features, 1);
        module.eval();
        float[] values = Values(rows * Features), outputs = new float[rows * Passes];
        using Tensor large = tensor(values, rows, Features).repeat(Passes, 1);
        using McDropout model = new(module, Features, new McDropoutOptions { Passes = Passes });
        FeatureMatrix x = new(values, Features);
        double[] mean = new double[rows], sigma = new double[rows];
        Action off = () => Forward(module, large, outputs), ours = () => model.Predict(x, mean, sigma), forward = () =>
        {
            module.train();
            Forward(module, large, outputs);
            module.eval();
        };
        int calls = Calls(forward);
        Calls(ours);
        double[] first = new double[Rounds], second = new double[Rounds], third = new double[Rounds];
        for (int round = 0; round < Rounds; round++)
        {
            // Who goes first changes, so that what follows a pause is not always the same.
            if (round % 2 == 0) first[round] = Time(forward, calls);
            second[round] = Time(ours, calls);
            if (round % 2 == 1) first[round] = Time(forward, calls);
            third[round] = Time(off, calls);
        }

        double ratio = first.Zip(second, (a, b) => b / a).Order().ElementAt(Rounds / 2);
        bool passed = ratio <= Gate;
        page.AppendLine(Say(
            $"| {string.Join(" + ", hidden)} | {rows} | {third.Order().ElementAt(Rounds / 2):0.000} | {Spread(first)} | {Spread(second)} | {ratio:0.00} | {Gate} | {(passed ? "passed" : "FAILED")} |"));
        return passed;
    }

    private static void Forward(nn.Module<Tensor, Tensor> module, Tensor rows, float[] outputs)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        MemoryMarshal.Cast<byte, float>(module.call(rows).bytes).CopyTo(outputs);
    }

    // As many calls as fill a round, after enough of them to have been compiled.
    private static int Calls(Action call)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < 3 || Stopwatch.GetElapsedTime(start).TotalSeconds < 0.5; i++) call();
        return Math.Max(1, (int)(RoundSeconds / (Time(call, 3) / 1000)));
    }

    // Milliseconds of processor time per call.
    private static double Time(Action call, int calls)
    {
        TimeSpan before = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < calls; i++) call();
        return (Environment.CpuUsage.TotalTime - before).TotalMilliseconds / calls;
    }

    private static float[] Values(int count)
    {
        Rng rng = Rng.Stream(1, 1);
        float[] values = new float[count];
        foreach (ref float value in values.AsSpan()) value = (float)rng.NextNormal();
        return values;
    }

    private static string Spread(double[] times) => Say($"{times.Order().ElementAt(times.Length / 2):0.000} ({times.Min():0.000}–{times.Max():0.000})");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ueq.Monitoring;

namespace Ueq.Bench.Monitoring;

/// <summary>What a value costs the watch, by number of signals.</summary>
internal static class WatchBenchmark
{
    private const int Cells = 4_000_000, Rounds = 9;

    public static Task<int> Run(string[] args)
    {
        StringBuilder page = new("""
            # The watch: bins, ranks, evidence, dependence and effect of every value

            One thread, Gaussian values without a change, reference of 5,000 rows; median (least–most) of 9 rounds of 4 million values.
            Gates: 100 ns a value for the e-detector, 5 million values a second for the intake, nothing allocated.

            | signals | rows at a time | ns per value | million values a second | bytes per value |
            |--:|--:|--:|--:|--:|

            """);
        foreach ((int signals, int rows) in new[] { (1, 1000), (1, 1), (10, 1), (10, 32), (10, 1000), (100, 100), (1000, 16) })
        {
            Rng rng = Rng.Stream(1, (ulong)signals);
            float[] values = new float[5000 * signals];
            foreach (ref float value in values.AsSpan()) value = (float)rng.NextNormal();
            DriftReference reference = DriftReference.OfColumns([.. Enumerable.Range(0, signals).Select(i => $"x{i}")], new FeatureMatrix(values, signals), []);
            FeatureMatrix[] batches = [.. Enumerable.Range(0, Math.Min(5000 / rows, 200)).Select(b => new FeatureMatrix(values.AsMemory(b * rows * signals, rows * signals), signals))];
            ModelWatch watch = new(reference, new WatchOptions());
            double[] nanoseconds = new double[Rounds], bytes = new double[Rounds];
            for (int round = -2; round < Rounds; round++)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread(), started = Stopwatch.GetTimestamp();
                for (int done = 0, b = 0; done < Cells; done += rows * signals, b = (b + 1) % batches.Length) watch.AddColumns(batches[b], default);
                if (round < 0) continue;
                nanoseconds[round] = Stopwatch.GetElapsedTime(started).TotalNanoseconds / Cells;
                bytes[round] = (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)Cells;
            }

            Array.Sort(nanoseconds);
            Array.Sort(bytes);
            page.Append(CultureInfo.InvariantCulture,
                $"| {signals} | {rows} | {nanoseconds[Rounds / 2]:0.0} ({nanoseconds[0]:0.0}–{nanoseconds[^1]:0.0}) | {1e3 / nanoseconds[Rounds / 2]:0.0} | {bytes[Rounds / 2]:0.####} |\n");
        }

        page.Append(CultureInfo.InvariantCulture, $"\n{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}.\n\n    dotnet run -c Release --project bench/Speed -- monitoring-watch\n");
        Console.Write(page);
        File.WriteAllText(args is [string file] ? file : Path.Combine(Root(), "bench", "Speed", "results", "monitoring-watch.md"), page.ToString());
        return Task.FromResult(0);
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Ueq.slnx"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("Run this from within the repository: no folder above has Ueq.slnx.");
    }
}

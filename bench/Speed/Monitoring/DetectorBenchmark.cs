using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ueq.Monitoring;

namespace Ueq.Bench.Monitoring;

/// <summary>What a value costs each detector, and what comparing two large samples costs.</summary>
internal static class DetectorBenchmark
{
    private const int Values = 1_000_000, Rounds = 9;

    public static Task<int> Run(string[] args)
    {
        double[] normal = Normal(Values, 1), shares = [.. normal.Select(v => v > 1.3 ? 1.0 : 0.0)];
        StringBuilder page = new("""
            # Detectors and two-sample comparisons

            Nanoseconds per value on a stream of a million that does not change (Gaussian; for DDM and HDDM errors at 10 %), one thread,
            median (least–most) of 9 rounds. river's figure for ADWIN in Rust is 46 ns, as published.

            | detector | ns per value | gate |
            |---|---:|---:|

            """);
        foreach ((string name, Func<IDriftDetector> make, double[] stream, string gate) in new (string, Func<IDriftDetector>, double[], string)[]
        {
            ("ADWIN", () => new Adwin(), normal, "46"),
            ("ADWIN, growing window of errors", () => new Adwin(), shares, "46"),
            ("Page–Hinkley", () => new PageHinkley(new() { Limit = 1e9 }), normal, ""),
            ("CUSUM", () => new Cusum(new() { Limit = 1e9 }), normal, ""),
            ("EWMA", () => new EwmaChart(new() { Limit = 1e9 }), normal, ""),
            ("KSWIN", () => new Kswin(), normal, ""),
            ("DDM", () => new Ddm(new() { Limit = 1e9 }), shares, ""),
            ("HDDM-A", () => new HddmA(new() { DriftBound = 1e-30 }), shares, ""),
            ("HDDM-W", () => new HddmW(new() { DriftBound = 1e-30 }), shares, ""),
            ("simple jumper", () => new SimpleJumper(new() { Limit = 1e300 }), [.. normal.Select(v => Math.Abs(v) % 1)], ""),
        })
        {
            double[] nanoseconds = Rounded(() =>
            {
                IDriftDetector detector = make();
                foreach (double value in stream) detector.Add(value);
            }, 1e9 / Values);
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {Line(nanoseconds)} | {gate} |\n");
        }

        double[] then = Normal(Values, 2), now = Normal(Values, 3), sortedThen = [.. then.Order()], sortedNow = [.. now.Order()];
        page.Append("""

            Milliseconds of a million values against a million; KS, Wasserstein, Cramér–von Mises, Anderson–Darling, energy and Mann–Whitney come
            from the same merge. SciPy on the same machine, as measured for the project: KS 241, Wasserstein 476, energy 495.

            | what | milliseconds | gate |
            |---|---:|---:|

            """);
        double[] copy = new double[Values];
        foreach ((string name, Action work, string gate) in new (string, Action, string)[]
        {
            ("all distances, two threads", () => SampleDistances.Of(then, now), "150"),
            ("all distances and probabilities, two threads", () => SampleComparison.Of(then, now), ""),
            ("the merge alone, of sorted samples", () => SampleDistances.OfSorted(sortedThen, sortedNow), ""),
            ("one sort by digits, one thread", () => { then.CopyTo(copy, 0); RadixSort.Ascending(copy); }, ""),
            ("one sort by comparisons, one thread", () => { then.CopyTo(copy, 0); Array.Sort(copy); }, ""),
        })
            page.Append(CultureInfo.InvariantCulture, $"| {name} | {Line(Rounded(work, 1e3))} | {gate} |\n");

        page.Append(CultureInfo.InvariantCulture, $"\n{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}.\n\n    dotnet run -c Release --project bench/Speed -- monitoring-detectors\n");
        Console.Write(page);
        File.WriteAllText(args is [string file] ? file : Path.Combine(Root(), "bench", "Speed", "results", "monitoring-detectors.md"), page.ToString());
        return Task.FromResult(0);
    }

    private static double[] Rounded(Action work, double unit)
    {
        work();
        double[] rounds = new double[Rounds];
        for (int r = 0; r < Rounds; r++)
        {
            long start = Stopwatch.GetTimestamp();
            work();
            rounds[r] = Stopwatch.GetElapsedTime(start).TotalSeconds * unit;
        }

        Array.Sort(rounds);
        return rounds;
    }

    private static string Line(double[] sorted) => string.Create(CultureInfo.InvariantCulture, $"{sorted[Rounds / 2]:0.0} ({sorted[0]:0.0}–{sorted[^1]:0.0})");

    private static string Root()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Ueq.slnx"))) at = at.Parent;
        return at?.FullName ?? Environment.CurrentDirectory;
    }

    private static double[] Normal(int n, ulong stream)
    {
        Rng rng = Rng.Stream(1, stream);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) values[i] = rng.NextNormal();
        return values;
    }
}

using System.Globalization;
using Ueq.Monitoring;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>Rows from a change until the alarm, beside Kolmogorov–Smirnov tests of windows of 100 at the same average run length.</summary>
internal static class DelayRuns
{
    private const int Runs = 1000, Before = 500, After = 50_000, Window = 100;
    private const double RunLength = 100_000;
    private static readonly int[] _references = [1000, 5000];

    private sealed record Change(string Name, Source.Draw Healthy, Source.Draw Changed, double Divergence);

    private sealed record Line(Change Change, int Reference, double Evidence, double Watch, double WatchMedian, double Tests, double TestsMedian, int EarlyWatch, int EarlyTests);

    private static readonly Change[] _changes =
    [
        .. new[] { 0.1, 0.25, 0.5, 1, 2 }.Select(d => new Change(
            FormattableString.Invariant($"location + {d} sd"), Normal, (ref Rng g) => g.NextNormal() + d, d * d / 2)),
        .. new[] { 0.67, 0.8, 1.1, 1.25, 1.5, 2 }.Select(s => new Change(
            FormattableString.Invariant($"scale x {s}"), Normal, (ref Rng g) => g.NextNormal() * s, (s * s - 1) / 2 - Math.Log(s))),
        new("shape: t, 3 degrees, same sd", Normal, Student, double.NaN),
        new("shape: exponential, same mean, sd", Normal, (ref Rng g) => -Math.Log(1 - g.NextUniform()) - 1, double.NaN),
        new("shape: two halves, same mean, sd", Normal, (ref Rng g) => (g.NextUniform() < 0.5 ? 0.9 : -0.9) + Math.Sqrt(0.19) * g.NextNormal(), double.NaN),
        new("width x 1.10 (lognormal, 0.3)", Width, (ref Rng g) => 1.1 * Width(ref g), Math.Pow(Math.Log(1.1) / 0.3, 2) / 2),
    ];

    public static Task<int> Make(int runs = Runs)
    {
        List<Line> lines = [];
        foreach (int reference in _references)
        {
            double critical = Critical(reference);
            foreach (Change change in _changes)
            {
                lines.Add(Measure(change, reference, critical, runs));
                Console.Error.WriteLine(lines[^1]);
            }
        }

        Write(lines, runs);
        return Task.FromResult(0);
    }

    private static Line Measure(Change change, int reference, double critical, int runs)
    {
        double[] evidence = new double[runs], watch = new double[runs], tests = new double[runs];
        Parallel.For(0, runs, run =>
        {
            Rng rng = Rng.Stream(20261124, (ulong)(run + 10_000 * reference));
            float[] values = new float[reference + Before + After];
            for (int i = 0; i < values.Length; i++) values[i] = (float)(i < reference + Before ? change.Healthy(ref rng) : change.Changed(ref rng));
            float[] sorted = [.. values.AsSpan(0, reference)];
            Array.Sort(sorted);
            (evidence[run], watch[run]) = OfWatch(values, reference, (ulong)run);
            // The change falls anywhere in a window.
            tests[run] = OfTests(sorted, values, reference, rng.NextIndex(Window), critical);
        });
        double[] seen = [.. watch.Where(d => d > 0).Order()], seenTests = [.. tests.Where(d => d > 0).Order()];
        return new Line(change, reference, evidence.Where(d => d > 0).Average(), seen.Average(), seen[seen.Length / 2], seenTests.Average(), seenTests[seenTests.Length / 2], runs - seen.Length, runs - seenTests.Length);
    }

    /// <summary>Rows from the change until the evidence is there, in steps of a window, and until the alarm; −1 when there was one before.</summary>
    private static (double Evidence, double Alarm) OfWatch(float[] values, int reference, ulong seed)
    {
        ModelWatch watch = new(
            DriftReference.OfColumns(["value"], new FeatureMatrix(values.AsMemory(0, reference), 1), []), new WatchOptions { ObservationsPerYear = RunLength, Seed = seed });
        double evidence = 0;
        for (int start = reference; start < values.Length; start += Window)
        {
            watch.AddColumns(new FeatureMatrix(values.AsMemory(start, Math.Min(Window, values.Length - start)), 1), default);
            foreach (SignalTransition step in watch.TakeTransitions())
            {
                if (step.To != SignalState.Alarm) continue;
                double delay = step.Row > Before ? step.Row - Before : -1;
                return (evidence > 0 ? Math.Min(evidence, delay) : delay, delay);
            }

            if (evidence == 0 && watch.Rows > Before && watch.Read().Signals[0] is { } now && now.LogEvidence >= now.LogThreshold) evidence = watch.Rows - Before;
        }

        return (evidence > 0 ? evidence : After, After);
    }

    private static double OfTests(float[] sorted, float[] values, int reference, int offset, double critical)
    {
        float[] window = new float[Window];
        for (int start = reference + offset; start + Window <= values.Length; start += Window)
        {
            values.AsSpan(start, Window).CopyTo(window);
            if (Distance(sorted, window) < critical) continue;
            int delay = start + Window - reference - Before;
            return delay > 0 ? delay : -1;
        }

        return After;
    }

    /// <summary>The distance that a window of unchanged values reaches once in so many windows, over references too.</summary>
    private static double Critical(int reference)
    {
        const int Windows = 100, References = 4000;
        double[] distances = new double[Windows * References];
        Parallel.For(0, References, r =>
        {
            Rng rng = Rng.Stream(20261125, (ulong)(r + 10_000 * reference));
            float[] sorted = new float[reference], window = new float[Window];
            for (int i = 0; i < reference; i++) sorted[i] = (float)rng.NextNormal();
            Array.Sort(sorted);
            for (int w = 0; w < Windows; w++)
            {
                for (int i = 0; i < Window; i++) window[i] = (float)rng.NextNormal();
                distances[r * Windows + w] = Distance(sorted, window);
            }
        });
        Array.Sort(distances);
        return distances[(int)(distances.Length * (1 - Window / RunLength))];
    }

    private static double Distance(float[] sorted, float[] window)
    {
        Array.Sort(window);
        double most = 0;
        for (int i = 0; i < window.Length; i++)
        {
            int below = Array.BinarySearch(sorted, window[i]);
            double f = (below < 0 ? ~below : below) / (double)sorted.Length;
            most = Math.Max(most, Math.Max(Math.Abs((i + 1.0) / window.Length - f), Math.Abs(f - i / (double)window.Length)));
        }

        return most;
    }

    private static double Normal(ref Rng rng) => rng.NextNormal();

    private static double Width(ref Rng rng) => Math.Exp(0.3 * rng.NextNormal());

    private static double Student(ref Rng rng)
    {
        double a = rng.NextNormal(), b = rng.NextNormal(), c = rng.NextNormal();
        return rng.NextNormal() / Math.Sqrt(a * a + b * b + c * c);
    }

    private static void Write(List<Line> lines, int runs)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string folder = Folders.Results();
        File.WriteAllLines(Path.Combine(folder, "drift-delay.csv"),
            ["change,reference_rows,runs,evidence_mean,watch_mean,watch_median,ks_windows_mean,ks_windows_median,twice_log_arl_over_kl",
            .. lines.Select(l => string.Create(plain, $"\"{l.Change.Name}\",{l.Reference},{runs},{l.Evidence:0.#},{l.Watch:0.#},{l.WatchMedian},{l.Tests:0.#},{l.TestsMedian},{Limit(l):0.#}"))]);
        List<string> text =
        [
            "# Rows from a change until the alarm", "",
            "`dotnet run -c Release --project bench/Quality -- drift-delay`: " + string.Create(plain, $"{runs} runs a line, one signal, {Before} healthy rows, then the change;"),
            string.Create(plain, $"expected time to a false alarm {RunLength:N0} rows for both. The watch is {nameof(ModelWatch)} with its defaults, effect gate included; the peer is"),
            $"a Kolmogorov-Smirnov test of every {Window} rows against the reference, its critical distance found by simulation. A run without an alarm in",
            string.Create(plain, $"{After:N0} rows counts as {After:N0}. *Evidence* is when R reached its threshold; where the alarm comes much later, the effect was not yet surely larger than negligible. *2 log ARL / KL* is twice what the best detector that knows the change needs in the long run."),
        ];
        foreach (IGrouping<int, Line> reference in lines.GroupBy(l => l.Reference))
        {
            text.AddRange(["", string.Create(plain, $"## Reference of {reference.Key:N0} rows"), "", "| change | evidence | alarm: mean (median) | KS windows: mean (median) | ratio of means | 2 log ARL / KL |", "|---|--:|--:|--:|--:|--:|"]);
            text.AddRange(reference.Select(l => string.Create(plain,
                $"| {l.Change.Name} | {l.Evidence:0} | {l.Watch:0} ({l.WatchMedian:0}) | {l.Tests:0} ({l.TestsMedian:0}) | {l.Watch / l.Tests:0.00} | {(double.IsNaN(Limit(l)) ? "" : Limit(l).ToString("0", plain))} |")));
        }

        File.WriteAllLines(Path.Combine(folder, "drift-delay.md"), text);
    }

    private static double Limit(Line line) => 2 * Math.Log(RunLength) / line.Change.Divergence;
}

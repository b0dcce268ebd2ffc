using System.Globalization;
using Ueq.Monitoring;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>False alarms of the watch on streams in which nothing changes, beside the bound that it claims.</summary>
internal static class NullRuns
{
    private const int Runs = 1000, Rows = 20_000;
    private static readonly int[] _references = [200, 1000, 5000];

    // The default, and a threshold so low that there is something to count.
    private static readonly (string Name, WatchOptions Options)[] _settings =
    [
        ("default (1 a year at 1,000,000 rows)", new WatchOptions()),
        ("1 in 20,000 rows", new WatchOptions { ObservationsPerYear = Rows }),
    ];

    private sealed record Line(string Setting, string Stream, int Reference, double Bound, int Alarms, int Voided)
    {
        public bool Holds => Alarms <= Bound + 3 * Math.Sqrt(Bound);
    }

    public static Task<int> Make(int runs = Runs)
    {
        List<Line> lines = [];
        foreach ((string name, WatchOptions options) in _settings)
        {
            foreach (Source source in Source.Unchanging)
            {
                foreach (int reference in _references)
                {
                    lines.Add(Count(name, options, source, reference, runs));
                    Console.Error.WriteLine(lines[^1]);
                }
            }
        }

        Write(lines, runs);
        return Task.FromResult(lines.All(l => l.Holds) ? 0 : 1);
    }

    private static Line Count(string name, WatchOptions options, Source source, int reference, int runs)
    {
        int alarms = 0, voided = 0;
        Parallel.For(0, runs, run =>
        {
            float[] values = source.Values(reference + Rows, (ulong)(run + 100_000 * reference));
            ModelWatch watch = new(DriftReference.OfColumns(["value"], new FeatureMatrix(values.AsMemory(0, reference), 1), []), options with { Seed = (ulong)run });
            watch.AddColumns(new FeatureMatrix(values.AsMemory(reference), 1), default);
            IReadOnlyList<SignalTransition> steps = watch.TakeTransitions();
            Interlocked.Add(ref alarms, steps.Count(s => s is { To: SignalState.Alarm, From: not SignalState.Recovering }));
            if (steps.Any(s => s.To == SignalState.Void)) Interlocked.Increment(ref voided);
        });
        return new Line(name, source.Name, reference, (double)runs * Rows * options.FalseAlarmsPerYear / options.ObservationsPerYear, alarms, voided);
    }

    private static void Write(List<Line> lines, int runs)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string folder = Folders.Results();
        File.WriteAllLines(Path.Combine(folder, "drift-null.csv"),
            ["setting,stream,reference_rows,runs,rows_per_run,false_alarms_claimed_at_most,false_alarms,runs_void",
            .. lines.Select(l => string.Create(plain, $"\"{l.Setting}\",{l.Stream},{l.Reference},{runs},{Rows},{l.Bound},{l.Alarms},{l.Voided}"))]);
        List<string> text =
        [
            "# False alarms where nothing changes", "",
            $"`dotnet run -c Release --project bench/Quality -- drift-null`: {runs} runs of {Rows} rows a line, one signal, a fresh reference each run.",
            "*Claimed* is the bound on the expected number over all runs; it *holds* up to three Poisson standard deviations. AR(1) rows depend on each other, which voids the guarantee: the watch says so",
            "(*void* counts the runs in which it did) and raises no alarm while it holds.",
        ];
        foreach (IGrouping<string, Line> setting in lines.GroupBy(l => l.Setting))
        {
            text.AddRange(["", $"## {setting.Key}", "", "| stream | reference | claimed at most | alarms | void | |", "|---|--:|--:|--:|--:|---|"]);
            text.AddRange(setting.Select(l => string.Create(plain, $"| {l.Stream} | {l.Reference} | {l.Bound:0} | {l.Alarms} | {l.Voided} | {(l.Holds ? "holds" : "DOES NOT HOLD")} |")));
        }

        File.WriteAllLines(Path.Combine(folder, "drift-null.md"), text);
    }
}

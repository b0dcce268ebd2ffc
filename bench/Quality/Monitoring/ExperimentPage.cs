using System.Globalization;
using Ueq.Monitoring;
using Ueq.Monitoring.Tests.Experiments;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>What is said of experiments whose truth is known, by readers who look again and again, beside tests that are made for one look.</summary>
internal static class ExperimentPage
{
    private const int Runs = 1000, Labels = 10_000;
    private const double Miss = 0.05, Power = 0.8;

    private static readonly CultureInfo _plain = CultureInfo.InvariantCulture;

    private static readonly (string Name, ExperimentRun Run)[] _alike =
    [
        ("two arms", new()),
        ("a canary of 5 %", new() { Share = 0.05 }),
        ("four arms", new() { Arms = 4, Share = 0.75 }),
        ("8 labels a user", new() { LabelsPerUser = 8 }),
        ("in the shadow", new() { Pairing = ArmPairing.SameRows }),
        ("in the shadow, 8 a user", new() { Pairing = ArmPairing.SameRows, LabelsPerUser = 8 }),
        ("no variance (Student 2)", new() { Freedom = 2 }),
    ];

    private static readonly (string Name, ExperimentRun Run)[] _different =
    [
        ("widths x 1.05", new() { Widening = 1.05 }),
        ("widths x 1.1", new() { Widening = 1.1 }),
        ("widths x 1.3", new() { Widening = 1.3 }),
        ("widths x 0.8", new() { Widening = 0.8 }),
        ("widths x 1.1, canary of 5 %", new() { Widening = 1.1, Share = 0.05 }),
        ("widths x 1.1, 8 labels a user", new() { Widening = 1.1, LabelsPerUser = 8 }),
        ("widths x 1.1, in the shadow", new() { Widening = 1.1, Pairing = ArmPairing.SameRows }),
    ];

    public static int Make()
    {
        List<string> text =
        [
            "# Experiments whose truth is known", "",
            "`dotnet run -c Release --project bench/Quality -- experiments`: each figure is of",
            string.Create(_plain, $"{Runs:N0} simulated experiments of {Labels:N0} labels, looked at after every 2 % more labels"),
            "from 200 on. Errors are Student's with 4 degrees of freedom, widths lognormal.",
            "Beside ours: Welch's tests of the same three figures (coverage, width, loss),",
            "with the same division of the 5 % among them: right for one look, at rows that",
            "do not depend on each other.", "",
            "## Arms that are alike", "",
            "Experiments in which an arm was ever called better or worse; at most 5 % are",
            "claimed. A count *holds* unless it is higher than chance allows once in 1,000.", "",
            "| experiment | claimed | ours, every look | Welch, every look | Welch, last look | |",
            "|---|--:|--:|--:|--:|---|",
        ];
        bool exceeded = false;
        foreach ((string name, ExperimentRun run) in _alike)
        {
            Seen[] seen = Measure(name, run);
            int ours = seen.Count(s => s.Ours <= Labels);
            bool exceeds = Exceeds(ours);
            exceeded |= exceeds;
            text.Add(string.Create(_plain, $"| {name} | {Runs * Miss:0} | {ours} | {seen.Count(s => s.Welch.Contains(true))} | {seen.Count(s => s.Welch[^1])} | {(exceeds ? "EXCEEDED" : "holds")} |"));
        }

        text.AddRange(
        [
            "", "## Arms that differ", "",
            string.Create(_plain, $"Labels, of all arms together, after which {Power:0 %} of the experiments have a verdict"),
            "by ours, and at which a Welch test that is made once would have it. The price of",
            "being allowed to look at any time is the quotient.", "",
            "| experiment | ours | Welch, one look | quotient |",
            "|---|--:|--:|--:|",
        ]);
        foreach ((string name, ExperimentRun run) in _different)
        {
            Seen[] seen = Measure(name, run);
            int ours = seen.Select(s => s.Ours).Order().ElementAt((int)(Power * Runs) - 1);
            int look = Enumerable.Range(0, seen[0].Welch.Count).FirstOrDefault(i => seen.Count(s => s.Welch[i]) >= Power * Runs, -1);
            int welch = look < 0 ? int.MaxValue : seen[0].Looks[look];
            text.Add(string.Create(_plain, $"| {name} | {Count(ours)} | {Count(welch)} | {(ours > Labels || look < 0 ? "–" : ((double)ours / welch).ToString("0.0", _plain))} |"));
        }

        text.AddRange(["", string.Create(_plain, $"More than {Labels:N0}: fewer than {Power:0 %} of the experiments had a verdict by their end."),
            "A figure of 200 is the first look."]);
        File.WriteAllLines(Path.Combine(Folders.Results(), "experiments.md"), text);
        return exceeded ? 1 : 0;
    }

    private static string Count(int labels) => labels > Labels ? string.Create(_plain, $"more than {Labels:N0}") : labels.ToString("N0", _plain);

    private static bool Exceeds(int count) => count > 0 && 1 - MathNet.Numerics.Distributions.Binomial.CDF(Miss, Runs, count - 1) < 0.001;

    private static Seen[] Measure(string name, ExperimentRun run)
    {
        run = run with { Labels = Labels };
        Seen[] all = new Seen[Runs];
        Parallel.For(0, Runs, i =>
        {
            Seen seen = new();
            ExperimentRuns.Run(run, 20261128_000 + (ulong)i, (labels, arms) =>
            {
                seen.Looks.Add(labels);
                if (seen.Ours > Labels && ExperimentRuns.Read(arms, run).Any(ExperimentRuns.ShowsADifference)) seen.Ours = labels;
                seen.Welch.Add(arms.Skip(1).Any(arm => IsSignificant(arms[0], arm, run.Pairing, Miss / (3 * (arms.Length - 1)))));
            });
            all[i] = seen;
        });
        Console.Error.WriteLine(string.Create(_plain, $"{name}: {all.Count(s => s.Ours <= Labels)} of {Runs} have a verdict"));
        return all;
    }

    private static bool IsSignificant(OutcomeSums[] control, OutcomeSums[] arm, ArmPairing pairing, double miss)
    {
        OutcomeSums one = control.Aggregate((a, b) => a.Add(b)), other = arm.Aggregate((a, b) => a.Add(b));
        double z = MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, 1 - miss / 2);
        return pairing == ArmPairing.SameRows
            ? Beyond(0, 0, other.CoveredGain / other.Labels, Variance(other.Labels, other.CoveredGain, other.CoveredGainSquares))
                || Beyond(0, 0, other.WidthGain / other.Bounded, Variance(other.Bounded, other.WidthGain, other.WidthGainSquares))
                || Beyond(0, 0, other.LossGain / other.Bounded, Variance(other.Bounded, other.LossGain, other.LossGainSquares))
            : Apart(o => (o.Labels, o.Covered, o.Covered)) || Apart(o => (o.Bounded, o.Width, o.WidthSquares)) || Apart(o => (o.Bounded, o.Loss, o.LossSquares));

        bool Apart(Func<OutcomeSums, (long N, double Sum, double Squares)> of)
        {
            (long n, double sum, double squares) = of(one);
            (long m, double sumThere, double squaresThere) = of(other);
            return Beyond(sum / n, Variance(n, sum, squares), sumThere / m, Variance(m, sumThere, squaresThere));
        }

        bool Beyond(double mean, double variance, double meanThere, double varianceThere) => Math.Abs(mean - meanThere) > z * Math.Sqrt(variance + varianceThere);
    }

    private static double Variance(long n, double sum, double squares) => n < 2 ? double.PositiveInfinity : Math.Max(0, squares - sum * sum / n) / (n - 1) / n;

    /// <summary>What one experiment showed: ours from which look on, and Welch's tests at each.</summary>
    private sealed class Seen
    {
        public int Ours { get; set; } = int.MaxValue;

        public List<int> Looks { get; } = [];

        public List<bool> Welch { get; } = [];
    }
}

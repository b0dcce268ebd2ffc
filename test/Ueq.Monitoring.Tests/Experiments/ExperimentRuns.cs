using Ueq.Versions;

namespace Ueq.Monitoring.Tests.Experiments;

/// <summary>An experiment of which the truth is known.</summary>
internal sealed record ExperimentRun
{
    /// <summary>Labels of all arms together.</summary>
    public int Labels { get; init; } = 2000;

    /// <summary>Labels of one user, who has an error of his own.</summary>
    public int LabelsPerUser { get; init; } = 1;

    /// <summary>Width of the arm's intervals over the control's.</summary>
    public double Widening { get; init; } = 1;

    /// <summary>Arms, the control among them.</summary>
    public int Arms { get; init; } = 2;

    /// <summary>Share of the users that the arms other than the control have together.</summary>
    public double Share { get; init; } = 0.5;

    /// <summary>Degrees of freedom of Student's errors: few have heavy tails.</summary>
    public int Freedom { get; init; } = 4;

    public ArmPairing Pairing { get; init; }
}

/// <summary>Runs experiments whose errors have Student's distribution and whose widths vary by a factor.</summary>
internal static class ExperimentRuns
{
    private const int Buckets = 256;

    /// <summary>Runs in which some look, after every few labels, saw a difference.</summary>
    public static int FalseVerdicts(ExperimentRun run, int runs, ulong seed)
    {
        int wrong = 0;
        Parallel.For(0, runs, i =>
        {
            bool seen = false;
            Run(run, seed * 1000 + (ulong)i, (_, arms) => seen |= Read(arms, run).Any(ShowsADifference));
            if (seen) Interlocked.Increment(ref wrong);
        });
        return wrong;
    }

    public static IReadOnlyList<ArmReading> Read(ExperimentRun run, ulong seed)
    {
        OutcomeSums[][] last = [];
        Run(run, seed, (_, arms) => last = arms);
        return Read(last, run);
    }

    public static bool ShowsADifference(ArmReading arm) =>
        new[] { arm.Coverage.Verdict, arm.Width.Verdict, arm.Loss.Verdict }.Any(v => v is ExperimentVerdict.Better or ExperimentVerdict.Worse);

    public static IReadOnlyList<ArmReading> Read(OutcomeSums[][] arms, ExperimentRun run) =>
        ExperimentAnalysis.Read([.. arms.Select((a, i) => new ArmOutcomes($"{i}", a))], ModelTask.Regression, run.Pairing);

    /// <summary>Runs one, and looks at the labels so far after every two per cent more of them: between two looks next to nothing changes.</summary>
    public static void Run(ExperimentRun run, ulong seed, Action<int, OutcomeSums[][]> look)
    {
        Rng rng = Rng.Stream(seed, 77);
        OutcomeSums[][] arms = [.. Enumerable.Range(0, run.Arms).Select(_ => new OutcomeSums[Buckets])];
        double next = 200;
        for (int labels = 0; labels < run.Labels;)
        {
            int bucket = (int)(rng.NextBits() % Buckets), arm = rng.NextUniform() >= run.Share ? 0 : run.Arms == 2 ? 1 : 1 + rng.NextIndex(run.Arms - 1);
            double ofUser = run.LabelsPerUser > 1 ? rng.NextNormal() : 0;
            for (int row = 0; row < run.LabelsPerUser; row++, labels++)
            {
                double half = 2.1 * Math.Exp(0.3 * rng.NextNormal()), y = ofUser + Student(ref rng, run.Freedom);
                LabelledAnswer Answer(double by) => new(default, default, null, default, 0, new Interval(-half * by, half * by), y, Math.Abs(y) <= half * by ? LabelOutcome.Covered : LabelOutcome.Missed);
                if (run.Pairing == ArmPairing.SameRows)
                {
                    // Two models of one quality: their widths differ from row to row, not on the whole.
                    bool swap = run.Widening == 1 && rng.NextUniform() < 0.5;
                    (double one, double two) = run.Widening == 1 ? (swap ? 1.2 : 1, swap ? 1 : 1.2) : (1, run.Widening);
                    (OutcomeSums control, OutcomeSums other) = OutcomeSums.OfPair(Answer(one), Answer(two), ModelTask.Regression);
                    arms[0][bucket] = arms[0][bucket].Add(control);
                    arms[1][bucket] = arms[1][bucket].Add(other);
                }
                else
                {
                    arms[arm][bucket] = arms[arm][bucket].Add(OutcomeSums.Of(Answer(arm == 0 ? 1 : run.Widening), ModelTask.Regression));
                }
            }

            if (labels < next) continue;
            look(labels, arms);
            next *= 1.02;
        }

        look(run.Labels, arms);
    }

    private static double Student(ref Rng rng, int freedom)
    {
        double squares = 0;
        for (int i = 0; i < freedom; i++)
        {
            double normal = rng.NextNormal();
            squares += normal * normal;
        }

        return rng.NextNormal() / Math.Sqrt(squares / freedom);
    }
}

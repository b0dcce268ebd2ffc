using Ueq.Conformal;

namespace Ueq.Ensembles;

/// <summary>The fitting of a bootstrap ensemble: members in parallel, residuals added up in the members' order.</summary>
internal static class BootstrapTraining
{
    private const int MostMembers = 4096;
    private const ulong SeedStream = 1UL << 32;

    public static JackknifeAfterBootstrap Fit(
        ITrainer<IPointPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, BootstrapOptions options, ulong seed,
        IProgress<int>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (options.Members is < 2 or > MostMembers) Throw.OutOfRange(nameof(options), options.Members, $"2 to {MostMembers} members");
        if (options.Parallelism < 1) Throw.OutOfRange(nameof(options), options.Parallelism, "a parallelism of 1 or more");
        Check.Training(x, y, 2);

        double[] targets = y.ToArray();
        Bags bags = new(x.Rows, options.Members);
        IPointPredictor[] members = new IPointPredictor[options.Members];
        double[] sums = new double[x.Rows];
        for (int start = 0; start < members.Length; start += options.Parallelism)
        {
            cancellation.ThrowIfCancellationRequested();
            // Eight members share a byte of membership, so the draws are made one after the other.
            int[][] drawn = new int[Math.Min(options.Parallelism, members.Length - start)][];
            for (int m = 0; m < drawn.Length; m++) drawn[m] = bags.Draw(start + m, seed);
            double[][] answers = new double[drawn.Length][];
            int first = start;
            InParallel(drawn.Length, m =>
            {
                IPointPredictor member = trainer.Fit(x.Gather(drawn[m]), SplitRows.Pick(targets, drawn[m]), MemberSeed(seed, first + m));
                members[first + m] = member;
                member.Predict(x, answers[m] = new double[x.Rows]);
            }, cancellation);
            for (int m = 0; m < answers.Length; m++) AddOutOfBag(bags, start + m, answers[m], sums);
            progress?.Report(start + drawn.Length);
        }

        double[] residuals = new double[x.Rows];
        for (int i = 0; i < residuals.Length; i++)
        {
            int judges = bags.OutOfBag(i);
            residuals[i] = judges == 0 ? double.PositiveInfinity : Math.Abs(targets[i] - sums[i] / judges);
        }

        return new JackknifeAfterBootstrap(new BootstrapEnsemble(members, x.Columns), bags, residuals);
    }

    // A stream of its own, so that a trainer's random numbers are not those that drew its rows.
    private static ulong MemberSeed(ulong seed, int member) => Rng.Stream(seed, SeedStream + (ulong)member).NextBits();

    private static void AddOutOfBag(Bags bags, int member, double[] answers, double[] sums)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            if (!double.IsFinite(answers[i]))
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected finite predictions, got {answers[i]} from member {member} at row {i}.");
            if (!bags.Contains(i, member)) sums[i] += answers[i];
        }
    }

    // The first member's own error, not an AggregateException around it.
    private static void InParallel(int count, Action<int> body, CancellationToken cancellation)
    {
        try
        {
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = count, CancellationToken = cancellation }, body);
        }
        catch (AggregateException many) when (many.InnerExceptions.Count > 0)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(many.InnerExceptions[0]);
        }
    }
}

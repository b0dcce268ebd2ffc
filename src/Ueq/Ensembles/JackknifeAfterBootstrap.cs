using System.Buffers;

namespace Ueq.Ensembles;

/// <summary>Jackknife+-after-bootstrap: a bootstrap ensemble whose members judge the rows they have not seen.</summary>
/// <remarks>
/// <para>
/// For each training row i, μ₋ᵢ is the mean of the members that did not see it and Rᵢ = |yᵢ − μ₋ᵢ(xᵢ)|. The interval at level c runs
/// from the k-th largest of μ₋ᵢ(x) − Rᵢ to the k-th smallest of μ₋ᵢ(x) + Rᵢ, k = ⌈(n + 1)c⌉; unbounded when k > n. The prediction is
/// the mean of all members. Every row trains and every row calibrates.
/// </para>
/// <para>
/// Guarantee: on exchangeable rows, coverage of at least 1 − 2·miss (when the number of members is itself drawn at random, theorem 1
/// of the source), about 1 − miss in practice. A row that every member has seen cannot judge and counts as an infinite residual.
/// </para>
/// <para>A prediction costs the members' predictions and, for the training rows that can decide, members/8 additions each; no matrix of
/// training × new rows is made.</para>
/// Source: Kim, Xu, Barber 2020; Barber, Candès, Ramdas, Tibshirani 2021. Immutable; thread-safe if the members are.
/// </remarks>
public sealed class JackknifeAfterBootstrap : IIntervalPredictor
{
    private readonly Bags _bags;
    private readonly double[] _residuals;
    private readonly double[] _inverseCounts;
    private readonly Judges _judges;

    internal JackknifeAfterBootstrap(BootstrapEnsemble ensemble, Bags bags, double[] residuals)
    {
        Throw.IfDifferent(nameof(bags), bags.Members, ensemble.Members.Count, "members");
        Throw.IfDifferent(nameof(residuals), residuals.Length, bags.Rows, "residuals, one per training row");
        Ensemble = ensemble;
        _bags = bags;
        _residuals = residuals;
        _inverseCounts = new double[residuals.Length];
        for (int i = 0; i < residuals.Length; i++)
        {
            int judges = bags.OutOfBag(i);
            if (judges < 0 || !(residuals[i] >= 0) || (judges == 0) != double.IsInfinity(residuals[i]))
                Throw.OutOfRange(nameof(residuals), residuals[i], "a residual of zero or more, infinite exactly where every member saw the row,", $"row {i}");
            _inverseCounts[i] = 1.0 / judges;
        }

        _judges = new Judges(bags, residuals);
    }

    /// <summary>The members and their mean.</summary>
    public BootstrapEnsemble Ensemble { get; }

    /// <inheritdoc/>
    public int Features => Ensemble.Features;

    /// <summary>Number of training rows that judge.</summary>
    public int Count => _residuals.Length;

    /// <summary>Out-of-bag residuals |y − μ₋ᵢ(x)| of the training rows, in their order; +∞ where every member saw the row.</summary>
    public ReadOnlySpan<double> Residuals => _residuals;

    internal Bags Bags => _bags;

    /// <summary>Fits the members, each on its own resample, and lets them judge the rows they have not seen.</summary>
    /// <param name="trainer">Fits one member; called from several threads.</param>
    /// <param name="x">Features, two rows or more.</param>
    /// <param name="y">Targets, one per row.</param>
    /// <param name="options">Number of members; <c>null</c> for the defaults.</param>
    /// <param name="seed">Names every random choice; the answer does not depend on the number of threads.</param>
    /// <param name="progress">Told the number of members fitted so far.</param>
    /// <param name="cancellation">Stops between members.</param>
    public static JackknifeAfterBootstrap Fit(
        ITrainer<IPointPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, BootstrapOptions? options, ulong seed,
        IProgress<int>? progress = null, CancellationToken cancellation = default) =>
        BootstrapTraining.Fit(trainer, x, y, options ?? new BootstrapOptions(), seed, progress, cancellation);

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        Check.Batch(x, Features, predictions.Length, intervals.Length);
        int members = Ensemble.Members.Count, rank = coverage.Rank(Count), chunk = Math.Min(BootstrapEnsemble.Chunk, x.Rows);
        int judging = _judges.Scratch(members);
        double[] scratch = ArrayPool<double>.Shared.Rent(members * (chunk + 1) + judging);
        Span<double> row = scratch.AsSpan(0, members);
        for (int start = 0; start < x.Rows; start += chunk)
        {
            int rows = Math.Min(chunk, x.Rows - start);
            Span<double> answers = scratch.AsSpan(members + judging, members * rows);
            Ensemble.PredictMembers(x.Slice(start, rows), answers);
            for (int i = 0; i < rows; i++)
            {
                double total = 0;
                for (int m = 0; m < members; m++) total += row[m] = answers[m * rows + i];
                if (!double.IsFinite(total)) Check.Member(row, start + i);
                predictions[start + i] = total / members;
                intervals[start + i] = _judges.Interval(row, rank, scratch.AsSpan(members, judging));
            }
        }

        ArrayPool<double>.Shared.Return(scratch);
    }

    /// <summary>Writes, for each row the ensemble was fitted on and in that order, the mean of the members that did not see it.</summary>
    /// <remarks>They are to the training rows what predictions are to new rows; NaN where every member saw the row.</remarks>
    public void PredictOutOfBag(FeatureMatrix training, Span<double> destination)
    {
        Check.Features(training, Features);
        Throw.IfDifferent(nameof(training), training.Rows, Count, "rows, those the ensemble was fitted on");
        Throw.IfDifferent(nameof(destination), destination.Length, Count, "predictions, one per row");
        double[] answers = ArrayPool<double>.Shared.Rent(Count);
        destination.Clear();
        for (int m = 0; m < Ensemble.Members.Count; m++)
        {
            Ensemble.Members[m].Predict(training, answers.AsSpan(0, Count));
            for (int i = 0; i < Count; i++)
                if (!_bags.Contains(i, m)) destination[i] += answers[i];
        }

        for (int i = 0; i < Count; i++) destination[i] *= _inverseCounts[i];
        ArrayPool<double>.Shared.Return(answers);
    }

    /// <inheritdoc/>
    public Guarantee Guarantee(Coverage coverage)
    {
        // Rows that every member saw have no finite residual: a rank among them is a rank past the end.
        int rank = coverage.Rank(Count);
        return new Guarantee(GuaranteeKind.JackknifePlus, coverage, rank > _judges.Count ? Count + 1 : rank, Count);
    }
}

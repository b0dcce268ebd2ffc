using Ueq.Conformal;

namespace Ueq.Ensembles;

/// <summary>Makes Gaussians of any point predictor: the errors that its models make on rows they have not seen teach a model of the error's size.</summary>
/// <remarks>
/// <para>
/// The rows are divided into K folds. Fold model k is fitted without fold k, so every row i has a residual rᵢ of a model that did not see it.
/// Scale model k learns log(|rᵢ| + floor) from the rows outside fold k, the floor being a tenth of the median |rᵢ|, and answers gᵢ to those
/// inside. The line log σ = intercept + slope · g with the greatest likelihood Σ −log σᵢ − rᵢ²/2σᵢ² is then found (a convex problem), so that a scale
/// model that knows nothing gets the slope 0 and leaves one σ for all rows. All rows train, and none is judged by a model that saw it.
/// </para>
/// <para>
/// σ holds the noise and the error of one fold model; the mean of all of them errs a little less, so σ is rather too wide than too narrow.
/// It has no guarantee of its own; <see cref="Uq.Fit(ITrainer{IGaussianPredictor}, FeatureMatrix, ReadOnlySpan{double}, ulong)"/> fits it on a part of
/// the rows and calibrates intervals on the rest, which has one.
/// </para>
/// Source: variance from the squared residuals of a fitted mean, Hall and Carroll 1989; on the log scale, Davidian and Carroll 1987, §3.2; cross-fitting,
/// Chernozhukov et al. 2018, §3.
/// </remarks>
public sealed class CrossFittedGaussianTrainer : ITrainer<CrossFittedGaussian>
{
    private const ulong MeanSeeds = 0x4347_0000, ScaleSeeds = 0x4347_0001;
    private const double FloorShare = 0.1;

    private readonly ITrainer<IPointPredictor> _mean, _scale;
    private readonly CrossFittedOptions _options;

    /// <summary>Trains both kinds of model; the same kind of trainer serves for both when <paramref name="scale"/> is <c>null</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public CrossFittedGaussianTrainer(ITrainer<IPointPredictor> mean, ITrainer<IPointPredictor>? scale = null, CrossFittedOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(mean);
        _mean = mean;
        _scale = scale ?? mean;
        _options = options ?? new CrossFittedOptions();
        _options.Validate(nameof(options));
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Lengths differ, or a target is not finite.</exception>
    /// <exception cref="AssumptionException">There are fewer than two rows per fold, an answer is not finite, or every residual is zero.</exception>
    public CrossFittedGaussian Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => Fit(x, y, seed, CancellationToken.None);

    /// <summary>Fits a model, unless it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public CrossFittedGaussian Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed, CancellationToken cancellation)
    {
        Check.Training(x, y, 2 * _options.Folds);
        CrossFit folds = new(x.Rows, _options, seed);
        double[] residuals = y.ToArray(), g = new double[x.Rows];
        IPointPredictor[] means = OutOfFold(folds, _mean, x, y.ToArray(), MeanSeeds ^ seed, (row, answer) => residuals[row] -= answer, cancellation);
        try
        {
            double floor = Floor(residuals);
            double[] logs = [.. residuals.Select(r => Math.Log(Math.Abs(r) + floor))];
            IPointPredictor[] scales = OutOfFold(folds, _scale, x, logs, ScaleSeeds ^ seed, (row, answer) => g[row] = answer, cancellation);
            return new CrossFittedGaussian(means, scales, LogScale.From(residuals, g), new Interval(g.Min(), g.Max()), x.Columns);
        }
        catch
        {
            CrossFit.Release(means);
            throw;
        }
    }

    private static IPointPredictor[] OutOfFold(
        CrossFit folds, ITrainer<IPointPredictor> trainer, FeatureMatrix x, double[] targets, ulong seed, Action<int, double> take, CancellationToken cancellation) =>
        folds.Fit(
            (rows, own) => trainer.Fit(x.Gather(rows), SplitRows.Pick(targets, rows), own),
            (model, rows) =>
            {
                double[] answers = new double[rows.Length];
                model.Predict(x.Gather(rows), answers);
                Check.Answers(answers, 1, "prediction");
                for (int i = 0; i < rows.Length; i++) take(rows[i], answers[i]);
            },
            seed,
            cancellation);

    // The logarithm of a residual that happens to be nothing would outweigh all others.
    private static double Floor(double[] residuals)
    {
        double[] sizes = [.. residuals.Select(Math.Abs).Order()];
        double median = sizes[sizes.Length / 2];
        if (median == 0) median = sizes.Average();
        if (median == 0) throw new AssumptionException(Assumption.Variation, "Expected residuals that vary, got zero on every row: no noise to learn.");
        return FloorShare * median;
    }
}

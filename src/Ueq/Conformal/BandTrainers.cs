namespace Ueq.Conformal;

/// <summary>Fits a point predictor and claims absolute bands: what split conformal regression needs by default.</summary>
public sealed class AbsoluteTrainer(ITrainer<IPointPredictor> trainer) : ITrainer<PointBands>
{
    private readonly ITrainer<IPointPredictor> _trainer = trainer ?? throw new ArgumentNullException(nameof(trainer));

    /// <inheritdoc/>
    public PointBands Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => new(_trainer.Fit(x, y, seed));
}

/// <summary>Fits a Gaussian predictor and claims its bands.</summary>
public sealed class GaussianTrainer(ITrainer<IGaussianPredictor> trainer) : ITrainer<GaussianBands>
{
    private readonly ITrainer<IGaussianPredictor> _trainer = trainer ?? throw new ArgumentNullException(nameof(trainer));

    /// <inheritdoc/>
    public GaussianBands Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => new(_trainer.Fit(x, y, seed));
}

/// <summary>Fits a predictor of two quantiles and claims their bands.</summary>
public sealed class QuantileTrainer(ITrainer<IQuantilePredictor> trainer) : ITrainer<QuantileBands>
{
    private readonly ITrainer<IQuantilePredictor> _trainer = trainer ?? throw new ArgumentNullException(nameof(trainer));

    /// <inheritdoc/>
    public QuantileBands Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => new(_trainer.Fit(x, y, seed));
}

/// <summary>Fits a point predictor and a model of its absolute residuals, and claims normalised bands.</summary>
/// <remarks>
/// The residuals that the difficulty model learns come from models that did not see the row (five folds): a model's residuals on
/// its own training rows say how well it remembers, not how hard the row is. The floor is a tenth of the mean residual.
/// </remarks>
public sealed class NormalisedTrainer : ITrainer<NormalisedBands>
{
    private const int FoldCount = 5;
    private const double FloorShare = 0.1;
    private readonly ITrainer<IPointPredictor> _trainer;
    private readonly ITrainer<IPointPredictor> _difficulty;

    /// <summary>Trains both models; the same kind of trainer serves for both when <paramref name="difficulty"/> is <c>null</c>.</summary>
    public NormalisedTrainer(ITrainer<IPointPredictor> trainer, ITrainer<IPointPredictor>? difficulty = null)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        _trainer = trainer;
        _difficulty = difficulty ?? trainer;
    }

    /// <inheritdoc/>
    public NormalisedBands Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        Check.Training(x, y, 2 * FoldCount);
        double[] residuals = new double[x.Rows];
        int[] fold = SplitRows.Folds(x.Rows, FoldCount, seed);
        for (int f = 0; f < FoldCount; f++)
        {
            int[] inside = Where(fold, k => k != f), outside = Where(fold, k => k == f);
            IPointPredictor model = _trainer.Fit(x.Gather(inside), SplitRows.Pick(y, inside), seed);
            double[] answers = new double[outside.Length];
            model.Predict(x.Gather(outside), answers);
            Check.Answers(answers, 1, "prediction");
            for (int i = 0; i < outside.Length; i++) residuals[outside[i]] = Math.Abs(y[outside[i]] - answers[i]);
        }

        double mean = residuals.Average();
        if (mean == 0) throw new AssumptionException(Assumption.Variation, "Expected residuals that vary, got zero on every row: no difficulty to learn.");
        return new NormalisedBands(_trainer.Fit(x, y, seed), _difficulty.Fit(x, residuals, seed), FloorShare * mean);
    }

    private static int[] Where(int[] fold, Func<int, bool> chosen) => [.. Enumerable.Range(0, fold.Length).Where(i => chosen(fold[i]))];
}

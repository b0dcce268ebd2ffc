namespace Ueq.Conformal;

/// <summary>How split conformal prediction divides the rows it is given.</summary>
public sealed record SplitOptions
{
    /// <summary>Share of the rows that calibrates, strictly between 0 and 1. Default: 0.25.</summary>
    public double CalibrationShare { get; init; } = 0.25;
}

/// <summary>Split conformal prediction from a trainer: fit on one part of the rows, calibrate on the rest.</summary>
/// <remarks>Source: Papadopoulos et al. 2002; Lei et al. 2018, algorithm 2.</remarks>
public sealed class SplitConformal
{
    private readonly SplitOptions _options;

    /// <summary>Split conformal prediction with these options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The calibration share is not strictly between 0 and 1.</exception>
    public SplitConformal(SplitOptions? options = null)
    {
        _options = options ?? new SplitOptions();
        if (!(_options.CalibrationShare > 0 && _options.CalibrationShare < 1))
            Throw.OutOfRange(nameof(options), _options.CalibrationShare, "a calibration share strictly between 0 and 1");
    }

    /// <summary>Fits bands on one part of the rows and calibrates them on the rest.</summary>
    public ConformalRegressor Fit(ITrainer<IBandPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Check.Training(x, y, 2);
        SplitRows rows = SplitRows.Divide(x.Rows, _options.CalibrationShare, seed);
        IBandPredictor model = trainer.Fit(x.Gather(rows.Proper), SplitRows.Pick(y, rows.Proper), seed);
        return Calibrate(model, x.Gather(rows.Calibration), SplitRows.Pick(y, rows.Calibration));
    }

    /// <summary>Calibrates a fitted model's bands on rows that it has not seen.</summary>
    /// <exception cref="ArgumentException">There is not one finite target per row.</exception>
    /// <exception cref="AssumptionException">There is no row, or the model's claim at a row is no band.</exception>
    public static ConformalRegressor Calibrate(IBandPredictor model, FeatureMatrix x, ReadOnlySpan<double> y)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check.Training(x, y, 1);
        Band[] bands = new Band[x.Rows];
        model.Predict(x, bands);
        Check.Answers(bands, 0);
        return new ConformalRegressor(model, IntervalCalibration.From(bands, y), x.Columns);
    }

    /// <summary>Fits probabilities on one part of the rows and calibrates label sets on the rest.</summary>
    public ConformalClassifier Fit(ITrainer<IClassPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        Check.Training(x, y, 2);
        CheckLabels(y);
        SplitRows rows = SplitRows.Divide(x.Rows, _options.CalibrationShare, seed);
        IClassPredictor model = trainer.Fit(x.Gather(rows.Proper), SplitRows.Pick(y, rows.Proper), seed);
        return Calibrate(model, x.Gather(rows.Calibration), SplitRows.Pick(y, rows.Calibration));
    }

    /// <summary>Calibrates a fitted classifier's label sets on rows that it has not seen.</summary>
    /// <param name="model">The classifier.</param>
    /// <param name="x">Rows.</param>
    /// <param name="y">Their classes by index, 0 to classes − 1, as numbers.</param>
    /// <exception cref="ArgumentException">There is not one class index per row; names the row.</exception>
    /// <exception cref="AssumptionException">There is no row, a class that the model does not have, or a probability that is not finite.</exception>
    public static ConformalClassifier Calibrate(IClassPredictor model, FeatureMatrix x, ReadOnlySpan<double> y)
    {
        ArgumentNullException.ThrowIfNull(model);
        Check.Training(x, y, 1);
        CheckLabels(y);
        double[] probabilities = new double[x.Rows * model.Classes];
        model.Predict(x, probabilities);
        Check.Answers(probabilities, model.Classes, "probability");
        int[] labels = new int[y.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = (int)y[i];
        int last = labels.Max();
        if (last >= model.Classes)
            throw new AssumptionException(Assumption.EveryClassPresent, $"Expected a model of {last + 1} classes or more, got {model.Classes}: class {last} occurs among the rows to calibrate on.");
        return new ConformalClassifier(model, LabelSetCalibration.From(probabilities, model.Classes, labels), x.Columns);
    }

    // Before the split, so that the row is the caller's; a cast would make class 1 of 1.7.
    private static void CheckLabels(ReadOnlySpan<double> y)
    {
        for (int i = 0; i < y.Length; i++)
            if (y[i] < 0 || y[i] > int.MaxValue || y[i] != Math.Floor(y[i])) Throw.OutOfRange(nameof(y), y[i], "a class index 0, 1, 2, …", $"row {i}");
    }
}

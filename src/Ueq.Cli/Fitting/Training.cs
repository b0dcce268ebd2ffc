using System.Diagnostics;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Makes a calibrated model from rows: where the names at the edge become types.</summary>
internal static class Training
{
    private const int BootstrapMembers = 50;

    /// <summary>Fits what the plan says. Progress counts from 0 to 1.</summary>
    public static Trained Fit(
        Plan plan, FeatureMatrix x, double[] y, int classes, FitSettings settings, IProgress<double>? progress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (plan.Method != MethodNames.BayesianLinear && !plan.IsFitted) RefuseBeyondFloats(plan.Model, y);
        long start = Stopwatch.GetTimestamp();
        (IIntervalPredictor? regressor, ILabelSetPredictor? classifier) = plan.Task == ModelTask.Classification
            ? ((IIntervalPredictor?)null, Classifier(plan, x, y, classes, settings))
            : (Regressor(plan, x, y, settings, progress, cancellation), null);
        progress?.Report(1);
        return new Trained(regressor, classifier, Stopwatch.GetElapsedTime(start).TotalSeconds) { Calibrating = Calibrating(plan, regressor, x.Rows, settings) };
    }

    /// <summary>The intervals that a method makes of a bootstrap, which is the same ensemble for all of them.</summary>
    public static IIntervalPredictor Intervals(string method, IIntervalPredictor model) =>
        method == MethodNames.BootstrapMean && model is JackknifeAfterBootstrap after ? new MeanIntervals(after.Ensemble) : model;

    private static int[]? Calibrating(Plan plan, IIntervalPredictor? regressor, int rows, FitSettings settings) =>
        plan.IsFitted ? [.. Enumerable.Range(0, rows)]
        : regressor is null or ConformalRegressor ? SplitRows.Divide(rows, settings.CalibrationShare, settings.Seed).Calibration
        : null;

    // ML.NET reads targets as 32-bit numbers; beyond them it fits infinities without a word.
    private static void RefuseBeyondFloats(string model, ReadOnlySpan<double> y)
    {
        for (int row = 0; row < y.Length; row++)
        {
            if (!float.IsFinite((float)y[row]))
                throw new InvalidDataException(FormattableString.Invariant($"Expected targets of at most ±{float.MaxValue:R} for {model}, got {y[row]:R} in row {row}; use another unit."));
        }
    }

    private static IIntervalPredictor Regressor(
        Plan plan, FeatureMatrix x, double[] y, FitSettings settings, IProgress<double>? progress, CancellationToken cancellation)
    {
        if (plan.Method == MethodNames.BayesianLinear) return BayesianLinearRegression.Fit(x, y);
        if (plan.IsFitted) return SplitConformal.Calibrate(Trainers.FittedBands(plan, settings), x, y);
        if (!plan.IsBootstrap)
            return Split(settings).Fit(Trainers.Bands(plan, settings), x, y, settings.Seed);
        int total = settings.Members ?? BootstrapMembers;
        IProgress<int>? members = progress is null ? null : new Share(progress, total);
        return JackknifeAfterBootstrap.Fit(Trainers.Points(plan.Model, settings), x, y, new BootstrapOptions { Members = total }, settings.Seed, members, cancellation);
    }

    private static ConformalClassifier Classifier(Plan plan, FeatureMatrix x, double[] y, int classes, FitSettings settings)
    {
        ConformalClassifier fitted = plan.IsFitted
            ? SplitConformal.Calibrate(Trainers.FittedClasses(plan, settings), x, y)
            : Split(settings).Fit(Trainers.Classes(plan, classes, settings), x, y, settings.Seed);
        return new ConformalClassifier(fitted.Model, fitted.Calibration, fitted.Features, settings.Empty);
    }

    private static SplitConformal Split(FitSettings settings) => new(new SplitOptions { CalibrationShare = settings.CalibrationShare });

    private sealed class Share(IProgress<double> whole, int total) : IProgress<int>
    {
        public void Report(int value) => whole.Report((double)value / total);
    }
}

/// <summary>The percentile interval of a bootstrap's mean in the place of a prediction interval, to show how little it covers.</summary>
internal sealed class MeanIntervals(BootstrapEnsemble ensemble) : IIntervalPredictor
{
    public int Features => ensemble.Features;

    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals) =>
        ensemble.MeanInterval(x, coverage, predictions, intervals);

    public Guarantee Guarantee(Coverage coverage) => new(GuaranteeKind.None, coverage, 0, 0);
}

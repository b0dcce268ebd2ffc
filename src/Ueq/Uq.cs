using System.Runtime.CompilerServices;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;

namespace Ueq;

/// <summary>The front door: picks the method from what it is handed, and answers with a calibrated model.</summary>
/// <remarks>
/// <para>
/// <c>Fit</c> takes trainers, or nothing but data; <c>Calibrate</c> takes what is fitted already, and rows that it has not seen. The level is
/// chosen when predicting. Every method has a type of its own, for those who want another one or its options.
/// </para>
/// <para>
/// | what there is | what it becomes |
/// | data alone | <see cref="BayesianLinearRegression"/> |
/// | a regression trainer | <see cref="JackknifeAfterBootstrap"/> |
/// | a trainer of probabilities, Gaussians, quantiles or bands; several trainers | fitted on a part, <see cref="SplitConformal"/> on the rest |
/// | a fitted model or a function | <see cref="SplitConformal"/> |
/// | several fitted models | <see cref="CrossEnsemble"/> or <see cref="CrossClassEnsemble"/>, then <see cref="SplitConformal"/> |
/// Adapter rooms add their own, such as Torch modules.
/// </para>
/// </remarks>
public static class Uq
{
    /// <summary>Linear regression of highest evidence: what data alone become.</summary>
    /// <inheritdoc cref="BayesianLinearRegression.Fit" path="/exception"/>
    public static BayesianLinearRegression Fit(FeatureMatrix x, ReadOnlySpan<double> y) => BayesianLinearRegression.Fit(x, y);

    /// <summary>Jackknife+-after-bootstrap: every row trains and judges.</summary>
    public static JackknifeAfterBootstrap Fit(ITrainer<IPointPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        JackknifeAfterBootstrap.Fit(trainer, x, y, new BootstrapOptions(), seed);

    /// <summary>Label sets around a classifier that is fitted on a part of the rows and calibrated on the rest.</summary>
    public static ConformalClassifier Fit(ITrainer<IClassPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new SplitConformal().Fit(trainer, x, y, seed);

    /// <summary>Intervals around bands that are fitted on a part of the rows and calibrated on the rest.</summary>
    public static ConformalRegressor Fit(ITrainer<IBandPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new SplitConformal().Fit(trainer, x, y, seed);

    /// <summary>Intervals that are wide where the model's σ is: fitted on a part of the rows and calibrated on the rest.</summary>
    [OverloadResolutionPriority(1)]
    public static ConformalRegressor Fit(ITrainer<IGaussianPredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new SplitConformal().Fit(new GaussianTrainer(trainer), x, y, seed);

    /// <summary>Conformalised quantile regression: fitted on a part of the rows and calibrated on the rest.</summary>
    public static ConformalRegressor Fit(ITrainer<IQuantilePredictor> trainer, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new SplitConformal().Fit(new QuantileTrainer(trainer), x, y, seed);

    /// <summary>The mean answer of models of any frameworks: fitted on a part of the rows and calibrated on the rest.</summary>
    public static ConformalRegressor Fit(
        IReadOnlyList<(string Name, ITrainer<IPointPredictor> Trainer)> trainers, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
        new SplitConformal().Fit(new AbsoluteTrainer(new CrossEnsembleTrainer(Members(trainers))), x, y, seed);

    /// <summary>Intervals of one width around a fitted model's predictions.</summary>
    /// <inheritdoc cref="SplitConformal.Calibrate(IBandPredictor, FeatureMatrix, ReadOnlySpan{double})" path="/exception"/>
    public static ConformalRegressor Calibrate(IPointPredictor model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        SplitConformal.Calibrate(new PointBands(model), x, y);

    /// <summary>Intervals around a fitted model's mean that are wide where its σ is.</summary>
    /// <inheritdoc cref="SplitConformal.Calibrate(IBandPredictor, FeatureMatrix, ReadOnlySpan{double})" path="/exception"/>
    [OverloadResolutionPriority(1)]
    public static ConformalRegressor Calibrate(IGaussianPredictor model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        SplitConformal.Calibrate(new GaussianBands(model), x, y);

    /// <summary>Conformalised quantile regression around a fitted model's two quantiles.</summary>
    /// <inheritdoc cref="SplitConformal.Calibrate(IBandPredictor, FeatureMatrix, ReadOnlySpan{double})" path="/exception"/>
    public static ConformalRegressor Calibrate(IQuantilePredictor model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        SplitConformal.Calibrate(new QuantileBands(model), x, y);

    /// <summary>Intervals around the bands that a fitted model claims.</summary>
    /// <inheritdoc cref="SplitConformal.Calibrate(IBandPredictor, FeatureMatrix, ReadOnlySpan{double})" path="/exception"/>
    public static ConformalRegressor Calibrate(IBandPredictor model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        SplitConformal.Calibrate(model, x, y);

    /// <summary>Label sets around a fitted classifier's probabilities.</summary>
    /// <inheritdoc cref="SplitConformal.Calibrate(IClassPredictor, FeatureMatrix, ReadOnlySpan{double})"/>
    public static ConformalClassifier Calibrate(IClassPredictor model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        SplitConformal.Calibrate(model, x, y);

    /// <summary>Intervals of one width around any function of a row. The function is called from many threads at once.</summary>
    public static ConformalRegressor Calibrate(RowFunction model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        Calibrate(new FunctionPredictor(model), x, y);

    /// <summary>Intervals of one width around any function of many rows. The function is called from many threads at once.</summary>
    public static ConformalRegressor Calibrate(BatchFunction model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        Calibrate(new FunctionPredictor(model), x, y);

    /// <summary>Label sets around any function from rows to probabilities. The function is called from many threads at once.</summary>
    public static ConformalClassifier Calibrate(int classes, BatchFunction model, FeatureMatrix x, ReadOnlySpan<double> y) =>
        Calibrate(new FunctionClassifier(classes, model), x, y);

    /// <summary>Intervals of one width around the mean answer of several fitted models, of any frameworks.</summary>
    public static ConformalRegressor Calibrate(
        IReadOnlyList<(string Name, IPointPredictor Model)> models, FeatureMatrix x, ReadOnlySpan<double> y) =>
        Calibrate(new CrossEnsemble(Members(models)), x, y);

    /// <summary>Label sets around the mean answer of several fitted classifiers, of any frameworks.</summary>
    public static ConformalClassifier Calibrate(
        IReadOnlyList<(string Name, IClassPredictor Model)> models, FeatureMatrix x, ReadOnlySpan<double> y) =>
        Calibrate(new CrossClassEnsemble(Members(models)), x, y);

    private static EnsembleMember<TModel>[] Members<TModel>(IReadOnlyList<(string Name, TModel Model)> models)
        where TModel : class
    {
        ArgumentNullException.ThrowIfNull(models);
        return [.. models.Select(member => new EnsembleMember<TModel>(member.Name, member.Model))];
    }
}

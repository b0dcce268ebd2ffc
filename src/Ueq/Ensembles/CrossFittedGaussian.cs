using System.Buffers;
using Ueq.Versions;

namespace Ueq.Ensembles;

/// <summary>Point predictors and models of the logarithm of their error, fitted on folds of the rows: a Gaussian per row.</summary>
/// <remarks>
/// Mean: that of the fold models. log σ(x) = intercept + slope · g(x), where g is the mean of the scale models, kept within the range that it
/// had on the training rows. Made by <see cref="CrossFittedGaussianTrainer"/>. Not an interval with a guarantee: calibrate it on rows that it
/// was not fitted on (<see cref="Ueq.Conformal.GaussianBands"/>). Immutable; thread-safe if the models are. Dispose when no thread predicts any more.
/// </remarks>
public sealed class CrossFittedGaussian : IGaussianPredictor, IPointPredictor, INamedMethod, IAssembledPredictor, IDisposable
{
    internal const string Kind = "cross_fitted_gaussian";

    private readonly IPointPredictor[] _means, _scales;
    private readonly LogScale _line;
    private readonly Interval _range;

    internal CrossFittedGaussian(IPointPredictor[] means, IPointPredictor[] scales, LogScale line, Interval range, int features)
    {
        _means = means;
        _scales = scales;
        _line = line;
        _range = range;
        Features = features;
    }

    /// <summary>Number of features a row must have.</summary>
    public int Features { get; }

    /// <summary>The models of the target, one per fold.</summary>
    public IReadOnlyList<IPointPredictor> Means => _means;

    /// <summary>The models of log(|residual| + floor), one per fold.</summary>
    public IReadOnlyList<IPointPredictor> Scales => _scales;

    /// <summary>How much the scale models are believed: 0 when the size of the error cannot be told from the features, near 1 when it can.</summary>
    public double Slope => _line.Slope;

    /// <inheritdoc/>
    public string Method => Kind;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features.</exception>
    /// <exception cref="AssumptionException">A model answers with something that is not finite.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Check.Features(x, Features);
        Throw.IfDifferent(nameof(sigma), sigma.Length, x.Rows, "places, one per row");
        Predict(x, mean);
        Average(_scales, x, sigma);
        for (int i = 0; i < sigma.Length; i++) sigma[i] = _line.Sigma(Math.Clamp(sigma[i], _range.Lower, _range.Upper));
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Check.Features(x, Features);
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "places, one per row");
        Average(_means, x, destination);
    }

    /// <summary>Releases the models that can be.</summary>
    public void Dispose() => CrossFit.Release([.. _means, .. _scales]);

    Assembled IAssembledPredictor.TakeApart() => new(
        Kind,
        [.. _means.Select((model, i) => ($"mean-{i:0000}", (object)model)), .. _scales.Select((model, i) => ($"scale-{i:0000}", (object)model))],
        new Joint { Numbers = [_line.Intercept, _line.Slope, _range.Lower, _range.Upper, Features] });

    internal static CrossFittedGaussian Join(IReadOnlyList<object> parts, Joint joint)
    {
        IPointPredictor[] models = [.. Assemblies.Of<IPointPredictor>(parts)];
        if (models.Length == 0 || models.Length % 2 != 0) throw new ArgumentException($"Expected as many models of the scale as of the mean, got {models.Length} in all.");
        if (joint.Numbers is not [double intercept, double slope, double lower, double upper, double features] || !joint.Numbers.All(double.IsFinite)
            || lower > upper || features is < 0 or > int.MaxValue || features % 1 != 0)
            throw new ArgumentException($"Expected intercept, slope, range and number of features, got {string.Join(", ", joint.Numbers ?? [])}.");
        int half = models.Length / 2;
        return new CrossFittedGaussian(models[..half], models[half..], new LogScale(intercept, slope), new Interval(lower, upper), (int)features);
    }

    private static void Average(IPointPredictor[] models, FeatureMatrix x, Span<double> destination)
    {
        double[] scratch = ArrayPool<double>.Shared.Rent(x.Rows);
        Span<double> answers = scratch.AsSpan(0, x.Rows);
        destination.Clear();
        foreach (IPointPredictor model in models)
        {
            model.Predict(x, answers);
            Check.Answers(answers, 1, "prediction");
            for (int i = 0; i < answers.Length; i++) destination[i] += answers[i] / models.Length;
        }

        ArrayPool<double>.Shared.Return(scratch);
    }
}

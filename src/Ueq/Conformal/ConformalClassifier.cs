namespace Ueq.Conformal;

/// <summary>Split conformal classification: a model of probabilities, and the calibration that makes its label sets cover.</summary>
/// <remarks>The guarantee is that of <see cref="LabelSetCalibration"/>. Immutable; thread-safe if the model is.</remarks>
public sealed class ConformalClassifier : ILabelSetPredictor
{
    /// <summary>Joins a model of rows of <paramref name="features"/> numbers with its calibration.</summary>
    public ConformalClassifier(IClassPredictor model, LabelSetCalibration calibration, int features, EmptySets empty = EmptySets.TopLabel)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        if (features < 1) Throw.OutOfRange(nameof(features), features, "one feature or more");
        Throw.IfDifferent(nameof(calibration), calibration.Classes, model.Classes, "classes, as the model has");
        Model = model;
        Calibration = calibration;
        Features = features;
        Empty = empty;
    }

    /// <summary>The model before calibration.</summary>
    public IClassPredictor Model { get; }

    /// <summary>The calibration scores.</summary>
    public LabelSetCalibration Calibration { get; }

    /// <summary>What is answered where the set would be empty.</summary>
    public EmptySets Empty { get; }

    /// <inheritdoc/>
    public int Features { get; }

    /// <inheritdoc/>
    public int Classes => Model.Classes;

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> probabilities, Span<ulong> sets)
    {
        Check.Features(x, Features);
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, "probabilities, rows × classes");
        Model.Predict(x, probabilities);
        Check.Answers(probabilities, Classes, "probability");
        Calibration.Apply(probabilities, coverage, Empty, sets);
    }

    /// <inheritdoc/>
    public Guarantee Guarantee(Coverage coverage) => Calibration.Guarantee(coverage);
}

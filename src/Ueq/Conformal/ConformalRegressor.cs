using System.Buffers;

namespace Ueq.Conformal;

/// <summary>Split conformal regression: a model that claims bands, and the calibration that makes them cover.</summary>
/// <remarks>The guarantee is that of <see cref="IntervalCalibration"/>. Immutable; thread-safe if the model is.</remarks>
public sealed class ConformalRegressor : IIntervalPredictor
{
    // Few enough rows to stay in the cache, enough to spread the cost of a call of the model.
    private const int Chunk = 1024;

    /// <summary>Joins a model of rows of <paramref name="features"/> numbers with its calibration.</summary>
    public ConformalRegressor(IBandPredictor model, IntervalCalibration calibration, int features)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(calibration);
        if (features < 1) Throw.OutOfRange(nameof(features), features, "one feature or more");
        Model = model;
        Calibration = calibration;
        Features = features;
    }

    /// <summary>The model before calibration.</summary>
    public IBandPredictor Model { get; }

    /// <summary>The calibration scores.</summary>
    public IntervalCalibration Calibration { get; }

    /// <inheritdoc/>
    public int Features { get; }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
    {
        Check.Batch(x, Features, predictions.Length, intervals.Length);
        Band[] bands = ArrayPool<Band>.Shared.Rent(Math.Min(x.Rows, Chunk));
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            Span<Band> chunk = bands.AsSpan(0, Math.Min(Chunk, x.Rows - start));
            Model.Predict(x.Slice(start, chunk.Length), chunk);
            Check.Answers(chunk, start);
            for (int i = 0; i < chunk.Length; i++) predictions[start + i] = chunk[i].Centre;
            Calibration.Apply(chunk, coverage, intervals.Slice(start, chunk.Length));
        }

        ArrayPool<Band>.Shared.Return(bands);
    }

    /// <inheritdoc/>
    public Guarantee Guarantee(Coverage coverage) => Calibration.Guarantee(coverage);
}

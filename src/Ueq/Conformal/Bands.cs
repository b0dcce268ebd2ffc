using System.Buffers;

namespace Ueq.Conformal;

/// <summary>A point predictor as bands (ŷ, ŷ, 1): the absolute residual score |y − ŷ|.</summary>
/// <remarks>The interval has the same width at every row. Source: Lei et al. 2018, algorithm 2.</remarks>
public sealed class PointBands(IPointPredictor model) : IBandPredictor
{
    /// <summary>The model behind the bands.</summary>
    public IPointPredictor Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<Band> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "bands, one per row");
        double[] points = ArrayPool<double>.Shared.Rent(x.Rows);
        Model.Predict(x, points.AsSpan(0, x.Rows));
        for (int i = 0; i < destination.Length; i++) destination[i] = new Band(points[i], points[i], 1);
        ArrayPool<double>.Shared.Return(points);
    }
}

/// <summary>A point predictor and a difficulty model as bands (ŷ, ŷ, σ): the normalised score |y − ŷ| / σ.</summary>
/// <remarks>
/// The interval is wide where the difficulty model expects large residuals. σ is the difficulty model's answer plus a floor, so
/// that it is positive; coverage holds for any σ. Source: Papadopoulos et al. 2008; Lei et al. 2018, §5.2.
/// </remarks>
public sealed class NormalisedBands : IBandPredictor
{
    /// <summary>Bands from a model, a model of |residual|, and a positive floor in units of the target.</summary>
    public NormalisedBands(IPointPredictor model, IPointPredictor difficulty, double floor)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(difficulty);
        if (!(floor > 0) || double.IsInfinity(floor)) Throw.OutOfRange(nameof(floor), floor, "a positive finite floor");
        Model = model;
        Difficulty = difficulty;
        Floor = floor;
    }

    /// <summary>The model behind the bands.</summary>
    public IPointPredictor Model { get; }

    /// <summary>The model of the absolute residual.</summary>
    public IPointPredictor Difficulty { get; }

    /// <summary>What is added to the difficulty, in units of the target.</summary>
    public double Floor { get; }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<Band> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "bands, one per row");
        double[] scratch = ArrayPool<double>.Shared.Rent(2 * x.Rows);
        Span<double> points = scratch.AsSpan(0, x.Rows), sigma = scratch.AsSpan(x.Rows, x.Rows);
        Model.Predict(x, points);
        Difficulty.Predict(x, sigma);
        for (int i = 0; i < destination.Length; i++)
            destination[i] = new Band(points[i], points[i], Math.Max(sigma[i], 0) + Floor);
        ArrayPool<double>.Shared.Return(scratch);
    }
}

/// <summary>A quantile pair as bands (q_lo, q_hi, 1): conformalised quantile regression.</summary>
/// <remarks>Crossing quantiles are put into order first. Source: Romano, Patterson, Candès 2019.</remarks>
public sealed class QuantileBands(IQuantilePredictor model) : IBandPredictor
{
    /// <summary>The model behind the bands.</summary>
    public IQuantilePredictor Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<Band> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "bands, one per row");
        double[] scratch = ArrayPool<double>.Shared.Rent(2 * x.Rows);
        Span<double> lower = scratch.AsSpan(0, x.Rows), upper = scratch.AsSpan(x.Rows, x.Rows);
        Model.Predict(x, lower, upper);
        for (int i = 0; i < destination.Length; i++) destination[i] = Ordered(lower[i], upper[i]);
        ArrayPool<double>.Shared.Return(scratch);
    }

    /// <summary>The band of two quantiles, in order whichever comes first.</summary>
    public static Band Ordered(double lower, double upper) => new(Math.Min(lower, upper), Math.Max(lower, upper), 1);
}

/// <summary>A Gaussian predictor as bands (μ, μ, σ): the score |y − μ| / σ.</summary>
public sealed class GaussianBands(IGaussianPredictor model) : IBandPredictor
{
    /// <summary>The model behind the bands.</summary>
    public IGaussianPredictor Model { get; } = model ?? throw new ArgumentNullException(nameof(model));

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<Band> destination)
    {
        Throw.IfDifferent(nameof(destination), destination.Length, x.Rows, "bands, one per row");
        double[] scratch = ArrayPool<double>.Shared.Rent(2 * x.Rows);
        Span<double> mean = scratch.AsSpan(0, x.Rows), sigma = scratch.AsSpan(x.Rows, x.Rows);
        Model.Predict(x, mean, sigma);
        for (int i = 0; i < destination.Length; i++) destination[i] = new Band(mean[i], mean[i], sigma[i]);
        ArrayPool<double>.Shared.Return(scratch);
    }
}

using Ueq.Conformal;

namespace Ueq.Cli.Fitting;

/// <summary>A model from a file, made for the rows at hand: what it can be in the methods. Exactly one of bands and classes is there.</summary>
internal sealed record FittedModel
{
    /// <summary>A regression as bands to calibrate.</summary>
    public IBandPredictor? Bands { get; private init; }

    /// <summary>A regression as points, for ensembles; <c>null</c> where it has none.</summary>
    public IPointPredictor? Point { get; private init; }

    /// <summary>A classification.</summary>
    public IClassPredictor? Classes { get; private init; }

    /// <summary>What a predictor can be, told by its shapes; a Gaussian that is also a point claims bands by its σ.</summary>
    public static FittedModel Of(object predictor) => predictor switch
    {
        IClassPredictor classes => new() { Classes = classes },
        IQuantilePredictor quantiles => new() { Bands = new QuantileBands(quantiles) },
        IGaussianPredictor gaussian => new() { Bands = new GaussianBands(gaussian), Point = gaussian as IPointPredictor },
        IPointPredictor point => new() { Bands = new PointBands(point), Point = point },
        _ => throw new ArgumentException($"Expected a predictor, got {predictor.GetType().Name}.", nameof(predictor)),
    };
}

/// <summary>A model that is fitted already in the place of a trainer: it does not look at the rows.</summary>
internal sealed class FixedTrainer<TModel>(TModel model) : ITrainer<TModel>
{
    public TModel Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => model;
}

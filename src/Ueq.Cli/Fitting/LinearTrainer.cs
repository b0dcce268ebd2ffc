using Ueq.Bayesian;
using Ueq.MLNet;

namespace Ueq.Cli.Fitting;

/// <summary>Linear regression: in closed form with the ridge of highest evidence, or by ML.NET's SDCA where features are many.</summary>
/// <remarks>
/// Closed form is exact and takes milliseconds where SDCA takes a second on correlated columns; its cost grows with the cube of
/// the features, SDCA's with the features.
/// </remarks>
internal sealed class LinearTrainer : ITrainer<IPointPredictor>
{
    private const int MostFeatures = 256;

    public IPointPredictor Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => x.Columns <= MostFeatures
        ? BayesianLinearRegression.Fit(x, y)
        : MLNetTrainers.Regression(ModelNames.Linear).Fit(x, y, seed);
}

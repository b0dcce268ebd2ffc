using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;

namespace Ueq.MLNet;

/// <summary>A linear model of standardised features: least squares for numbers, maximum entropy (softmax) for classes.</summary>
/// <remarks>
/// Regression is solved by stochastic dual coordinate ascent (Shalev-Shwartz and Zhang 2013), classification by limited-memory BFGS.
/// Both run on one thread whatever <see cref="MLNetOptions.Threads"/> says, since only then are they repeatable.
/// </remarks>
public sealed record LinearOptions : MLNetOptions
{
    /// <summary>Weight of the ridge penalty per row, 1e-7 to 10. Default: 1e-3, practically least squares.</summary>
    public double Ridge { get; init; } = 1e-3;

    /// <summary>Most passes over the data, 1 to 100,000. Default: 1,000.</summary>
    public int Passes { get; init; } = 1000;

    /// <inheritdoc/>
    public override string Name => "linear";

    /// <inheritdoc/>
    public override bool AcceptsMissing => false;

    internal override OutputKind ClassOutput => OutputKind.Probabilities;

    internal override void Validate()
    {
        ValidateThreads();
        Inputs.CheckRange(nameof(Ridge), Ridge, 1e-7, 10);
        Inputs.CheckRange(nameof(Passes), Passes, 1, 100_000);
    }

    internal override IEstimator<ITransformer> Regression(MLContext context, int rows, int seed) =>
        Standardise(context).Append(context.Regression.Trainers.Sdca(new SdcaRegressionTrainer.Options
        {
            L1Regularization = 0,
            L2Regularization = (float)Ridge,
            MaximumNumberOfIterations = Passes,
            ConvergenceTolerance = 1e-5f,
            ConvergenceCheckFrequency = 10,
            NumberOfThreads = 1,
        }));

    internal override IEstimator<ITransformer> Classification(MLContext context, int rows, int seed) =>
        Standardise(context).Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(
            new LbfgsMaximumEntropyMulticlassTrainer.Options
            {
                L1Regularization = 0,
                L2Regularization = ClassPenalty,
                MaximumNumberOfIterations = Passes,
                OptimizationTolerance = 1e-6f,
                NumberOfThreads = 1,
            }));

    // Separable classes have no finite maximum: a unit penalty on the summed loss, as is usual.
    private const float ClassPenalty = 1;

    // The first step takes a constant feature to a constant that the second can bear: alone it makes a large number of it.
    private static EstimatorChain<Microsoft.ML.Transforms.NormalizingTransformer> Standardise(MLContext context) =>
        context.Transforms.NormalizeMinMax(TableView.Features, fixZero: false)
            .Append(context.Transforms.NormalizeMeanVariance(TableView.Features, fixZero: false));
}

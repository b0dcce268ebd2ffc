using Microsoft.ML;
using Microsoft.ML.Trainers.LightGbm;

namespace Ueq.MLNet;

/// <summary>Gradient-boosted trees grown leaf by leaf (Ke et al. 2017).</summary>
public sealed record LightGbmOptions : MLNetOptions
{
    /// <summary>Number of trees, 1 to 100,000. Default: 150.</summary>
    public int Trees { get; init; } = 150;

    /// <summary>Most leaves of a tree, 2 to 4,096. Default: 16.</summary>
    public int Leaves { get; init; } = 16;

    /// <summary>Weight of each tree, above 0 up to 1. Default: 0.05.</summary>
    public double LearningRate { get; init; } = 0.05;

    /// <summary>Fewest training rows in a leaf, 1 to 1,000,000. Default: <c>null</c>, a twentieth of the rows, at least 2, at most 20.</summary>
    public int? RowsPerLeaf { get; init; }

    /// <summary>Share of the rows each tree sees, drawn at random, above 0 up to 1. Default: 0.8.</summary>
    public double RowShare { get; init; } = 0.8;

    /// <summary>Share of the features each tree sees, drawn at random, above 0 up to 1. Default: 0.8.</summary>
    public double FeatureShare { get; init; } = 0.8;

    /// <inheritdoc/>
    public override string Name => "lightgbm";

    /// <inheritdoc/>
    public override bool AcceptsMissing => true;

    internal override OutputKind ClassOutput => OutputKind.Probability;

    internal override void Validate()
    {
        ValidateThreads();
        Inputs.CheckRange(nameof(Trees), Trees, 1, 100_000);
        Inputs.CheckRange(nameof(Leaves), Leaves, 2, 4096);
        Inputs.CheckRange(nameof(LearningRate), LearningRate, double.Epsilon, 1);
        Inputs.CheckRange(nameof(RowsPerLeaf), RowsPerLeaf ?? 1, 1, 1_000_000);
        Inputs.CheckRange(nameof(RowShare), RowShare, double.Epsilon, 1);
        Inputs.CheckRange(nameof(FeatureShare), FeatureShare, double.Epsilon, 1);
    }

    internal override IEstimator<ITransformer> Regression(MLContext context, int rows, int seed) =>
        context.Regression.Trainers.LightGbm(new LightGbmRegressionTrainer.Options
        {
            NumberOfIterations = Trees,
            NumberOfLeaves = Leaves,
            LearningRate = LearningRate,
            MinimumExampleCountPerLeaf = LeafRows(rows),
            NumberOfThreads = Threads,
            Seed = seed,
            Deterministic = true,
            ForceColumnWise = true,
            UseCategoricalSplit = false,
            Booster = Booster(),
        });

    internal override IEstimator<ITransformer> Classification(MLContext context, int rows, int seed) =>
        context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
        {
            NumberOfIterations = Trees,
            NumberOfLeaves = Leaves,
            LearningRate = LearningRate,
            MinimumExampleCountPerLeaf = LeafRows(rows),
            NumberOfThreads = Threads,
            Seed = seed,
            Deterministic = true,
            ForceColumnWise = true,
            UseCategoricalSplit = false,
            Booster = Booster(),
            // The logistic loss itself; ML.NET's default of one half only slows learning.
            Sigmoid = 1,
        });

    private int LeafRows(int rows) => RowsPerLeaf ?? Math.Clamp(rows / 20, 2, 20);

    private GradientBooster.Options Booster() => new()
    {
        SubsampleFraction = RowShare,
        SubsampleFrequency = RowShare < 1 ? 1 : 0,
        FeatureFraction = FeatureShare,
        MinimumChildWeight = 1e-3,
    };
}

using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace Ueq.MLNet;

/// <summary>A random forest: the mean of trees on random shares of rows and features (Breiman 2001).</summary>
/// <remarks>
/// A class's probability is the mean share of the class in the leaves a row falls into: a forest fitted on its indicator, as in
/// Breiman's and scikit-learn's forests. It needs no calibrator, and so none that is fitted on the training rows.
/// A missing value counts as smaller than every number.
/// </remarks>
public sealed record FastForestOptions : MLNetOptions
{
    /// <summary>Number of trees, 1 to 100,000. Default: 100.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>Most leaves of a tree, 2 to 65,536. Default: 128.</summary>
    public int Leaves { get; init; } = 128;

    /// <summary>Fewest training rows in a leaf, 1 to 1,000,000. Default: <c>null</c>, a hundredth of the rows, at least 1, at most 5.</summary>
    public int? RowsPerLeaf { get; init; }

    /// <summary>Share of the rows each tree sees, drawn at random, above 0 up to 1. Default: 0.7.</summary>
    public double RowShare { get; init; } = 0.7;

    /// <summary>Share of the features each split may use, drawn at random, above 0 up to 1. Default: 0.5.</summary>
    public double FeatureShare { get; init; } = 0.5;

    /// <inheritdoc/>
    public override string Name => "fastforest";

    /// <inheritdoc/>
    public override bool AcceptsMissing => true;

    internal override OutputKind ClassOutput => OutputKind.Score;

    internal override float MissingAs => Missing.Smallest;

    internal override void Validate()
    {
        ValidateThreads();
        Inputs.CheckRange(nameof(Trees), Trees, 1, 100_000);
        Inputs.CheckRange(nameof(Leaves), Leaves, 2, 65_536);
        Inputs.CheckRange(nameof(RowsPerLeaf), RowsPerLeaf ?? 1, 1, 1_000_000);
        Inputs.CheckRange(nameof(RowShare), RowShare, double.Epsilon, 1);
        Inputs.CheckRange(nameof(FeatureShare), FeatureShare, double.Epsilon, 1);
    }

    internal override IEstimator<ITransformer> Regression(MLContext context, int rows, int seed) =>
        context.Regression.Trainers.FastForest(new FastForestRegressionTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = RowsPerLeaf ?? Math.Clamp(rows / 100, 1, 5),
            BaggingSize = RowShare < 1 ? 1 : 0,
            BaggingExampleFraction = RowShare,
            FeatureFraction = 1,
            FeatureFractionPerSplit = FeatureShare,
            NumberOfThreads = Threads,
            Seed = seed,
            FeatureSelectionSeed = seed,
            DiskTranspose = false,
            MemoryStatistics = false,
            // Samples for quantiles that are never asked for.
            NumberOfQuantileSamples = 1,
        });

    internal override IEstimator<ITransformer> Classification(MLContext context, int rows, int seed) => Regression(context, rows, seed);
}

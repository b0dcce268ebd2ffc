using Microsoft.ML;
using Microsoft.ML.Trainers.FastTree;

namespace Ueq.MLNet;

/// <summary>Gradient-boosted trees in ML.NET's own implementation (MART; Friedman 2001).</summary>
/// <remarks>A missing value counts as smaller than every number.</remarks>
public sealed record FastTreeOptions : MLNetOptions
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
    public override string Name => "fasttree";

    /// <inheritdoc/>
    public override bool AcceptsMissing => true;

    internal override OutputKind ClassOutput => OutputKind.Probability;

    internal override float MissingAs => Missing.Smallest;

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
        context.Regression.Trainers.FastTree(Set(new FastTreeRegressionTrainer.Options(), rows, seed));

    internal override IEstimator<ITransformer> Classification(MLContext context, int rows, int seed) =>
        context.BinaryClassification.Trainers.FastTree(Set(new FastTreeBinaryTrainer.Options(), rows, seed));

    private TOptions Set<TOptions>(TOptions options, int rows, int seed)
        where TOptions : BoostedTreeOptions
    {
        options.NumberOfTrees = Trees;
        options.NumberOfLeaves = Leaves;
        options.LearningRate = LearningRate;
        options.MinimumExampleCountPerLeaf = RowsPerLeaf ?? Math.Clamp(rows / 20, 2, 20);
        options.BaggingSize = RowShare < 1 ? 1 : 0;
        options.BaggingExampleFraction = RowShare;
        options.FeatureFraction = FeatureShare;
        options.NumberOfThreads = Threads;
        options.Seed = seed;
        options.FeatureSelectionSeed = seed;
        options.DiskTranspose = false;
        options.MemoryStatistics = false;
        return options;
    }
}

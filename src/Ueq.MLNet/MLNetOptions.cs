using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>A kind of ML.NET model and its settings: LightGBM, FastTree, FastForest or linear.</summary>
public abstract record MLNetOptions
{
    private protected MLNetOptions()
    {
    }

    /// <summary>Name of the kind at the edges: lightgbm, fasttree, fastforest, linear.</summary>
    public abstract string Name { get; }

    /// <summary>Whether models of this kind accept NaN as a missing value.</summary>
    public abstract bool AcceptsMissing { get; }

    /// <summary>Number of threads a fit may use, 1 to 256. Default: 1; the model does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How the classes of this kind are fitted.</summary>
    internal abstract OutputKind ClassOutput { get; }

    /// <summary>What stands for NaN in front of the model; NaN itself where it knows what to do.</summary>
    internal virtual float MissingAs => float.NaN;

    /// <summary>Checks every value against its range.</summary>
    internal abstract void Validate();

    /// <summary>An estimator over numeric labels.</summary>
    internal abstract IEstimator<ITransformer> Regression(MLContext context, int rows, int seed);

    /// <summary>An estimator of one class against the others, or of all at once, as <see cref="ClassOutput"/> says.</summary>
    internal abstract IEstimator<ITransformer> Classification(MLContext context, int rows, int seed);

    private protected void ValidateThreads() => Inputs.CheckRange(nameof(Threads), Threads, 1, 256);
}

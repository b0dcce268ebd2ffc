using Ueq.Ensembles;

namespace Ueq.Cli.Fitting;

/// <summary>A fitted and calibrated model, of whichever task; exactly one of the two is there.</summary>
/// <param name="Regressor">The model, when it is a regression.</param>
/// <param name="Classifier">The model, when it is a classification.</param>
/// <param name="Seconds">Time the fit took.</param>
internal sealed record Trained(IIntervalPredictor? Regressor, ILabelSetPredictor? Classifier, double Seconds)
{
    /// <summary>The rows that calibrated and did not train, by their places; <c>null</c> where every row did both.</summary>
    public int[]? Calibrating { get; init; }
}

/// <summary>What can be set about a fit besides model and method.</summary>
internal sealed record FitSettings
{
    public ulong Seed { get; init; }

    /// <summary>Share of the rows that calibrates in split methods.</summary>
    public double CalibrationShare { get; init; } = 0.25;

    /// <summary>Score of split regression: absolute, normalised or cqr; <c>null</c> for what the model allows.</summary>
    public string? Score { get; init; }

    /// <summary>Number of members of a bootstrap or a deep ensemble; <c>null</c> for the method's own.</summary>
    public int? Members { get; init; }

    /// <summary>How the answers of an ensemble's members become one; <c>null</c>: weighted if there are weights.</summary>
    public Aggregation? Aggregation { get; init; }

    /// <summary>Weights of an ensemble's members in the order of the models; <c>null</c> for none.</summary>
    public double[]? Weights { get; init; }

    /// <summary>What is answered where a label set would be empty.</summary>
    public Conformal.EmptySets Empty { get; init; }

    /// <summary>The models that come from files, by the file.</summary>
    public IReadOnlyDictionary<string, FittedModel> Files { get; init; } = new Dictionary<string, FittedModel>();
}

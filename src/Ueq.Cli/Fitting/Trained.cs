namespace Ueq.Cli.Fitting;

/// <summary>A fitted and calibrated model, of whichever task; exactly one of the two is there.</summary>
/// <param name="Regressor">The model, when it is a regression.</param>
/// <param name="Classifier">The model, when it is a classification.</param>
/// <param name="Seconds">Time the fit took.</param>
internal sealed record Trained(IIntervalPredictor? Regressor, ILabelSetPredictor? Classifier, double Seconds);

/// <summary>What can be set about a fit besides model and method.</summary>
internal sealed record FitSettings
{
    public ulong Seed { get; init; }

    /// <summary>Share of the rows that calibrates in split methods.</summary>
    public double CalibrationShare { get; init; } = 0.25;

    /// <summary>Score of split regression: absolute or normalised.</summary>
    public string Score { get; init; } = "absolute";

    /// <summary>Number of members of a bootstrap.</summary>
    public int Members { get; init; } = 50;

    /// <summary>What is answered where a label set would be empty.</summary>
    public Conformal.EmptySets Empty { get; init; }
}

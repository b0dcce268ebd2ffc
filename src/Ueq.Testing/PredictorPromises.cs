namespace Ueq.Testing;

/// <summary>Whether a row's answer depends on the rows around it.</summary>
public enum RowDependence
{
    /// <summary>A row is answered the same wherever it stands and whoever stands beside it.</summary>
    None,

    /// <summary>A row's answer may depend on its place in the batch, as where every place has random masks of its own.</summary>
    Place,

    /// <summary>Every call draws random numbers of its own, so that no two answers need be the same: no law compares them.</summary>
    Draws,
}

/// <summary>How exactly a predictor promises to keep the laws: by default to the last bit.</summary>
public sealed record PredictorPromises
{
    /// <summary>How far answers to the same row may differ between batches, as a share of the largest answer: 0 to 0.01. Default: 0.</summary>
    /// <remarks>Products of matrices in single precision add up in another order when the number of rows differs: about 1e-5.</remarks>
    public double Rounding { get; init; }

    /// <summary>How far the probabilities of a row may be from the sum 1: 0 to 0.01. Default: 1e-5.</summary>
    public double ProbabilityRounding { get; init; } = 1e-5;

    /// <summary>Whether a row's answer depends on the rows around it. Default: it does not.</summary>
    public RowDependence Rows { get; init; } = RowDependence.None;

    /// <summary>Threads that ask at the same time, 2 to 64. Default: 4.</summary>
    public int Threads { get; init; } = 4;

    internal void Validate()
    {
        Throw.IfOutside(nameof(Rounding), Rounding, 0, 0.01);
        Throw.IfOutside(nameof(ProbabilityRounding), ProbabilityRounding, 0, 0.01);
        Throw.IfOutside(nameof(Threads), Threads, 2, 64);
    }
}

namespace Ueq.Torch;

/// <summary>How many networks a deep ensemble has and how each is fitted.</summary>
public sealed record DeepEnsembleOptions
{
    /// <summary>Number of networks, 2 to 1,000. Default: 5.</summary>
    public int Members { get; init; } = 5;

    /// <summary>Number of networks fitted at once, 1 to 256. Default: 1; the ensemble does not depend on it.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>How each network is fitted.</summary>
    public TorchFitOptions Fit { get; init; } = new();

    internal void Validate()
    {
        Inputs.CheckRange(nameof(Members), Members, 2, 1000);
        Inputs.CheckRange(nameof(Threads), Threads, 1, 256);
        ArgumentNullException.ThrowIfNull(Fit);
        Fit.Validate();
    }
}

namespace Ueq.Ensembles;

/// <summary>How a bootstrap ensemble is fitted.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Number of members, 2 to 4,096: models that are fitted, each on its own resample. Default: 50.</summary>
    public int Members { get; init; } = 50;

    /// <summary>How many members are fitted at a time, 1 or more. Does not change the answer. Default: the number of processors.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;
}

namespace Ueq.Ensembles;

/// <summary>How models are cross-fitted: each is fitted without one fold of the rows and judged on that fold.</summary>
public sealed record CrossFittedOptions
{
    /// <summary>Number of folds, 2 to 1,000, at most half the number of rows: models that are fitted for each trainer. Default: 10.</summary>
    public int Folds { get; init; } = 10;

    /// <summary>How many models are fitted at a time, 1 or more. Does not change the answer. Default: the number of processors.</summary>
    public int Parallelism { get; init; } = Environment.ProcessorCount;

    internal void Validate(string parameter)
    {
        if (Folds is < 2 or > 1000) Throw.OutOfRange(parameter, Folds, "2 to 1000 folds");
        if (Parallelism < 1) Throw.OutOfRange(parameter, Parallelism, "a parallelism of 1 or more");
    }
}

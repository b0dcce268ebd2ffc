namespace Ueq.Cli.Fitting;

/// <summary>The names of methods at the edge: those of the guide, and those of the field.</summary>
internal static class MethodNames
{
    public const string Auto = "auto";
    public const string Split = "split";
    public const string Bootstrap = "bootstrap";
    public const string BootstrapMean = "bootstrap_mean";
    public const string AfterBootstrap = "jackknife+ab";
    public const string BayesianLinear = "bayesian_linear";
    public const string Conformal = "conformal";

    /// <summary>Methods whose intervals are made for new targets, and so can be fitted and served.</summary>
    public static readonly string[] Served = [Auto, Split, Bootstrap, AfterBootstrap, BayesianLinear, Conformal];

    /// <summary>What can be evaluated: also the interval of the mean, to see how little of the targets it covers.</summary>
    public static readonly string[] Evaluated = [.. Served, BootstrapMean];
}

/// <summary>The names of models at the edge.</summary>
internal static class ModelNames
{
    public const string None = "none";
    public const string Linear = "linear";
    public static readonly string[] All = ["lightgbm", "fasttree", "fastforest", Linear, None];
}

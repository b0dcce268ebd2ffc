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
    public const string DeepEnsemble = "deep_ensemble";
    public const string McDropout = "mc_dropout";
    public const string CrossEnsemble = "cross_ensemble";

    /// <summary>Methods whose intervals are made for new targets, and so can be fitted and served.</summary>
    public static readonly string[] Served = [Auto, Split, Bootstrap, AfterBootstrap, BayesianLinear, Conformal, DeepEnsemble, McDropout, CrossEnsemble];

    /// <summary>What can be evaluated: also the interval of the mean, to see how little of the targets it covers.</summary>
    public static readonly string[] Evaluated = [.. Served, BootstrapMean];
}

/// <summary>The names of models at the edge.</summary>
internal static class ModelNames
{
    public const string None = "none";
    public const string Linear = "linear";
    public const string Mlp = "mlp";
    public const string LightGbm = "lightgbm";
    public static readonly string[] All = [LightGbm, "fasttree", "fastforest", Linear, Mlp, None];

    /// <summary>Whether a model is a file that is fitted already, not the name of one to fit.</summary>
    public static bool IsFile(string model) => !All.Contains(model);

    /// <summary>What reports call a model: the file's name without its directory, several with commas between.</summary>
    public static string Shown(string model) =>
        string.Join(',', model.Split(',').Select(one => IsFile(one) ? Path.GetFileName(one) : one));
}

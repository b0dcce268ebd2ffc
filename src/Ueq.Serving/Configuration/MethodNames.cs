namespace Ueq.Serving.Configuration;

/// <summary>The guide's names of methods beside ours.</summary>
internal static class MethodNames
{
    private static readonly string[] Known =
    [
        "auto", "split", "conformal", "jackknife+ab", "bootstrap", "bayesian_linear", "mc_dropout", "deep_ensemble", "cross_ensemble",
    ];

    public static string Read(ConfigValue value) => value.Text is { } name && Known.Contains(name)
        ? name
        : throw value.Bad($"one of {string.Join(", ", Known)}");

    /// <summary>Whether a configured name can mean the method that a model was made with.</summary>
    public static bool Agree(string configured, string made) => configured switch
    {
        "auto" => true,
        "conformal" or "split" => made is "conformal" or "split",
        "bootstrap" or "jackknife+ab" => made is "bootstrap" or "jackknife+ab",
        _ => configured == made,
    };
}

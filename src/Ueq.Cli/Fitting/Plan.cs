using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Which model and method are fitted for which task, with "auto" resolved and impossible pairs refused.</summary>
internal sealed record Plan(ModelTask Task, string Model, string Method)
{
    /// <summary>The plan for names as they were given.</summary>
    /// <exception cref="UsageException">The names do not go together.</exception>
    public static Plan Resolve(ModelTask task, string? model, string method)
    {
        if (task == ModelTask.Classification)
        {
            if (method is not (MethodNames.Auto or MethodNames.Conformal))
                throw new UsageException($"The method '{method}' is for regression and the target holds classes: use --method conformal, or --task regression if it is a quantity.");
            return new Plan(task, Needed(model, "the target holds classes, and label sets need"), MethodNames.Conformal);
        }

        if (method == MethodNames.Auto) method = model == ModelNames.None ? MethodNames.BayesianLinear : MethodNames.AfterBootstrap;
        if (method != MethodNames.BayesianLinear) return new Plan(task, Needed(model, $"the method '{method}' needs"), method);
        if (model is null or ModelNames.None) return new Plan(task, ModelNames.None, method);
        throw new UsageException($"The method '{method}' is itself the model: use --model none with it, or another method with '{model}'.");
    }

    /// <summary>Whether the plan needs a bootstrap ensemble of its model.</summary>
    public bool IsBootstrap => Method is MethodNames.AfterBootstrap or MethodNames.Bootstrap or MethodNames.BootstrapMean;

    private static string Needed(string? model, string what) => model switch
    {
        null => "lightgbm",
        ModelNames.None => throw new UsageException($"--model none goes with --method bayesian_linear only; {what} one of {string.Join(", ", ModelNames.All[..^1])}."),
        _ => model,
    };
}

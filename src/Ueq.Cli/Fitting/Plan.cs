using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>Which model and method are fitted for which task, with "auto" resolved and impossible pairs refused.</summary>
/// <param name="Task">What the target is.</param>
/// <param name="Model">A name or a file; several with commas between for a cross-framework ensemble.</param>
/// <param name="Method">The method's name.</param>
internal sealed record Plan(ModelTask Task, string Model, string Method)
{
    /// <summary>The plan for names as they were given.</summary>
    /// <exception cref="UsageException">The names do not go together.</exception>
    public static Plan Resolve(ModelTask task, string? model, string method)
    {
        if (model?.Contains(',') == true) return Ensemble(task, model, method);
        if (method == MethodNames.CrossEnsemble)
            throw new UsageException($"The method '{method}' joins several models: name them with commas between, such as --model lightgbm,linear.");
        if (model is not null && ModelNames.IsFile(model)) return OfFile(task, model, method);
        if (task == ModelTask.Classification)
        {
            if (method is not (MethodNames.Auto or MethodNames.Conformal))
                throw new UsageException($"The method '{method}' is for regression and the target holds classes: use --method conformal, or --task regression if it is a quantity.");
            if (model == ModelNames.Mlp) throw new UsageException("--model mlp is for regression and the target holds classes: use one of lightgbm, fasttree, fastforest, linear.");
            return new Plan(task, Needed(model, "the target holds classes, and label sets need"), MethodNames.Conformal);
        }

        if (method is MethodNames.DeepEnsemble or MethodNames.McDropout || model == ModelNames.Mlp) return Network(task, model, method);
        if (method == MethodNames.Auto) method = model == ModelNames.None ? MethodNames.BayesianLinear : MethodNames.AfterBootstrap;
        if (method != MethodNames.BayesianLinear) return new Plan(task, Needed(model, $"the method '{method}' needs"), method);
        if (model is null or ModelNames.None) return new Plan(task, ModelNames.None, method);
        throw new UsageException($"The method '{method}' is itself the model: use --model none with it, or another method with '{model}'.");
    }

    /// <summary>Whether the plan needs a bootstrap ensemble of its model.</summary>
    public bool IsBootstrap => Method is MethodNames.AfterBootstrap or MethodNames.Bootstrap or MethodNames.BootstrapMean;

    /// <summary>The names or files: one, or those of an ensemble.</summary>
    public string[] Models => Model.Split(',');

    /// <summary>Whether nothing is fitted: every model is a file, and all rows calibrate.</summary>
    public bool IsFitted => Array.TrueForAll(Models, ModelNames.IsFile);

    private static Plan Ensemble(ModelTask task, string models, string method)
    {
        if (method is not (MethodNames.Auto or MethodNames.CrossEnsemble))
            throw new UsageException($"Several models make one answer by --method {MethodNames.CrossEnsemble}; got '{method}' with {models}.");
        string[] names = models.Split(',');
        if (names.FirstOrDefault(name => name is ModelNames.None or ModelNames.Mlp) is { } odd)
            throw new UsageException($"--model {odd} cannot be a member of a {MethodNames.CrossEnsemble}: use lightgbm, fasttree, fastforest, linear or files.");
        return names.Distinct().Count() == names.Length
            ? new Plan(task, models, MethodNames.CrossEnsemble)
            : throw new UsageException($"--model: expected models that differ, got {models}.");
    }

    private static Plan OfFile(ModelTask task, string file, string method)
    {
        string calibrated = task == ModelTask.Classification ? MethodNames.Conformal : MethodNames.Split;
        if (task == ModelTask.Regression && method == MethodNames.McDropout) return new Plan(task, file, method);
        return method is MethodNames.Auto or MethodNames.Split or MethodNames.Conformal
            ? new Plan(task, file, calibrated)
            : throw new UsageException($"{file} is fitted already and can only be calibrated: use --method {calibrated} with it, got '{method}'.");
    }

    private static Plan Network(ModelTask task, string? model, string method)
    {
        if (model is not (null or ModelNames.Mlp))
            throw new UsageException($"The method '{method}' fits networks: use --model mlp with it, got '{model}'.");
        return method is MethodNames.Auto or MethodNames.DeepEnsemble or MethodNames.McDropout
            ? new Plan(task, ModelNames.Mlp, method == MethodNames.Auto ? MethodNames.DeepEnsemble : method)
            : throw new UsageException($"--model mlp goes with --method deep_ensemble or mc_dropout; got '{method}'.");
    }

    private static string Needed(string? model, string what) => model switch
    {
        null => ModelNames.LightGbm,
        ModelNames.None => throw new UsageException($"--model none goes with --method bayesian_linear only; {what} one of {string.Join(", ", ModelNames.All[..^2])}."),
        _ => model,
    };
}

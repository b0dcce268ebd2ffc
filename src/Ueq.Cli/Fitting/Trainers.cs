using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.MLNet;

namespace Ueq.Cli.Fitting;

/// <summary>The trainers and fitted models behind the names and files of a plan.</summary>
internal static class Trainers
{
    /// <summary>What a method of regression fits before it calibrates.</summary>
    public static ITrainer<IBandPredictor> Bands(Plan plan, FitSettings settings)
    {
        if (plan.Method == MethodNames.CrossEnsemble)
            return new AbsoluteTrainer(new CrossEnsembleTrainer(Members(plan, settings, model => Points(model, settings)), settings.Aggregation));
        if (plan.Model == ModelNames.Mlp) return Networks.Trainer(plan.Method, settings);
        ITrainer<IPointPredictor> trainer = Points(plan.Model, settings);
        return settings.Score switch
        {
            "normalised" => new NormalisedTrainer(trainer),
            "cqr" => throw new UsageException("--score cqr is for a file that answers with two quantiles; the models that are fitted here answer with one number."),
            _ => new AbsoluteTrainer(trainer),
        };
    }

    /// <summary>What a method of classification fits before it calibrates.</summary>
    public static ITrainer<IClassPredictor> Classes(Plan plan, int classes, FitSettings settings) => plan.Method == MethodNames.CrossEnsemble
        ? new CrossClassEnsembleTrainer(Members(plan, settings, model => Classes(model, classes, settings)), settings.Aggregation)
        : Classes(plan.Model, classes, settings);

    /// <summary>Files that are fitted already, as bands to calibrate.</summary>
    public static IBandPredictor FittedBands(Plan plan, FitSettings settings) => plan.Method == MethodNames.CrossEnsemble
        ? new PointBands(new CrossEnsemble(Members(plan, settings, model => Point(model, settings)), settings.Aggregation))
        : settings.Files[plan.Model].Bands!;

    /// <summary>Files that are fitted already, as a classifier to calibrate.</summary>
    public static IClassPredictor FittedClasses(Plan plan, FitSettings settings) => plan.Method == MethodNames.CrossEnsemble
        ? new CrossClassEnsemble(Members(plan, settings, model => settings.Files[model].Classes!), settings.Aggregation)
        : settings.Files[plan.Model].Classes!;

    public static ITrainer<IPointPredictor> Points(string model, FitSettings settings) =>
        ModelNames.IsFile(model) ? new FixedTrainer<IPointPredictor>(Point(model, settings))
        : model == ModelNames.Linear ? new LinearTrainer()
        : MLNetTrainers.Regression(model);

    private static ITrainer<IClassPredictor> Classes(string model, int classes, FitSettings settings) =>
        ModelNames.IsFile(model) ? new FixedTrainer<IClassPredictor>(settings.Files[model].Classes!) : MLNetTrainers.Classification(model, classes);

    private static IPointPredictor Point(string file, FitSettings settings) => settings.Files[file].Point
        ?? throw new UsageException($"{file} answers with two numbers a row and cannot be a member of a {MethodNames.CrossEnsemble}.");

    private static EnsembleMember<TModel>[] Members<TModel>(Plan plan, FitSettings settings, Func<string, TModel> model)
        where TModel : class
    {
        string[] names = plan.Models;
        if (settings.Weights is { } weights && weights.Length != names.Length)
            throw new UsageException($"--weights: expected {names.Length} numbers, one a model, got {weights.Length}.");
        // Files of one name in two directories are told apart by their paths.
        string[] shown = [.. names.Select(ModelNames.Shown)];
        if (shown.Distinct().Count() < shown.Length) shown = names;
        return [.. names.Select((name, i) => new EnsembleMember<TModel>(shown[i], model(name)) { Weight = settings.Weights?[i] })];
    }
}

using System.CommandLine;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq evaluate</c>: how often intervals and sets contain the truth on rows the fit has not seen, and how large they are.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> data = SharedOptions.Data().AsNeeded(), target = SharedOptions.Target(), task = SharedOptions.Task();
        Option<string[]> model = new Option<string[]>("--model")
        {
            Description = $"Models, separated by commas: {string.Join(", ", ModelNames.All)}, or fitted ones: FILE.onnx, FILE.zip (ML.NET), FILE.pt (TorchScript).",
            HelpName = "NAMES|FILES",
            DefaultValueFactory = _ => [ModelNames.LightGbm],
        }.AsModels();
        Option<string?> calibration = SharedOptions.Calibration();
        Option<string[]> method = List("--method", "Methods, separated by commas. bootstrap_mean is the interval of the mean, not of the target.", MethodNames.Evaluated, MethodNames.Auto);
        Option<double> coverage = SharedOptions.CoverageLevel();
        Option<double?> testShare = new("--test-share") { Description = "Share of the rows that tests. [default: 0.25]" };
        testShare.CustomParser = result => Values.Share(result, testShare.Name);
        Option<string?> trainRows = new Option<string?>("--train-rows") { Description = "File of rows that train: one split a line, 0-based indices.", HelpName = "FILE" }.IsFile();
        Option<string?> testRows = new Option<string?>("--test-rows") { Description = "File of rows that test, line by line with --train-rows.", HelpName = "FILE" }.IsFile();
        Option<string?> split = new("--split") { Description = "Line of the rows files, from 0, or all for their mean. [default: 0]", HelpName = "K" };
        Option<int> repeats = new Option<int>("--repeats") { Description = "Random divisions to average over.", DefaultValueFactory = _ => 1 }.From(1, 10_000);
        Option<bool> json = SharedOptions.AsJson();
        FitOptions fitting = new();
        TableOptions table = new();
        Command command = new("evaluate", "Measure coverage and size on rows the fit has not seen.")
        {
            data, target, model, calibration, method, coverage, testShare, trainRows, testRows, split, repeats, task,
        };
        fitting.AddTo(command);
        table.AddTo(command);
        command.Options.Add(json);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            FitSettings settings = fitting.Read(call);
            DivisionChoice choice = new(call.GetValue(testShare), call.GetValue(trainRows), call.GetValue(testRows), call.GetValue(split), call.GetValue(repeats));
            string? unseen = call.GetValue(calibration);
            choice.Check(unseen is not null);
            string[] methods = call.GetValue(method)!, models = [.. call.GetValue(model)!.Distinct()];
            string tested = call.GetValue(data)!;
            TableChoice tables = new(unseen is null ? tested : null, unseen, call.GetValue(target)!, call.GetValue(task)!, table.Read(call));
            (Dataset rows, settings) = Steps.Run(terminal, "Reading", 1, _ => tables.Read(models, methods, settings));
            IReadOnlyList<Plan> plans = Plans(TaskChoice.TaskOf(rows), models, methods, call.GetResult(model) is { Implicit: false });
            Coverage level = new(call.GetValue(coverage));
            if (unseen is null && plans.FirstOrDefault(plan => plan.Models.Any(ModelNames.IsFile)) is { } fitted)
                terminal.Say($"{ModelNames.Shown(fitted.Models.First(ModelNames.IsFile))} is fitted already: it must not have seen the rows of {tested}, of which a part calibrates it.");
            int classes = rows.Classes?.Count ?? 0;
            // Made one at a time: each holds a copy of its rows.
            IReadOnlyList<Func<Evaluation>> evaluations = unseen is null
                ? [.. choice.Divide(rows.X.Rows, settings.Seed).Select<Division, Func<Evaluation>>(part =>
                    () => new Evaluation(Labelled.Of(rows, part.Train), Labelled.Of(rows, part.Test), classes, level, settings))]
                : [() => new Evaluation(Labelled.Of(rows), Labelled.Of(tables.ReadLike(rows, tested)), classes, level, settings)];
            IReadOnlyList<EvaluationRow>[] results = Steps.Run(terminal, "Evaluating", plans.Count * evaluations.Count,
                progress => RunAll(plans, evaluations, progress, cancellation));
            IReadOnlyList<EvaluationSummary> summaries = [.. results.Select(EvaluationSummary.Of)];
            if (call.GetValue(json)) EvaluationReport.PrintJson(terminal, summaries, level);
            else EvaluationReport.PrintTable(terminal, summaries, level);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static IReadOnlyList<EvaluationRow>[] RunAll(
        IReadOnlyList<Plan> plans, IReadOnlyList<Func<Evaluation>> evaluations, IProgress<double> progress, CancellationToken cancellation)
    {
        List<EvaluationRow>[] results = [.. plans.Select(_ => new List<EvaluationRow>())];
        int done = 0;
        foreach (Func<Evaluation> next in evaluations)
        {
            Evaluation evaluation = next();
            for (int p = 0; p < plans.Count; p++)
            {
                results[p].Add(evaluation.Run(plans[p], new Part(progress, done), cancellation));
                progress.Report(++done);
            }
        }

        return results;
    }

    /// <summary>Every model with every method, each once; pairs that cannot be are left out unless nothing remains.</summary>
    private static List<Plan> Plans(ModelTask task, string[] models, string[] methods, bool modelsGiven)
    {
        List<Plan> plans = [];
        UsageException? refused = null;
        foreach (string method in methods)
        {
            // bayesian_linear is its own model: it stands once in the table, whatever models stand beside it.
            string?[] chosen = method == MethodNames.BayesianLinear ? [ModelNames.None] : modelsGiven ? models : new string?[] { null };
            if (method == MethodNames.Auto && !modelsGiven) chosen = models;
            if (method == MethodNames.CrossEnsemble) chosen = [string.Join(',', models)];
            foreach (string? model in chosen)
            {
                try
                {
                    Plan plan = Plan.Resolve(task, model, method);
                    if (!plans.Contains(plan)) plans.Add(plan);
                }
                catch (UsageException error)
                {
                    refused ??= error;
                }
            }
        }

        return plans.Count > 0 ? [.. plans.OrderBy(plan => Array.IndexOf(models, plan.Model))] : throw refused!;
    }

    private static Option<string[]> List(string name, string description, string[] known, string standard)
    {
        Option<string[]> option = new(name) { Description = $"{description} One of {string.Join(", ", known)}.", HelpName = "NAMES" };
        option.CustomParser = result =>
        {
            string[] names = [.. result.Tokens.SelectMany(token => token.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct()];
            foreach (string wrong in names.Except(known)) result.AddError(Values.NotAmong(name, wrong, known));
            if (names.Length == 0) result.AddError($"{name}: expected one or more of {string.Join(", ", known)}.");
            return names;
        };
        option.DefaultValueFactory = _ => [standard];
        return option;
    }

    private sealed class Part(IProgress<double> whole, int done) : IProgress<double>
    {
        public void Report(double value) => whole.Report(done + value);
    }
}

/// <summary>How the caller asked for rows to be divided.</summary>
internal sealed record DivisionChoice(double? TestShare, string? TrainRows, string? TestRows, string? Split, int Repeats)
{
    private const double StandardShare = 0.25;

    public void Check(bool calibrated)
    {
        if (calibrated && (TestShare is not null || TrainRows is not null || Repeats > 1))
            throw new UsageException("With --calibration all rows of --data test: leave --test-share, --train-rows, --test-rows and --repeats out.");
        if ((TrainRows is null) != (TestRows is null)) throw new UsageException("--train-rows and --test-rows go together: give both, or neither.");
        if (TrainRows is null && Split is not null) throw new UsageException("--split chooses a line of --train-rows and --test-rows: give them too.");
        if (TrainRows is not null && TestShare is not null) throw new UsageException("--test-share divides at random, --train-rows from a file: give one of them.");
        if (TrainRows is not null && Repeats > 1) throw new UsageException("--repeats is for random divisions; with rows files use --split all.");
    }

    public IReadOnlyList<Division> Divide(int rows, ulong seed) => TrainRows is null
        ? Division.Random(rows, TestShare ?? StandardShare, seed, Repeats)
        : Division.FromFiles(TrainRows, TestRows!, Split ?? "0", rows);
}

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
        Option<string> data = SharedOptions.Data(), target = SharedOptions.Target(), task = SharedOptions.Task();
        Option<string[]> model = List("--model", "Models, separated by commas.", ModelNames.All, "lightgbm");
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
            data, target, model, method, coverage, testShare, trainRows, testRows, split, repeats, task,
        };
        fitting.AddTo(command);
        table.AddTo(command);
        command.Options.Add(json);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            FitSettings settings = fitting.Read(call);
            DivisionChoice choice = new(call.GetValue(testShare), call.GetValue(trainRows), call.GetValue(testRows), call.GetValue(split), call.GetValue(repeats));
            choice.Check();
            string[] methods = call.GetValue(method)!;
            Dataset rows = Steps.Run(terminal, "Reading", 1, _ => TaskChoice.Read(call.GetValue(data)!, call.GetValue(target)!, call.GetValue(task)!, methods, table.Read(call)));
            IReadOnlyList<Plan> plans = Plans(TaskChoice.TaskOf(rows), call.GetValue(model)!, methods, call.GetResult(model) is { Implicit: false });
            IReadOnlyList<Division> divisions = choice.Divide(rows.X.Rows, settings.Seed);
            Coverage level = new(call.GetValue(coverage));
            IReadOnlyList<EvaluationRow>[] results = Steps.Run(terminal, "Evaluating", plans.Count * divisions.Count,
                progress => RunAll(plans, divisions, rows, level, settings, progress, cancellation));
            IReadOnlyList<EvaluationSummary> summaries = [.. results.Select(EvaluationSummary.Of)];
            if (call.GetValue(json)) EvaluationReport.PrintJson(terminal, summaries, level);
            else EvaluationReport.PrintTable(terminal, summaries, level);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static IReadOnlyList<EvaluationRow>[] RunAll(
        IReadOnlyList<Plan> plans, IReadOnlyList<Division> divisions, Dataset rows, Coverage level, FitSettings settings,
        IProgress<double> progress, CancellationToken cancellation)
    {
        List<EvaluationRow>[] results = [.. plans.Select(_ => new List<EvaluationRow>())];
        int done = 0;
        foreach (Division division in divisions)
        {
            Evaluation evaluation = new(rows, division, level, settings);
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

    public void Check()
    {
        if ((TrainRows is null) != (TestRows is null)) throw new UsageException("--train-rows and --test-rows go together: give both, or neither.");
        if (TrainRows is null && Split is not null) throw new UsageException("--split chooses a line of --train-rows and --test-rows: give them too.");
        if (TrainRows is not null && TestShare is not null) throw new UsageException("--test-share divides at random, --train-rows from a file: give one of them.");
        if (TrainRows is not null && Repeats > 1) throw new UsageException("--repeats is for random divisions; with rows files use --split all.");
    }

    public IReadOnlyList<Division> Divide(int rows, ulong seed) => TrainRows is null
        ? Division.Random(rows, TestShare ?? StandardShare, seed, Repeats)
        : Division.FromFiles(TrainRows, TestRows!, Split ?? "0", rows);
}

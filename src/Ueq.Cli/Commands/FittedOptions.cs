using System.CommandLine;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary>The options of a subcommand that takes models from files and calibrates them on the way.</summary>
internal sealed class FittedOptions
{
    private readonly Option<string[]> _model = new Option<string[]>("--model")
    {
        Description = "A fitted model: FILE.onnx, FILE.zip (ML.NET), FILE.pt (TorchScript); several with commas make a cross_ensemble.",
        HelpName = "FILE",
    }.AsModels();

    private readonly Option<string?> _calibration = SharedOptions.Calibration();
    private readonly Option<string?> _target = new("--target") { Description = "Name of the column of --calibration that --model predicts.", HelpName = "COLUMN" };
    private readonly Option<string> _task = SharedOptions.Task();
    private readonly Option<string> _method = new Option<string>("--method") { Description = "Where the intervals of --model come from.", DefaultValueFactory = _ => MethodNames.Auto }.Among(MethodNames.Served);
    private readonly FitOptions _fitting = new();
    private readonly TableOptions _table = new();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_model, _calibration, _target, _task, _method]) command.Options.Add(option);
        _fitting.AddTo(command);
        _table.AddTo(command);
    }

    public bool IsGiven(ParseResult call) => call.GetValue(_model) is { Length: > 0 };

    public ModelVersion Calibrate(ParseResult call, Terminal terminal, CancellationToken cancellation)
    {
        string[] models = call.GetValue(_model)!;
        if (models.FirstOrDefault(model => !ModelNames.IsFile(model)) is { } name)
            throw new UsageException($"--model: expected a file .onnx, .zip (ML.NET) or .pt (TorchScript) to serve, got '{name}'; ueq fit fits one.");
        string joined = string.Join(',', models);
        string target = call.GetValue(_target) ?? throw new UsageException("--target COLUMN is needed with --model: the column of --calibration that it predicts.");
        TableChoice tables = new(null, call.GetValue(_calibration), target, call.GetValue(_task)!, _table.Read(call));
        FitSettings settings = _fitting.Read(call);
        (Dataset rows, settings) = Steps.Run(terminal, "Reading", 1, _ => tables.Read([joined], [call.GetValue(_method)!], settings));
        Plan plan = Plan.Resolve(TaskChoice.TaskOf(rows), joined, call.GetValue(_method)!);
        return Steps.Run(terminal, $"Calibrating {ModelNames.Shown(joined)}", 1, progress => Publishing.FitInPassing(plan, rows, settings, progress, cancellation));
    }
}

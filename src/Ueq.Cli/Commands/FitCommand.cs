using System.CommandLine;
using System.Text.Json.Nodes;
using Ueq.Cli.Fitting;
using Ueq.Cli.Output;
using Ueq.Data;
using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq fit</c>: fits and calibrates a model and writes it as a version.</summary>
internal static class FitCommand
{
    public static Command Create(Terminal terminal)
    {
        Option<string> data = SharedOptions.Data(), target = SharedOptions.Target(), task = SharedOptions.Task();
        Option<string[]> model = new Option<string[]>("--model")
        {
            Description = $"Model to fit: {string.Join(", ", ModelNames.All)}; or a fitted one: FILE.onnx, FILE.zip (ML.NET), FILE.pt (TorchScript). Several with commas make a cross_ensemble. [default: lightgbm, unless the method is its own model]",
            HelpName = "NAME|FILE",
        }.AsModels();
        Option<string?> calibration = SharedOptions.Calibration();
        Option<string> method = new Option<string>("--method") { Description = "Where the intervals come from.", DefaultValueFactory = _ => MethodNames.Auto }.Among(MethodNames.Served);
        Option<string?> output = new("--output") { Description = "Directory of the version; must be new, empty, or an earlier version.", HelpName = "DIR" };
        PublishOptions publishing = new();
        Option<string?> time = new("--time-column")
        {
            Description = "Column of times, which is no feature: the service then compares rows with those of their hour of the week.",
            HelpName = "COLUMN",
        };
        Option<bool> json = SharedOptions.AsJson();
        FitOptions fitting = new();
        TableOptions table = new();
        Command command = new("fit", "Fit a model, calibrate it and write it as a version.") { data, target, model, calibration, method, output, task, time };
        fitting.AddTo(command);
        table.AddTo(command);
        publishing.AddTo(command);
        publishing.RequireWithout(command, output);
        command.Options.Add(json);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            FitSettings settings = fitting.Read(call);
            using FitPlace place = FitPlace.Of(output.Name, call.GetValue(output), publishing.Open(call));
            string? models = call.GetValue(model) is { Length: > 0 } given ? string.Join(',', given) : null;
            TableChoice tables = new(call.GetValue(data), call.GetValue(calibration), call.GetValue(target)!, call.GetValue(task)!, table.Read(call) with { TimeColumn = call.GetValue(time) });
            (Dataset rows, settings) = Steps.Run(terminal, "Reading", 1, _ => tables.Read(models is null ? [] : [models], [call.GetValue(method)!], settings));
            Plan plan = Plan.Resolve(TaskChoice.TaskOf(rows), models, call.GetValue(method)!);
            Manifest manifest = Steps.Run(terminal, $"{(plan.IsFitted ? "Calibrating" : "Fitting")} {ModelNames.Shown(plan.Model)} with {plan.Method}", 1,
                progress => Publishing.FitAndPublish(plan, rows, settings, place.Directory, progress, cancellation));
            RegisteredVersion? version = publishing.Publish(call, place);
            Report(terminal, call.GetValue(output), version, manifest, rows, call.GetValue(json));
            return ExitCode.Success;
        }, cancellation));
        return command;
    }

    private static void Report(Terminal terminal, string? directory, RegisteredVersion? version, Manifest manifest, Dataset rows, bool json)
    {
        if (json)
        {
            JsonObject metrics = [];
            foreach ((string name, double value) in manifest.Metrics) metrics[name] = Json.Number(value);
            Json.Print(terminal, new JsonObject
            {
                ["output"] = directory,
                ["published"] = version is null ? null : ModelReference.Of(version.Model, version.Number).ToString(),
                ["task"] = Publishing.Name(manifest.Task),
                ["model"] = manifest.Model,
                ["method"] = manifest.Method,
                ["target"] = manifest.Target,
                ["rows"] = rows.X.Rows,
                ["features"] = rows.X.Columns,
                ["guarantee"] = new JsonObject
                {
                    ["kind"] = Publishing.Name(manifest.Guarantee.Kind),
                    ["nominal"] = manifest.Guarantee.Nominal,
                    ["rank"] = manifest.Guarantee.Rank,
                    ["n"] = manifest.Guarantee.Count,
                    ["proven"] = manifest.Guarantee.Proven,
                },
                ["metrics"] = metrics,
            });
            return;
        }

        string classes = manifest.Classes is { } names ? $", {names.Count} classes" : "";
        string called = version is null ? directory! : $"{version.Model}:{version.Number}";
        terminal.Output.WriteLine($"{called}: {Publishing.Name(manifest.Task)} of '{manifest.Target}' by {manifest.Model}, {manifest.Method}{classes}");
        terminal.Output.WriteLine($"  rows {rows.X.Rows}, features {rows.X.Columns}");
        terminal.Output.WriteLine($"  {Publishing.Promise(manifest.Guarantee)}");
        foreach ((string name, double value) in manifest.Metrics) terminal.Output.WriteLine(FormattableString.Invariant($"  {name} {value:0.####}"));
    }
}

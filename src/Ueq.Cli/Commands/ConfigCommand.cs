using System.CommandLine;
using System.Text.Json.Nodes;
using Ueq.Cli.Output;
using Ueq.Serving.Configuration;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq config</c>: what a configuration says, before a service is started with it.</summary>
internal static class ConfigCommand
{
    public static Command Create(Terminal terminal) => new("config", "Check a configuration, or show the settings in force and where they came from.") { Check(terminal), Show(terminal) };

    private static Command Check(Terminal terminal)
    {
        Argument<string> file = new("FILE") { Description = "The configuration, in YAML." };
        Command command = new("check", "Say what is wrong with a configuration, with file and line; exit code 2 if anything is.") { file };
        command.SetAction(call =>
        {
            string path = call.GetValue(file)!;
            ConfigSource source = new(path, [], []);
            IReadOnlyList<string> faults = Read(source.Check);
            foreach (string fault in faults) terminal.Fail(fault);
            if (faults.Count > 0) return ExitCode.CallIsWrong;
            ConfigReading reading = source.Read();
            foreach (string warning in reading.Warnings) terminal.Say($"warning: {warning}");
            int said = reading.Settings.Count(setting => setting.Origin != ConfigOrigin.Default);
            terminal.Output.WriteLine($"{path}: {said} {(said == 1 ? "setting" : "settings")}, nothing wrong{(reading.Warnings.Count > 0 ? $", {reading.Warnings.Count} to think about" : "")}");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command Show(Terminal terminal)
    {
        Option<string?> config = new Option<string?>("--config") { Description = "Settings in YAML; environment variables UEQ_… go over them.", HelpName = "FILE" }.IsFile();
        Option<bool> all = new("--all") { Description = "Also what nobody said, with its default." };
        Option<bool> json = new("--json") { Description = "As JSON." };
        Option<bool> yaml = new("--yaml") { Description = "What somebody said, as a file that --config reads as the same, without secrets." };
        Command command = new("show", "Show the settings that 'ueq serve' would use here, and where each came from; secrets are not shown.") { config, all, json, yaml };
        command.SetAction(call =>
        {
            if (call.GetValue(yaml) && (call.GetValue(json) || call.GetValue(all))) throw new UsageException("--yaml has a form and a choice of its own: leave --json and --all out.");
            ConfigReading reading = Read(() => Settings.Source(call.GetValue(config), []).Read());
            ConfigSetting[] settings = [.. reading.Settings.Where(setting => call.GetValue(all) || setting.Origin != ConfigOrigin.Default)];
            if (call.GetValue(yaml))
            {
                reading.WriteYaml(terminal.Output);
                return ExitCode.Success;
            }

            if (call.GetValue(json))
            {
                Json.Print(terminal, new JsonArray([.. settings.Select(s => new JsonObject
                {
                    ["name"] = s.Name, ["value"] = s.Value, ["origin"] = Origin(s.Origin), ["place"] = s.Place, ["effect"] = Effect(s.Effect),
                })]));
                return ExitCode.Success;
            }

            if (settings.Length == 0) terminal.Say("Nobody has set anything: every key has its default (--all shows them).");
            int names = settings.Select(s => s.Name.Length).DefaultIfEmpty().Max(), values = Math.Min(60, settings.Select(s => s.Value.Length).DefaultIfEmpty().Max());
            foreach (ConfigSetting s in settings)
                terminal.Output.WriteLine($"{s.Name.PadRight(names)}  {s.Value.PadRight(values)}  {(s.Origin == ConfigOrigin.Default ? "default" : s.Place)}{(s.Effect == ConfigEffect.Live ? " (live)" : "")}");
            foreach (string warning in reading.Warnings) terminal.Say($"warning: {warning}");
            return ExitCode.Success;
        });
        return command;
    }

    // A file that is wrong, a folder, or a file of another account: all are mistakes of the call.
    private static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException bad)
        {
            throw new UsageException(bad.Message);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new UsageException(denied.Message);
        }
    }

    private static string Origin(ConfigOrigin origin) => origin switch
    {
        ConfigOrigin.File => "file",
        ConfigOrigin.Environment => "environment",
        ConfigOrigin.CommandLine => "command_line",
        _ => "default",
    };

    private static string Effect(ConfigEffect effect) => effect == ConfigEffect.Live ? "live" : "restart";
}

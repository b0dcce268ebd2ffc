using System.CommandLine;
using Ueq.Cli.Output;
using Ueq.Registry;

namespace Ueq.Cli.Commands;

/// <summary><c>ueq models</c>: a registry of models for people at a shell.</summary>
internal static class ModelsCommand
{
    public static Command Create(Terminal terminal) => new("models", "List, publish, point to, verify and remove versions of models in a registry.")
    {
        List(terminal), Show(terminal), Publish(terminal), Alias(terminal), Rollback(terminal), Verify(terminal), Prune(terminal), Log(terminal),
    };

    private static Command List(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string?> name = RegistryCall.OptionalName("name", "The model. [default: all]");
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("list", "Versions and aliases, and who published them.") { name };
        return command.Does(registry.AddTo, json, call =>
        {
            ModelRegistry open = registry.Open(call);
            IReadOnlyList<RegisteredModel> models = call.GetValue(name) is { } one ? [open.Get(one)] : open.List();
            if (call.GetValue(json)) Json.Print(terminal, RegistryReport.Models(models));
            else RegistryReport.PrintModels(terminal, open, models);
        });
    }

    private static Command Show(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<ModelReference> reference = RegistryCall.Reference();
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("show", "Everything that is known of one version.") { reference };
        return command.Does(registry.AddTo, json, call =>
        {
            ModelRegistry open = registry.Open(call);
            RegisteredVersion version = open.Find(call.GetValue(reference));
            IReadOnlyList<RegisteredAlias> aliases = [.. open.Get(version.Model).Aliases.Where(alias => alias.Version == version.Number)];
            if (call.GetValue(json)) Json.Print(terminal, RegistryReport.Version(version, aliases));
            else RegistryReport.PrintVersion(terminal, version, aliases);
        });
    }

    private static Command Publish(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string> directory = new("directory") { Description = "What ueq fit wrote." };
        Option<string?> name = RegistryCall.NameOption("--name", "The model that it is a version of.").AsNeeded();
        Option<string?> alias = RegistryCall.NameOption("--alias", "An alias to point to it, such as champion.");
        Option<string> note = new("--note") { Description = "What is to be said about it.", DefaultValueFactory = _ => "", HelpName = "TEXT" };
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("publish", "Add a version; the same content again is the version that it is.") { directory, name, alias, note };
        return command.Does(registry.AddWithWho, json, call =>
        {
            string place = call.GetValue(directory)!;
            if (!Directory.Exists(place)) throw new UsageException($"There is no directory '{place}'; expected one that ueq fit wrote.");
            ModelRegistry open = registry.OpenOrMake(call);
            RegisteredVersion version = open.Publish(call.GetValue(name)!, place, registry.Who(call), call.GetValue(note)!);
            if (call.GetValue(alias) is { } pointed) open.SetAlias(version.Model, pointed, version.Number, registry.Who(call));
            IReadOnlyList<RegisteredAlias> aliases = [.. open.Get(version.Model).Aliases.Where(a => a.Version == version.Number)];
            if (call.GetValue(json)) Json.Print(terminal, RegistryReport.Version(version, aliases));
            else terminal.Output.WriteLine(RegistryReport.Published(version, aliases));
        });
    }

    private static Command Alias(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string> name = RegistryCall.Name("name", "The model."), alias = RegistryCall.Name("alias", "The alias, such as champion.");
        Argument<int?> version = new("version") { Description = "The version to point to.", Arity = ArgumentArity.ZeroOrOne };
        version.CustomParser = result => Values.Whole(result, "version", 1, ModelReference.MostVersions);
        Option<bool> remove = new("--remove") { Description = "Remove the alias instead." };
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("alias", "Point an alias to a version, once that has been loaded.") { name, alias, version, remove };
        return command.Does(registry.AddWithWho, json, call =>
        {
            int? to = call.GetValue(version);
            bool isRemoved = call.GetValue(remove);
            if (isRemoved == to is not null) throw new UsageException(isRemoved ? "--remove points to nothing: leave the version out." : "Say which version the alias is to point to, or --remove.");
            ModelRegistry open = registry.Open(call);
            string model = call.GetValue(name)!, pointed = call.GetValue(alias)!;
            RegistryEntry entry = to is { } number ? open.SetAlias(model, pointed, number, registry.Who(call)) : open.RemoveAlias(model, pointed, registry.Who(call));
            Say(terminal, entry, call.GetValue(json));
        });
    }

    private static Command Rollback(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string> name = RegistryCall.Name("name", "The model.");
        Argument<string?> alias = RegistryCall.OptionalName("alias", $"The alias. [default: {ModelRegistry.Champion}]");
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("rollback", "Point an alias back to what it pointed to before.") { name, alias };
        return command.Does(registry.AddWithWho, json, call =>
            Say(terminal, registry.Open(call).Rollback(call.GetValue(name)!, call.GetValue(alias) ?? ModelRegistry.Champion, registry.Who(call)), call.GetValue(json)));
    }

    private static Command Verify(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string?> name = RegistryCall.OptionalName("name", "The model. [default: all]");
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("verify", "Read and load every version, follow every alias, check the audit log.") { name, json };
        registry.AddTo(command);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            ModelRegistry open = registry.Open(call);
            return RegistryReport.PrintVerifications(terminal, open.Verify(call.GetValue(name)), call.GetValue(json), cancellation);
        }, cancellation));
        return command;
    }

    private static Command Prune(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string?> name = RegistryCall.OptionalName("name", "The model. [default: all]");
        Option<int> keep = new Option<int>("--keep") { Description = "How many of a model's newest versions stay.", HelpName = "N", Required = true }.From(1, ModelReference.MostVersions);
        Option<bool> dry = new("--dry-run") { Description = "Only say what would be removed." };
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("prune", "Remove old versions that no alias needs, and files that no version needs.") { name, keep, dry };
        return command.Does(registry.AddWithWho, json, call =>
        {
            ModelRegistry open = registry.Open(call);
            string? model = call.GetValue(name);
            bool isDry = call.GetValue(dry);
            Pruning pruning = isDry ? open.PlanPrune(model, call.GetValue(keep)) : open.Prune(model, call.GetValue(keep), registry.Who(call));
            RegistryReport.PrintPruning(terminal, pruning, isDry, call.GetValue(json));
        });
    }

    private static Command Log(Terminal terminal)
    {
        RegistryCall registry = new();
        Argument<string?> name = RegistryCall.OptionalName("name", "The model. [default: all]");
        Option<bool> json = SharedOptions.AsJson();
        Command command = new("log", "Who did what, when, before and after.") { name };
        return command.Does(registry.AddTo, json, call =>
        {
            string? model = call.GetValue(name);
            ModelRegistry open = registry.Open(call);
            RegistryEntry[] entries = [.. open.Audit().Where(entry => model is null || entry.Model == model)];
            // Of a name that the log does not know, it is said which there are.
            if (model is not null && entries.Length == 0) open.Get(model);
            RegistryReport.PrintLog(terminal, entries, call.GetValue(json));
        });
    }

    private static void Say(Terminal terminal, RegistryEntry entry, bool json)
    {
        if (json) Json.Print(terminal, RegistryReport.Entry(entry));
        else terminal.Output.WriteLine(RegistryReport.Sentence(entry));
    }

    private static Command Does(this Command command, Action<Command> add, Option<bool> json, Action<ParseResult> work)
    {
        add(command);
        command.Options.Add(json);
        command.SetAction((call, cancellation) => Task.Run(() =>
        {
            work(call);
            return ExitCode.Success;
        }, cancellation));
        return command;
    }
}

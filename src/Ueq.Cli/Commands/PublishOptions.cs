using System.CommandLine;
using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Cli.Commands;

/// <summary>The options of a command that publishes what it fits.</summary>
internal sealed class PublishOptions
{
    private readonly Option<string?> _registry = RegistryCall.Place();
    private readonly Option<string?> _name = RegistryCall.NameOption("--name", "Publish it in the registry as a version of this model.");
    private readonly Option<string?> _alias = RegistryCall.NameOption("--alias", "An alias to point to it there, such as champion.");

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_registry, _name, _alias]) command.Options.Add(option);
    }

    /// <summary>The version must be to stand somewhere.</summary>
    public void RequireWithout(Command command, Option output) => command.Validators.Add(result =>
    {
        if (result.GetResult(output) is not null || result.GetResult(_name) is not null) return;
        // With an error of ours the parser does not say what else is missing.
        foreach (Option missing in command.Options.Where(option => option.Required && result.GetResult(option) is null)) result.AddError($"Option '{missing.Name}' is required.");
        result.AddError($"Option '{output.Name}' is required, or '{_registry.Name}' with '{_name.Name}'.");
    });

    /// <summary>The registry, if one is asked for: opened before hours of fitting.</summary>
    public ModelRegistry? Open(ParseResult call)
    {
        bool isNamed = call.GetValue(_name) is not null;
        if (!isNamed && call.GetValue(_registry) is not null) throw new UsageException("--name NAME is needed with --registry: the model that it is a version of.");
        if (!isNamed && call.GetValue(_alias) is not null) throw new UsageException("--name NAME and --registry DIR are needed with --alias.");
        return isNamed ? RegistryCall.Make(RegistryCall.PlaceOf(call.GetValue(_registry))) : null;
    }

    public RegisteredVersion? Publish(ParseResult call, FitPlace place)
    {
        if (place.Registry is not { } registry) return null;
        RegisteredVersion version = registry.Publish(call.GetValue(_name)!, place.Directory, Environment.UserName);
        if (call.GetValue(_alias) is { } alias) registry.SetAlias(version.Model, alias, version.Number, Environment.UserName);
        return version;
    }
}

/// <summary>Where a fitted version is written: what the caller named, or a directory that is gone once it is published.</summary>
internal sealed class FitPlace : IDisposable
{
    private readonly string? _passing;

    private FitPlace(string directory, ModelRegistry? registry, string? passing) => (Directory, Registry, _passing) = (directory, registry, passing);

    public string Directory { get; }

    public ModelRegistry? Registry { get; }

    public static FitPlace Of(string option, string? output, ModelRegistry? registry)
    {
        if (output is null)
        {
            string passing = System.IO.Directory.CreateTempSubdirectory("ueq-").FullName;
            return new FitPlace(Path.Combine(passing, "version"), registry, passing);
        }

        string place = Places.NewDirectory(option, output);
        VersionDirectory.Refuse(output);
        return new FitPlace(place, registry, null);
    }

    public void Dispose()
    {
        if (_passing is not null) System.IO.Directory.Delete(_passing, recursive: true);
    }
}

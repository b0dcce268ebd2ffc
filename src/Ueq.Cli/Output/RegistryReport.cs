using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Ueq.Cli.Fitting;
using Ueq.Registry;
using Ueq.Versions;

namespace Ueq.Cli.Output;

/// <summary>The tables, sentences and JSON documents of <c>ueq models</c>.</summary>
internal static class RegistryReport
{
    private const int LongestName = 20, LongestWho = 10, DigestShown = 8, FilesShown = 10;

    public static JsonArray Models(IReadOnlyList<RegisteredModel> models) => [.. models.Select(model => new JsonObject
    {
        ["name"] = model.Name,
        ["versions"] = new JsonArray([.. model.Versions.Select(version => Version(version, [.. model.Aliases.Where(alias => alias.Version == version.Number)]))]),
        ["aliases"] = new JsonArray([.. model.Aliases.Select(alias => new JsonObject
        {
            ["name"] = alias.Name,
            ["version"] = alias.Fault is null ? alias.Version : null,
            ["who"] = alias.Who,
            ["when"] = alias.Fault is null ? Time(alias.When) : null,
            ["fault"] = alias.Fault,
        })]),
    })];

    public static JsonObject Version(RegisteredVersion version, IReadOnlyList<RegisteredAlias> aliases)
    {
        JsonObject metrics = [];
        foreach ((string name, double value) in version.Manifest?.Metrics ?? new Dictionary<string, double>()) metrics[name] = Json.Number(value);
        return new JsonObject
        {
            ["model"] = version.Model,
            ["version"] = version.Number,
            ["digest"] = version.Digest,
            ["aliases"] = new JsonArray([.. aliases.Select(alias => JsonValue.Create(alias.Name))]),
            ["task"] = version.Manifest is { } manifest ? Publishing.Name(manifest.Task) : null,
            ["kind"] = version.Manifest?.Model,
            ["method"] = version.Manifest?.Method,
            ["target"] = version.Manifest?.Target,
            ["created"] = version.Manifest is { } made ? Time(made.Created) : null,
            ["published"] = version.Who.Length > 0 ? Time(version.When) : null,
            ["who"] = version.Who,
            ["note"] = version.Note,
            ["bytes"] = version.Bytes,
            ["metrics"] = metrics,
            ["fault"] = version.Fault,
        };
    }

    public static JsonObject Entry(RegistryEntry entry) => new()
    {
        ["number"] = entry.Number,
        ["when"] = Time(entry.When),
        ["who"] = entry.Who,
        ["action"] = Publishing.Name(entry.Action),
        ["model"] = entry.Model,
        ["alias"] = entry.Alias,
        ["before"] = entry.Before,
        ["version"] = entry.Version,
        ["note"] = entry.Note,
    };

    public static void PrintModels(Terminal terminal, ModelRegistry registry, IReadOnlyList<RegisteredModel> models)
    {
        if (models.Count == 0)
        {
            terminal.Output.WriteLine($"{registry.Place}: no models yet; ueq models publish adds one.");
            return;
        }

        Table table = Heads(["version", "aliases", "kind", "method", "published", "by", "size"], "size");
        foreach (RegisteredModel model in models)
        {
            foreach (RegisteredVersion version in model.Versions.Reverse())
            {
                string aliases = string.Join(' ', model.Aliases.Where(alias => alias.Version == version.Number).Select(alias => alias.Name));
                table.AddRow([.. ((string[])[$"{Cut(model.Name, LongestName)}:{version.Number}", Cut(aliases, LongestName), version.Manifest?.Model ?? "damaged", version.Manifest?.Method ?? "",
                    version.Who.Length > 0 ? Minute(version.When) : "", Cut(version.Who, LongestWho), version.Manifest is null ? "" : Size(version.Bytes)]).Select(Markup.Escape)]);
            }
        }

        terminal.Answers.Write(table);
        foreach (RegisteredModel model in models)
        {
            foreach (RegisteredVersion version in model.Versions.Where(version => version.Fault is not null)) terminal.Output.WriteLine($"{model.Name}:{version.Number} is refused: {version.Fault}");
            foreach (RegisteredAlias alias in model.Aliases.Where(alias => alias.Fault is not null)) terminal.Output.WriteLine($"{model.Name}@{alias.Name} is refused: {alias.Fault}");
        }
    }

    public static void PrintVersion(Terminal terminal, RegisteredVersion version, IReadOnlyList<RegisteredAlias> aliases)
    {
        terminal.Output.WriteLine(Published(version, aliases));
        if (version.Fault is not null) terminal.Output.WriteLine($"  is refused: {version.Fault}");
        if (version.Note.Length > 0) terminal.Output.WriteLine($"  {version.Note}");
        if (version.Manifest is not { } manifest) return;
        string classes = manifest.Classes is { } names ? $", {names.Count} classes" : "";
        terminal.Output.WriteLine($"  {Publishing.Name(manifest.Task)} of '{manifest.Target}' by {manifest.Model}, {manifest.Method}{classes}; fitted {Minute(manifest.Created)}");
        terminal.Output.WriteLine($"  {Publishing.Promise(manifest.Guarantee)}");
        foreach ((string name, double value) in manifest.Metrics) terminal.Output.WriteLine(FormattableString.Invariant($"  {name} {value:0.####}"));
        foreach (VersionFile file in manifest.Files.Take(FilesShown)) terminal.Output.WriteLine($"  {file.Path}, {Size(file.Bytes)}, {file.Sha256[..Math.Min(DigestShown, file.Sha256.Length)]}");
        if (manifest.Files.Count > FilesShown) terminal.Output.WriteLine($"  and {manifest.Files.Count - FilesShown} more files");
        terminal.Output.WriteLine($"  digest {version.Digest}");
    }

    public static string Published(RegisteredVersion version, IReadOnlyList<RegisteredAlias> aliases)
    {
        string pointed = aliases.Count > 0 ? $" ({string.Join(", ", aliases.Select(alias => alias.Name))})" : "";
        return $"{version.Model}:{version.Number}{pointed}: {version.Digest[..Math.Min(DigestShown, version.Digest.Length)]}, {Size(version.Bytes)}, published {Minute(version.When)} by {version.Who}";
    }

    public static string Sentence(RegistryEntry entry) => entry.Action switch
    {
        RegistryAction.Publish => $"{entry.Model}:{entry.Version} published{(entry.Note is { } note ? $": {note}" : "")}",
        RegistryAction.Prune => $"{entry.Model}:{entry.Version} removed",
        RegistryAction.RemoveAlias => $"{entry.Model}@{entry.Alias} removed, was version {entry.Before}",
        _ => $"{entry.Model}@{entry.Alias} is version {entry.Version}{(entry.Before is { } before ? $", was {before}" : "")}{(entry.Action == RegistryAction.Rollback ? " (rolled back)" : "")}",
    };

    public static void PrintLog(Terminal terminal, IReadOnlyList<RegistryEntry> entries, bool json)
    {
        if (json) Json.Print(terminal, new JsonArray([.. entries.Select(Entry)]));
        else foreach (RegistryEntry entry in entries) terminal.Output.WriteLine($"{Minute(entry.When)}  {Cut(entry.Who, LongestWho),-LongestWho}  {Sentence(entry)}");
    }

    /// <summary>Says each verification when it is known; the code of the command.</summary>
    public static int PrintVerifications(Terminal terminal, IEnumerable<Verification> found, bool json, CancellationToken cancellation)
    {
        JsonArray all = [];
        int faults = 0;
        foreach (Verification one in found)
        {
            cancellation.ThrowIfCancellationRequested();
            if (one.Fault is not null) faults++;
            if (json) all.Add((JsonNode)new JsonObject { ["what"] = one.What, ["bytes"] = one.Bytes, ["fault"] = one.Fault });
            else terminal.Output.WriteLine(one.Fault is { } fault ? $"{one.What}  refused: {fault}" : $"{one.What}  sound{(one.Bytes > 0 ? $", {Size(one.Bytes)}" : "")}");
        }

        if (json) Json.Print(terminal, all);
        else if (faults > 0) terminal.Fail($"{faults} damaged; docs/registry.md says what to do.");
        return faults > 0 ? ExitCode.RunFailed : ExitCode.Success;
    }

    public static void PrintPruning(Terminal terminal, Pruning pruning, bool isDry, bool json)
    {
        if (json)
        {
            Json.Print(terminal, new JsonObject
            {
                ["dry_run"] = isDry,
                ["versions"] = new JsonArray([.. pruning.Versions.Select(version => JsonValue.Create(version.ToString()))]),
                ["files"] = pruning.Files,
                ["bytes"] = pruning.Bytes,
                ["kept"] = pruning.Kept,
            });
            return;
        }

        string versions = pruning.Versions.Count == 0 ? "no version" : string.Join(", ", pruning.Versions);
        terminal.Output.WriteLine(FormattableString.Invariant($"{(isDry ? "Would remove" : "Removed")} {versions}; {pruning.Files} files, {Size(pruning.Bytes)}."));
        if (pruning.Kept is { } kept) terminal.Output.WriteLine($"No files are removed, since what a damaged version needs is not known: {kept}");
    }

    private static Table Heads(string[] names, string right)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach (string name in names)
        {
            TableColumn column = new TableColumn(name).PadLeft(0).PadRight(name == right ? 0 : 1).NoWrap();
            table.AddColumn(name == right ? column.RightAligned() : column);
        }

        return table;
    }

    private static string Cut(string text, int longest) => text.Length <= longest ? text : text[..(longest - 1)] + "…";

    private static string Minute(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Size(long bytes) => bytes switch
    {
        < 1_000 => FormattableString.Invariant($"{bytes} B"),
        < 1_000_000 => FormattableString.Invariant($"{bytes / 1e3:0.0} kB"),
        < 1_000_000_000 => FormattableString.Invariant($"{bytes / 1e6:0.0} MB"),
        _ => FormattableString.Invariant($"{bytes / 1e9:0.0} GB"),
    };
}

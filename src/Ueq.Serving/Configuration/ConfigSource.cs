using System.Security.Cryptography;

namespace Ueq.Serving.Configuration;

/// <summary>Where a configuration is read from, as often as it changes: a file, then the environment over it, then the command line.</summary>
public sealed class ConfigSource
{
    private readonly IReadOnlyList<KeyValuePair<string, string>> _environment;
    private readonly IReadOnlyList<KeyValuePair<string, string>> _options;

    /// <summary>A source of up to three layers.</summary>
    /// <param name="file">The YAML file; <c>null</c> for none.</param>
    /// <param name="environment">Variables; those that begin with <c>UEQ_</c> count.</param>
    /// <param name="options">Keys by their names, with the texts that the command line gives them.</param>
    public ConfigSource(string? file, IEnumerable<KeyValuePair<string, string>> environment, IEnumerable<KeyValuePair<string, string>> options)
    {
        ArgumentNullException.ThrowIfNull(environment);
        ArgumentNullException.ThrowIfNull(options);
        File = file;
        _environment = [.. environment];
        _options = [.. options];
    }

    /// <summary>The file, if there is one.</summary>
    public string? File { get; }

    /// <summary>The digest of the files as they were read last.</summary>
    internal byte[] Digest { get; private set; } = [];

    /// <summary>The files to watch: the configuration's own, and those that it names.</summary>
    internal IEnumerable<string> Files(UeqServiceConfig config) => [.. File is null ? Array.Empty<string>() : [File], .. ConfigRules.Files(config)];

    /// <summary>Reads all layers.</summary>
    /// <exception cref="InvalidDataException">Something is wrong with them: a line for each fault, with its place.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public ConfigReading Read()
    {
        ConfigDraft draft = Draft(out byte[] read);
        if (draft.Faults.Count > 0) throw new InvalidDataException(string.Join('\n', draft.Faults));
        Digest = FileWatch.Together([.. File is null ? Array.Empty<byte[]>() : [read], .. ConfigRules.Files(draft.Config).Select(file => FileWatch.DigestOf(file))]);
        return new ConfigReading(draft);
    }

    /// <summary>All that is wrong with the layers, each with its place; empty when <see cref="Read"/> would succeed.</summary>
    public IReadOnlyList<string> Check() => Draft(out _).Faults;

    private ConfigDraft Draft(out byte[] digest)
    {
        ConfigDraft draft = new(new UeqServiceConfig());
        digest = [];
        if (File is not null)
        {
            byte[] bytes = System.IO.File.ReadAllBytes(File);
            digest = SHA256.HashData(bytes);
            ConfigYaml.Read(bytes, File, draft);
        }

        ConfigEnvironment.Read(_environment, draft);
        foreach ((string name, string text) in _options)
        {
            string option = $"--{name.Replace('_', '-')}";
            ConfigKey key = ConfigKey.Find(name) ?? throw new InvalidOperationException($"{name} is no key of the configuration.");
            draft.Set(key, ConfigValue.Plain(text), ConfigOrigin.CommandLine, _ => option);
        }

        draft.Finish();
        return draft;
    }
}

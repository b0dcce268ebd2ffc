namespace Ueq.Serving.Configuration;

/// <summary>A configuration that was read, and where each of its values came from.</summary>
public sealed class ConfigReading
{
    internal ConfigReading(ConfigDraft draft)
    {
        Config = draft.Config;
        Settings = [.. ConfigKey.All.Select(key => new ConfigSetting(key.Name, key.Show(draft.Config), draft.OriginOf(key.Name), draft.PlaceOf(key.Name), key.Effect))];
        Warnings = [.. ConfigRules.Warnings(draft)];
    }

    /// <summary>The configuration.</summary>
    public UeqServiceConfig Config { get; }

    /// <summary>Every key there is, in the order of the table.</summary>
    public IReadOnlyList<ConfigSetting> Settings { get; }

    /// <summary>Writes what somebody said as a file that is read as the same; secrets are left out, and a remark says which.</summary>
    public void WriteYaml(TextWriter text)
    {
        ArgumentNullException.ThrowIfNull(text);
        ILookup<bool, ConfigKey> said = ConfigKey.All.Zip(Settings).Where(pair => pair.Second.Origin != ConfigOrigin.Default).ToLookup(pair => pair.First.HoldsSecret(Config), pair => pair.First);
        foreach (ConfigKey secret in said[true]) text.WriteLine($"# {secret.Name} is set and holds a secret, which is not shown");
        ConfigYaml.Write(Config, text, [.. said[false]]);
    }

    /// <summary>What is allowed and may be a mistake all the same, each with its place.</summary>
    public IReadOnlyList<string> Warnings { get; }
}

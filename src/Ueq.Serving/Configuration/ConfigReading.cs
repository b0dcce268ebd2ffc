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

    /// <summary>What is allowed and may be a mistake all the same, each with its place.</summary>
    public IReadOnlyList<string> Warnings { get; }
}

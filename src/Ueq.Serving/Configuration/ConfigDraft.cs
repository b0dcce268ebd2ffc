namespace Ueq.Serving.Configuration;

/// <summary>A configuration in the making: layers laid over one another, where each value came from, and all that is wrong.</summary>
internal sealed class ConfigDraft(UeqServiceConfig beginning)
{
    private readonly Dictionary<string, (ConfigOrigin Origin, string Place)> _said = [];
    private readonly List<string> _faults = [];

    public UeqServiceConfig Config { get; private set; } = beginning;

    public IReadOnlyList<string> Faults => _faults;

    public ConfigOrigin OriginOf(string name) => _said.TryGetValue(name, out (ConfigOrigin Origin, string Place) said) ? said.Origin : ConfigOrigin.Default;

    public string PlaceOf(string name) => _said.TryGetValue(name, out (ConfigOrigin Origin, string Place) said) ? said.Place : "";

    /// <summary>A value, and how its place is called: of the value as a whole, or of one of its entries.</summary>
    public void Set(ConfigKey key, ConfigValue value, ConfigOrigin origin, Func<string?, string> place)
    {
        _said[key.Name] = (origin, place(null));
        try
        {
            Config = key.Read(Config, value);
        }
        catch (FormatException bad)
        {
            // A variable is the key already.
            string name = origin == ConfigOrigin.File ? key.Name + ": " : "";
            Fault($"{place((bad as ConfigEntryException)?.Entry)}: {name}{bad.Message}");
        }
    }

    public void Fault(string message) => _faults.Add(message);

    /// <summary>Looks at what only the whole can say.</summary>
    public void Finish()
    {
        // Where a value is wrong already, what follows from it would only confuse.
        if (_faults.Count > 0) return;
        foreach ((string key, string message) in ConfigRules.Faults(Config))
            Fault(OriginOf(key) is ConfigOrigin.File ? $"{PlaceOf(key)}: {key}: {message}" : PlaceOf(key) is { Length: > 0 } place ? $"{place}: {message}" : $"{key}: {message}");
    }
}

/// <summary>One entry of a mapping is wrong.</summary>
internal sealed class ConfigEntryException(string entry, string message) : FormatException(message)
{
    public string Entry { get; } = entry;
}

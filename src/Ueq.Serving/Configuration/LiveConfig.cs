namespace Ueq.Serving.Configuration;

/// <summary>The configuration in force: one immutable snapshot, which every request reads anew.</summary>
internal sealed class LiveConfig(UeqServiceConfig config)
{
    private volatile UeqServiceConfig _current = config;
    private volatile ConfigState _state = new(0, null, []);

    public UeqServiceConfig Current => _current;

    /// <summary>What became of the file since the start.</summary>
    public ConfigState State => _state;

    /// <summary>Takes the live keys of a configuration; the others stay as they were at the start.</summary>
    /// <param name="next">The configuration that was read and checked.</param>
    /// <param name="reloads">How often the configuration was taken anew with it.</param>
    /// <returns>The names of the live keys that changed.</returns>
    public IReadOnlyList<string> Take(UeqServiceConfig next, long reloads)
    {
        UeqServiceConfig before = _current, after = before;
        List<string> changed = [], waiting = [];
        foreach (ConfigKey key in ConfigKey.All)
        {
            if (ConfigValue.Same(key.Write(before), key.Write(next))) continue;
            if (key.Effect == ConfigEffect.Live)
            {
                after = key.Read(after, key.Write(next));
                changed.Add(key.Name);
            }
            else
            {
                waiting.Add(key.Name);
            }
        }

        _current = after;
        _state = new ConfigState(reloads, null, waiting);
        return changed;
    }

    /// <summary>Keeps the configuration, and what is wrong with the one that should have followed.</summary>
    public void Keep(string problem) => _state = _state with { Problem = problem };
}

/// <summary>What became of the configuration's file since the start.</summary>
/// <param name="Reloads">How often it was taken anew.</param>
/// <param name="Problem">What is wrong with the file as it stands, so that older settings are in force; <c>null</c> when nothing is.</param>
/// <param name="Waiting">Keys whose new values take effect at the next start.</param>
internal sealed record ConfigState(long Reloads, string? Problem, IReadOnlyList<string> Waiting);

/// <summary>Something that is made of the configuration and can be made anew while requests run.</summary>
internal interface ILiveSetting
{
    /// <summary>Takes a configuration that has been checked.</summary>
    void Apply(UeqServiceConfig config);
}

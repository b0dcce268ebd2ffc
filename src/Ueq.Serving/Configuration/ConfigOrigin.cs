namespace Ueq.Serving.Configuration;

/// <summary>Where a value of the configuration came from; a later one lies over an earlier one.</summary>
public enum ConfigOrigin
{
    /// <summary>Nobody said anything.</summary>
    Default,

    /// <summary>The file.</summary>
    File,

    /// <summary>A variable of the environment.</summary>
    Environment,

    /// <summary>An option of the command line.</summary>
    CommandLine,
}

/// <summary>When a changed value of a file takes effect in a service that runs.</summary>
public enum ConfigEffect
{
    /// <summary>At the next start.</summary>
    Restart,

    /// <summary>With the next request.</summary>
    Live,
}

/// <summary>One value of a configuration that was read.</summary>
/// <param name="Name">The key, with dots between sections.</param>
/// <param name="Value">The value as a text; of a secret only whether there is one.</param>
/// <param name="Origin">What said so.</param>
/// <param name="Place">File and line, variable or option; empty for a default.</param>
/// <param name="Effect">When a change of it takes effect.</param>
public sealed record ConfigSetting(string Name, string Value, ConfigOrigin Origin, string Place, ConfigEffect Effect);

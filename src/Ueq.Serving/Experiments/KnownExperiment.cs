namespace Ueq.Serving.Experiments;

/// <summary>An experiment and where it comes from.</summary>
/// <param name="Config">What it is.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Revision">The revision that the store knows; 0 of the configuration's.</param>
/// <param name="Problem">Why it does not run although it is enabled; <c>null</c> when nothing keeps it.</param>
internal sealed record KnownExperiment(ExperimentConfig Config, ExperimentSource Source, long Revision, string? Problem)
{
    /// <summary><c>running</c>, <c>stopped</c>, or <c>waiting</c> while something keeps it from running.</summary>
    public string State => !Config.Enabled ? "stopped" : Problem is null ? "running" : "waiting";
}

/// <summary>Where an experiment is written down.</summary>
internal enum ExperimentSource
{
    /// <summary>In the configuration, which alone can change it.</summary>
    Config,

    /// <summary>In the store, where calls change it.</summary>
    Store,
}

namespace Ueq.Cli.Replays;

/// <summary>How a signal stands at the end of a replay.</summary>
/// <param name="Name">Name of the signal.</param>
/// <param name="State">Its state, as on the wire.</param>
/// <param name="LogEvidence">Natural logarithm of the evidence; NaN where the detector has none.</param>
/// <param name="Autocorrelation">Correlation of each p-value with the one before it; NaN where it is not known.</param>
internal sealed record ReplaySignal(string Name, string State, double LogEvidence, double Autocorrelation);

/// <summary>What a replay feeds: the primary alarm, or one detector per column.</summary>
internal interface IReplayWatch
{
    /// <summary>Takes rows that follow those before.</summary>
    void Add(FeatureMatrix rows, DateTimeOffset at);

    /// <summary>What happened since the last call, in the order of rows.</summary>
    IEnumerable<ReplayEvent> TakeEvents();

    /// <summary>Every signal as it stands.</summary>
    IReadOnlyList<ReplaySignal> Read();

    /// <summary>Natural logarithm of the evidence that raises an alarm; NaN where the detector has none.</summary>
    double LogThreshold { get; }

    /// <summary>The most false alarms to expect in a number of rows; NaN where nothing is promised.</summary>
    double FalseAlarms(long rows);
}

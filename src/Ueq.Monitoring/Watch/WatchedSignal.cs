namespace Ueq.Monitoring;

/// <summary>One signal as it stands.</summary>
/// <param name="Name">Name of the signal.</param>
/// <param name="Kind">What it measures.</param>
/// <param name="Content">Whether its reference can tell anything.</param>
/// <param name="State">What the monitor says of it.</param>
/// <param name="Epoch">Number of alarms so far.</param>
/// <param name="Rows">Number of values seen.</param>
/// <param name="LogEvidence">Natural logarithm of the evidence R; −∞ before the first value.</param>
/// <param name="LogThreshold">Natural logarithm of the threshold c.</param>
/// <param name="Effect">How far recent values lie from the reference.</param>
/// <param name="Autocorrelation">Correlation of each p-value with the one before it; NaN before there are enough.</param>
/// <param name="LastSeen">When the latest value came; <c>default</c> before the first.</param>
/// <param name="Shifts">The ranges that changed most, the largest first; at most three.</param>
/// <param name="LastAlarm">The step that raised the latest alarm; <c>null</c> before the first.</param>
public sealed record WatchedSignal(
    string Name, SignalKind Kind, SignalContent Content, SignalState State, int Epoch, long Rows, double LogEvidence, double LogThreshold,
    EffectReading Effect, double Autocorrelation, DateTimeOffset LastSeen, IReadOnlyList<BinShift> Shifts, SignalTransition? LastAlarm);

/// <summary>A model's signals as they stand.</summary>
/// <param name="State">The most pressing state of any signal: alarm, void, warning, recovering, learning, stale, healthy.</param>
/// <param name="Rows">Number of rows seen.</param>
/// <param name="Frozen">Whether rows are only counted at the moment.</param>
/// <param name="FalseAlarmsPerYear">The bound on false alarms that the operator chose.</param>
/// <param name="ObservationsPerYear">The number of rows per year that the bound was computed for.</param>
/// <param name="Signals">One per signal of the reference.</param>
public sealed record WatchReading(
    SignalState State, long Rows, bool Frozen, double FalseAlarmsPerYear, double ObservationsPerYear, IReadOnlyList<WatchedSignal> Signals);

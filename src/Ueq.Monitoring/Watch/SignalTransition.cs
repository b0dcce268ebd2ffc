namespace Ueq.Monitoring;

/// <summary>One step of a signal from one state to another.</summary>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Kind">What it measures.</param>
/// <param name="Epoch">Number of alarms of this signal so far, this one included: with the model's version it names an incident.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state since.</param>
/// <param name="At">When the values came that decided it.</param>
/// <param name="Row">Number of values of this signal by then, the first being 1.</param>
/// <param name="LogEvidence">Natural logarithm of the evidence R.</param>
/// <param name="LogThreshold">Natural logarithm of the threshold c.</param>
/// <param name="Effect">How far recent values lay from the reference.</param>
/// <param name="Message">A sentence for people.</param>
public sealed record SignalTransition(
    string Signal, SignalKind Kind, int Epoch, SignalState From, SignalState To, DateTimeOffset At, long Row,
    double LogEvidence, double LogThreshold, EffectReading Effect, string Message);

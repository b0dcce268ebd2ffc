using Ueq.Monitoring;

namespace Ueq.Serving.Telemetry;

/// <summary>The watched signals as the metrics show them: a bounded number by name, the rest together.</summary>
/// <remarks>
/// Signals that are not at rest come first; those at rest stay in the model's order, so that names do not come and go with every
/// little change of evidence.
/// </remarks>
internal sealed class SignalView
{
    public const int MostNames = 50;
    public const string Rest = "other";

    private SignalView(IReadOnlyList<SignalFigures> signals, double thresholdLog10)
    {
        Signals = signals;
        ThresholdLog10 = thresholdLog10;
    }

    public IReadOnlyList<SignalFigures> Signals { get; }

    /// <summary>The evidence that raises an alarm, as a power of ten; NaN when nothing is watched.</summary>
    public double ThresholdLog10 { get; }

    public static SignalView Of(WatchReading? reading)
    {
        if (reading is null || reading.Signals.Count == 0) return new SignalView([], double.NaN);
        SignalFigures[] all = [.. reading.Signals
            .Select((s, i) => (Signal: s, Index: i))
            .OrderByDescending(s => Urgency(s.Signal.State)).ThenBy(s => s.Index)
            .Select(s => Figures(s.Signal))];
        double threshold = reading.Signals[0].LogThreshold / Math.Log(10);
        if (all.Length <= MostNames) return new SignalView(all, threshold);
        ReadOnlySpan<SignalFigures> rest = all.AsSpan(MostNames - 1);
        SignalFigures other = rest[0] with { Name = Rest };
        foreach (SignalFigures signal in rest)
        {
            other = other with
            {
                EvidenceLog10 = Math.Max(other.EvidenceLog10, signal.EvidenceLog10),
                Effect = double.MaxNumber(other.Effect, signal.Effect),
                EffectLower = double.MaxNumber(other.EffectLower, signal.EffectLower),
            };
        }

        return new SignalView([.. all[..(MostNames - 1)], other], threshold);
    }

    private static SignalFigures Figures(WatchedSignal signal) =>
        new(signal.Name, signal.State, signal.LogEvidence / Math.Log(10), signal.Effect.KS, signal.Effect.KSLower);

    private static int Urgency(SignalState state) => state switch
    {
        SignalState.Alarm => 4,
        SignalState.Void => 3,
        SignalState.Warning => 2,
        SignalState.Recovering => 1,
        _ => 0,
    };
}

/// <summary>One signal's figures; NaN where there are none.</summary>
internal readonly record struct SignalFigures(string Name, SignalState State, double EvidenceLog10, double Effect, double EffectLower);

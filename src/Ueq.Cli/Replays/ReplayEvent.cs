using Ueq.Monitoring;

namespace Ueq.Cli.Replays;

/// <summary>What happened to a signal.</summary>
internal enum ReplayStep
{
    Alarm,
    Recovered,
    Void,
    Other,
}

/// <summary>Something that happened at a row of the stream.</summary>
/// <param name="Row">The data row, the first after the header being 1.</param>
/// <param name="Signal">Name of the signal.</param>
/// <param name="Step">What happened.</param>
/// <param name="From">The state before, as on the wire.</param>
/// <param name="To">The state since.</param>
/// <param name="At">When; <c>null</c> without a column of times.</param>
/// <param name="Effect">How far the latest values lay from the reference; <c>null</c> where the detector does not say.</param>
/// <param name="MeanShift">Mean of the latest values in standard deviations from the reference's; NaN where the effect says more.</param>
/// <param name="LogEvidence">Natural logarithm of the evidence; NaN where the detector has none.</param>
/// <param name="Message">A sentence for people.</param>
internal sealed record ReplayEvent(
    long Row, string Signal, ReplayStep Step, string From, string To, DateTimeOffset? At, EffectReading? Effect, double MeanShift, double LogEvidence, string Message);

/// <summary>The events of a replay, as many as fit, and how many there were.</summary>
internal sealed class ReplayEvents
{
    private const int Most = 10_000;
    private readonly List<ReplayEvent> _kept = [];

    public IReadOnlyList<ReplayEvent> Kept => _kept;

    public long Alarms { get; private set; }

    public long Recoveries { get; private set; }

    /// <summary>Events that are counted and not kept.</summary>
    public long LeftOut { get; private set; }

    public Dictionary<string, (long Count, long First)> AlarmsBySignal { get; } = new(StringComparer.Ordinal);

    public void Add(ReplayEvent one)
    {
        if (one.Step == ReplayStep.Recovered) Recoveries++;
        if (one.Step == ReplayStep.Alarm)
        {
            Alarms++;
            (long count, long first) = AlarmsBySignal.GetValueOrDefault(one.Signal, (0, one.Row));
            AlarmsBySignal[one.Signal] = (count + 1, first);
        }

        if (_kept.Count < Most) _kept.Add(one);
        else LeftOut++;
    }
}

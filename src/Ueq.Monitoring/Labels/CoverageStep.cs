namespace Ueq.Monitoring;

/// <summary>A step of the coverage that labels show, as incidents take it.</summary>
internal static class CoverageStep
{
    public static SignalTransition Of(AlarmTrack alarm, SignalState from, CoverageTolerance tolerance, Coverage sequence, DateTimeOffset at)
    {
        (long labels, long misses) = alarm.Decided;
        double tolerated = 1 - tolerance.LargestMiss, covered = 1 - (double)misses / labels;
        string message = alarm.State switch
        {
            SignalState.Alarm => FormattableString.Invariant(
                $"Coverage is lost: {covered:0.#%} of the last {labels} labels are covered, where {tolerance.Nominal.Value:0.##%} is promised and {tolerated:0.#%} tolerated (evidence 10^{Power(alarm.LogEvidence):0.#}, threshold 10^{Power(alarm.LogThreshold):0.#})."),
            SignalState.Recovering => FormattableString.Invariant($"Coverage is tolerable again, {covered:0.#%} of the last {labels} labels; it is watched whether that lasts."),
            _ => FormattableString.Invariant($"Coverage is tolerable, {covered:0.#%} of the last {labels} labels."),
        };
        return new SignalTransition(
            CoverageMonitor.Signal, SignalKind.Coverage, (int)Math.Min(alarm.Alarms, int.MaxValue), from, alarm.State, at, alarm.Labels, alarm.LogEvidence, alarm.LogThreshold,
            alarm.State == SignalState.Alarm ? Effect(alarm.Decided, tolerance, sequence) : EffectReading.None, message);
    }

    /// <summary>Coverage as a signal in alarm; its effect is over all labels since it began to be lost.</summary>
    public static WatchedSignal Of(AlarmTrack alarm, CoverageTolerance tolerance, Coverage sequence, DateTimeOffset latest) => new(
        CoverageMonitor.Signal, SignalKind.Coverage, SignalContent.Informative, alarm.State, (int)Math.Min(alarm.Alarms, int.MaxValue), alarm.Labels, alarm.LogEvidence,
        alarm.LogThreshold, Effect(alarm.Lost, tolerance, sequence), double.NaN, latest, [], null);

    // Of two values, covered and missed, Kolmogorov's distance is the difference of the shares.
    private static EffectReading Effect((long Labels, long Misses) lost, CoverageTolerance tolerance, Coverage sequence) => EffectReading.None with
    {
        Count = (int)Math.Min(lost.Labels, int.MaxValue),
        KS = Math.Max(0, (double)lost.Misses / lost.Labels - tolerance.LargestMiss),
        KSLower = Math.Max(0, 1 - tolerance.LargestMiss - ConfidenceSequence.OfShare(lost.Labels - lost.Misses, lost.Labels, sequence).Upper),
    };

    private static double Power(double log) => log / Math.Log(10);
}

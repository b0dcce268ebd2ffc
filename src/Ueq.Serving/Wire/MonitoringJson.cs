using Ueq.Monitoring;

namespace Ueq.Serving.Wire;

/// <summary>The monitor's state as <c>/predict</c> shows it, with the guide's names.</summary>
internal static class MonitoringJson
{
    // A tenth of all values in other places than before.
    private const double HighEffect = 0.1;

    public static void Write(JsonBytes json, SignalState state, IReadOnlyList<WatchedSignal> alarms, SizeReading sizes)
    {
        json.Raw("{\"state\":"u8);
        json.Text(Name(state));
        json.Raw(sizes.Status == GuideStatus.Warning ? ",\"status\":\"warning\""u8 : ",\"status\":\"healthy\""u8);
        json.Raw(",\"drift_score\":"u8);
        // The guide's clients compare it with a threshold: before the first window closes it is 0, and the state says so.
        json.Figure(sizes.DriftScore);
        json.Raw(",\"alerts\":["u8);
        for (int i = 0; i < alarms.Count; i++)
        {
            if (i > 0) json.Raw(","u8);
            Write(json, alarms[i]);
        }

        json.Raw("],\"current_stats\":"u8);
        Write(json, sizes.CurrentStats);
        json.Raw(",\"baseline_stats\":"u8);
        Write(json, sizes.BaselineStats);
        json.Raw(",\"history_size\":"u8);
        json.Number(sizes.HistorySize);
        json.Raw("}"u8);
    }

    /// <summary>The name of a state on the wire.</summary>
    public static string Name(SignalState state) => state switch
    {
        SignalState.Learning => "learning",
        SignalState.Healthy => "healthy",
        SignalState.Warning => "warning",
        SignalState.Alarm => "alarm",
        SignalState.Recovering => "recovering",
        SignalState.Stale => "stale",
        _ => "void",
    };

    /// <summary>The guide's two severities: high when at least a tenth of the values had moved for sure.</summary>
    public static string Severity(WatchedSignal signal) => signal.LastAlarm?.Effect.KSLower >= HighEffect ? "high" : "medium";

    /// <summary>What is in alarm, in a sentence.</summary>
    public static string Message(WatchedSignal signal) => signal.LastAlarm?.Message ?? $"{signal.Name} has changed.";

    private static void Write(JsonBytes json, WatchedSignal signal)
    {
        json.Raw("{\"type\":"u8);
        // The guide's other type of alert: intervals that have become wider, seen at the upper end of the sizes.
        json.Text(signal.Kind == SignalKind.Size && signal.Shifts.Any(s => s.To == double.PositiveInfinity && s.CurrentShare > s.ReferenceShare) ? "uncertainty_spike" : "drift");
        json.Raw(",\"severity\":"u8);
        json.Text(Severity(signal));
        json.Raw(",\"signal\":"u8);
        json.Text(signal.Name);
        json.Raw(",\"message\":"u8);
        json.Text(Message(signal));
        json.Raw("}"u8);
    }

    private static void Write(JsonBytes json, SampleSummary? summary)
    {
        if (summary is not { } figures)
        {
            json.Raw("null"u8);
            return;
        }

        json.Raw("{\"mean\":"u8);
        json.Figure(figures.Mean);
        json.Raw(",\"std\":"u8);
        json.Figure(figures.StandardDeviation);
        json.Raw(",\"median\":"u8);
        json.Figure(figures.Median);
        json.Raw(",\"q25\":"u8);
        json.Figure(figures.LowerQuartile);
        json.Raw(",\"q75\":"u8);
        json.Figure(figures.UpperQuartile);
        json.Raw(",\"min\":"u8);
        json.Figure(figures.Minimum);
        json.Raw(",\"max\":"u8);
        json.Figure(figures.Maximum);
        json.Raw("}"u8);
    }
}

using System.Text.Json;
using Ueq.Monitoring;

namespace Ueq.Serving.Wire;

/// <summary>One watched signal as <c>/monitoring</c> shows it.</summary>
internal static class SignalJson
{
    public static void Write(Utf8JsonWriter json, WatchedSignal signal)
    {
        json.WriteStartObject();
        json.WriteString("name", signal.Name);
        json.WriteString("kind", Name(signal.Kind));
        json.WriteString("content", Name(signal.Content));
        json.WriteString("state", MonitoringJson.Name(signal.State));
        json.WriteNumber("epoch", signal.Epoch);
        json.WriteNumber("rows", signal.Rows);
        JsonAnswers.Figure(json, "evidence_log10", signal.LogEvidence / Math.Log(10));
        JsonAnswers.Figure(json, "threshold_log10", signal.LogThreshold / Math.Log(10));
        JsonAnswers.Figure(json, "autocorrelation", signal.Autocorrelation);
        if (signal.LastSeen == default) json.WriteNull("last_seen");
        else json.WriteString("last_seen", signal.LastSeen);
        WriteEffect(json, signal.Effect);
        json.WriteStartArray("shifts");
        foreach (BinShift shift in signal.Shifts)
        {
            json.WriteStartObject();
            Edge(json, "from", shift.From);
            Edge(json, "to", shift.To);
            json.WriteNumber("reference_share", shift.ReferenceShare);
            json.WriteNumber("current_share", shift.CurrentShare);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteAlarm(json, signal.LastAlarm);
        json.WriteEndObject();
    }

    public static string Name(SignalKind kind) => kind switch
    {
        SignalKind.Feature => "feature",
        SignalKind.Prediction => "prediction",
        SignalKind.Size => "size",
        SignalKind.Coverage => "coverage",
        _ => "score",
    };

    private static string Name(SignalContent content) => content switch
    {
        SignalContent.Informative => "informative",
        SignalContent.OneValue => "one_value",
        _ => "no_values",
    };

    private static void WriteEffect(Utf8JsonWriter json, EffectReading effect)
    {
        json.WriteStartObject("effect");
        json.WriteNumber("count", effect.Count);
        JsonAnswers.Figure(json, "ks", effect.KS);
        JsonAnswers.Figure(json, "ks_lower", effect.KSLower);
        JsonAnswers.Figure(json, "wasserstein", effect.Wasserstein);
        JsonAnswers.Figure(json, "psi", effect.Psi);
        JsonAnswers.Figure(json, "psi_critical", effect.PsiCritical);
        JsonAnswers.Figure(json, "jensen_shannon", effect.JensenShannon);
        json.WriteEndObject();
    }

    private static void WriteAlarm(Utf8JsonWriter json, SignalTransition? alarm)
    {
        if (alarm is null)
        {
            json.WriteNull("last_alarm");
            return;
        }

        json.WriteStartObject("last_alarm");
        json.WriteString("at", alarm.At);
        json.WriteNumber("row", alarm.Row);
        json.WriteString("message", alarm.Message);
        json.WriteEndObject();
    }

    // JSON has no infinity; missing values have no edges.
    private static void Edge(Utf8JsonWriter json, string name, double edge)
    {
        if (double.IsNaN(edge)) json.WriteNull(name);
        else if (double.IsInfinity(edge)) json.WriteString(name, edge > 0 ? "Infinity" : "-Infinity");
        else json.WriteNumber(name, edge);
    }
}

using System.Text.Json;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Wire;

/// <summary>Incidents, silences and audit entries on the wire.</summary>
internal static class IncidentJson
{
    public static void Write(Utf8JsonWriter json, Incident incident, bool silenced, IReadOnlyList<IncidentEntry>? timeline)
    {
        json.WriteStartObject();
        json.WriteString("id", incident.Id);
        json.WriteString("model", incident.Model);
        json.WriteString("version", incident.Version);
        json.WriteString("signal", incident.Signal);
        json.WriteString("kind", SignalJson.Name(incident.Kind));
        json.WriteNumber("epoch", incident.Epoch);
        json.WriteString("state", Name(incident.State));
        json.WriteString("severity", incident.Severity == IncidentSeverity.High ? "high" : "medium");
        json.WriteString("opened_at", incident.OpenedAt);
        if (incident.ClosedAt is { } closed) json.WriteString("closed_at", closed);
        else json.WriteNull("closed_at");
        json.WriteString("acknowledged_by", incident.AcknowledgedBy);
        json.WriteBoolean("silenced", silenced);
        json.WriteString("message", incident.Message);
        if (timeline is not null)
        {
            json.WriteStartArray("timeline");
            foreach (IncidentEntry entry in timeline) Write(json, entry);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, Silence silence)
    {
        json.WriteStartObject();
        json.WriteString("id", silence.Id);
        json.WriteString("model", silence.Model);
        json.WriteString("signal", silence.Signal);
        json.WriteString("from", silence.From);
        json.WriteString("until", silence.Until);
        json.WriteString("who", silence.Who);
        json.WriteString("reason", silence.Reason);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, StoredAudit stored)
    {
        json.WriteStartObject();
        json.WriteNumber("sequence", stored.Sequence);
        json.WriteString("at", stored.Entry.At);
        json.WriteString("who", stored.Entry.Who);
        json.WriteString("action", stored.Entry.Action);
        json.WriteString("subject", stored.Entry.Subject);
        json.WriteString("before", stored.Entry.Before);
        json.WriteString("after", stored.Entry.After);
        json.WriteEndObject();
    }

    private static string Name(IncidentState state) => state switch
    {
        IncidentState.Open => "open",
        IncidentState.Recovering => "recovering",
        _ => "closed",
    };

    private static void Write(Utf8JsonWriter json, IncidentEntry entry)
    {
        json.WriteStartObject();
        json.WriteString("at", entry.At);
        json.WriteString("kind", entry.Kind switch
        {
            IncidentEntryKind.Opened => "opened",
            IncidentEntryKind.Evidence => "evidence",
            IncidentEntryKind.Acknowledged => "acknowledged",
            IncidentEntryKind.Silenced => "silenced",
            IncidentEntryKind.Recovering => "recovering",
            IncidentEntryKind.Reopened => "reopened",
            IncidentEntryKind.Closed => "closed",
            IncidentEntryKind.Rebaselined => "rebaselined",
            _ => "note",
        });
        json.WriteString("who", entry.Who);
        json.WriteString("text", entry.Text);
        if (entry.Row > 0) json.WriteNumber("row", entry.Row);
        json.WriteEndObject();
    }
}

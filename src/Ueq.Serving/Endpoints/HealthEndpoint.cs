using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Monitoring;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /health</c>: what is known of the service's state. It is computed when asked, so it recovers by itself.</summary>
internal sealed class HealthEndpoint(ServiceParts parts, StoreKeeper store, IncidentDesk desk, ExperimentDesk experiments, RegistryKeeper? registry)
{
    private readonly ProcessorUse _processor = new(parts.Time);

    public Task Handle(HttpContext http)
    {
        foreach (ServedModel each in parts.Models.Models) each.Monitor.Flush();
        ServedModel model = parts.Models.Current;
        ModelMonitor monitor = model.Monitor;
        SizeReading? sizes = monitor.ReadSizes();
        IReadOnlyList<WatchedSignal> alarms = monitor.ReadAlarms();
        bool healthy = !parts.IsStopping && (parts.Config.HealthPolicy == HealthPolicy.Honest || IsHealthyToTheGuide());
        int status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonAnswers.Write(http, status, json => Write(json, healthy, model, sizes, alarms));
    }

    private bool IsHealthyToTheGuide() =>
        parts.Tally.ErrorRate <= parts.Config.MaxErrorRate
        && parts.Models.Models.All(m => !(m.Monitor.ReadSizes()?.DriftScore > parts.Config.DriftThreshold) && m.Monitor.ReadAlarms().All(a => MonitoringJson.Severity(a) != "high"));

    private void Write(Utf8JsonWriter json, bool healthy, ServedModel model, SizeReading? sizes, IReadOnlyList<WatchedSignal> alarms)
    {
        ServiceTally tally = parts.Tally;
        json.WriteStartObject();
        json.WriteBoolean("is_healthy", healthy);
        json.WriteNumber("last_health_check", tally.Now);
        json.WriteNumber("request_count", tally.Requests);
        json.WriteNumber("error_count", tally.Errors);
        json.WriteNumber("error_rate", tally.ErrorRate);
        json.WritePropertyName("monitoring");
        WriteMonitoring(json, model.Monitor, sizes, alarms);
        CoverageReading coverage = model.Coverage.Read(parts.Time.GetUtcNow());
        PerformanceJson.Write(json, tally, coverage.Recent, model.Monitor.ReadEstimated(), _processor.Percent() / 100 / Environment.ProcessorCount, parts.Config.MaxErrorRate);
        json.WritePropertyName("coverage");
        CoverageJson.Begin(json, coverage);
        json.WriteEndObject();
        json.WritePropertyName("store");
        WriteStore(json);
        json.WritePropertyName("cache");
        CacheJson.Write(json, parts.Models.Models, parts.Shared);
        ErrorsJson.Write(json, parts.ErrorStatistics, parts.Models.Models, store, parts.Shared);
        WriteModels(json);
        ExperimentJson.WriteHealth(json, experiments, parts.Shadows);
        json.WritePropertyName("config");
        ConfigJson.Write(json, parts.ConfigState);
        if (registry is not null) WriteRegistry(json, registry);
        json.WriteNumber("uptime", tally.Uptime.TotalSeconds);
        json.WriteEndObject();
    }

    private void WriteStore(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("state", store.State);
        json.WriteNumber("errors", store.Errors);
        json.WriteString("problem", store.Trouble);
        json.WriteNumber("incidents_open", parts.Models.Models.Sum(m => desk.OpenOf(m).Count));
        json.WriteEndObject();
    }

    private void WriteModels(Utf8JsonWriter json)
    {
        json.WriteStartArray("models");
        foreach (ServedModel model in parts.Models.Models)
        {
            json.WriteStartObject();
            json.WriteString("name", model.Name);
            json.WriteString("version", model.Version.Digest);
            json.WriteStartArray("references");
            foreach (string reference in parts.Models.ReferencesOf(model)) json.WriteStringValue(reference);
            json.WriteEndArray();
            json.WriteString("state", model.Monitor.State is { } state ? MonitoringJson.Name(state) : "no_reference");
            json.WriteNumber("incidents_open", desk.OpenOf(model).Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteRegistry(Utf8JsonWriter json, RegistryKeeper registry)
    {
        json.WriteStartObject("registry");
        IReadOnlyList<(string Reference, string Problem)> refused = registry.Refused;
        json.WriteString("state", refused.Count == 0 ? "followed" : "refused");
        json.WriteStartArray("refused");
        foreach ((string reference, string problem) in refused)
        {
            json.WriteStartObject();
            json.WriteString("reference", reference);
            json.WriteString("problem", problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Without a full window there is no score: null, where a zero would claim that nothing has drifted.
    private static void WriteMonitoring(Utf8JsonWriter json, ModelMonitor monitor, SizeReading? sizes, IReadOnlyList<WatchedSignal> alarms)
    {
        bool judged = sizes is { WindowsClosed: > 0 };
        json.WriteStartObject();
        json.WriteString("status", judged && sizes!.Status == GuideStatus.Warning ? "warning" : "healthy");
        json.WriteString("state", monitor.State is { } state ? MonitoringJson.Name(state) : "no_reference");
        json.WriteNumber("total_samples", monitor.Rows);
        JsonAnswers.Figure(json, "recent_drift_score", judged ? sizes!.DriftScore : double.NaN);
        JsonAnswers.Figure(json, "max_drift_score", judged ? sizes!.MaxDriftScore : double.NaN);
        json.WriteNumber("alerts_count", monitor.Alarms);
        json.WriteNumber("windows", sizes?.WindowsClosed ?? 0);
        json.WriteStartArray("alerts");
        foreach (WatchedSignal alarm in alarms) json.WriteStringValue(MonitoringJson.Message(alarm));
        json.WriteEndArray();
        json.WriteNumber("monitor_errors", monitor.Errors);
        json.WriteNumber("monitor_dropped_rows", monitor.Dropped);
        json.WriteNumber("monitor_skipped_rows", monitor.Skipped);
        json.WriteEndObject();
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Monitoring;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /health</c>: what is known of the service's state. It is computed when asked, so it recovers by itself.</summary>
internal sealed class HealthEndpoint(ServiceParts parts)
{
    public Task Handle(HttpContext http)
    {
        DriftReading? drift = parts.Slot.Current.Monitor.Read();
        bool healthy = IsHealthy(drift);
        int status = healthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return JsonAnswers.Write(http, status, json => Write(json, healthy, drift));
    }

    private bool IsHealthy(DriftReading? drift)
    {
        if (parts.IsStopping) return false;
        if (parts.Config.HealthPolicy == HealthPolicy.Honest) return true;
        if (parts.Tally.ErrorRate > parts.Config.MaxErrorRate) return false;
        return drift is null || drift.State == DriftState.Learning
            || (drift.DriftScore <= parts.Config.DriftThreshold && drift.Alerts.All(a => a.Severity != AlertSeverity.High));
    }

    private void Write(Utf8JsonWriter json, bool healthy, DriftReading? drift)
    {
        ServiceTally tally = parts.Tally;
        json.WriteStartObject();
        json.WriteBoolean("is_healthy", healthy);
        json.WriteNumber("last_health_check", tally.Now);
        json.WriteNumber("request_count", tally.Requests);
        json.WriteNumber("error_count", tally.Errors);
        json.WriteNumber("error_rate", tally.ErrorRate);
        json.WritePropertyName("monitoring");
        WriteMonitoring(json, drift);
        json.WritePropertyName("performance");
        WritePerformance(json, tally);
        json.WriteNumber("uptime", tally.Uptime.TotalSeconds);
        json.WriteEndObject();
    }

    // Without a full window there is no score: null, where a zero would claim that nothing has drifted.
    private void WriteMonitoring(Utf8JsonWriter json, DriftReading? drift)
    {
        bool judged = drift is { WindowsClosed: > 0 };
        json.WriteStartObject();
        json.WriteString("status", judged && drift!.Status == GuideStatus.Warning ? "warning" : "healthy");
        json.WriteString("state", drift is null ? "no_reference" : MonitoringJson.Name(drift.State));
        json.WriteNumber("total_samples", drift?.Rows ?? 0);
        JsonAnswers.Figure(json, "recent_drift_score", judged ? drift!.DriftScore : double.NaN);
        JsonAnswers.Figure(json, "max_drift_score", judged ? drift!.MaxDriftScore : double.NaN);
        json.WriteNumber("alerts_count", drift?.AlertsSoFar ?? 0);
        json.WriteNumber("windows", drift?.WindowsClosed ?? 0);
        json.WriteStartArray("alerts");
        foreach (DriftAlert alert in drift?.Alerts ?? []) json.WriteStringValue(alert.Message);
        json.WriteEndArray();
        json.WriteNumber("monitor_errors", parts.Slot.Current.Monitor.Errors);
        json.WriteEndObject();
    }

    // The errors of predictions are unknown until labels arrive.
    private static void WritePerformance(Utf8JsonWriter json, ServiceTally tally)
    {
        InferenceReading inference = tally.Inference.Read();
        json.WriteStartObject();
        json.WriteNull("recent_mse");
        json.WriteNull("recent_mae");
        json.WriteNull("recent_rmse");
        JsonAnswers.Figure(json, "avg_inference_time", inference.Mean);
        JsonAnswers.Figure(json, "p50_inference_time", inference.Median);
        JsonAnswers.Figure(json, "p99_inference_time", inference.Percentile99);
        json.WriteNumber("window_requests", inference.Requests);
        json.WriteNumber("total_samples", tally.Rows);
        json.WriteEndObject();
    }
}

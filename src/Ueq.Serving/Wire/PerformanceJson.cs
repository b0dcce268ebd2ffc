using System.Text.Json;
using Ueq.Monitoring;

namespace Ueq.Serving.Wire;

/// <summary>What <c>/health</c> says under <c>performance</c>, with the guide's names of <c>PerformanceMonitor</c> and <c>PerformanceTracker</c>.</summary>
internal static class PerformanceJson
{
    // The guide's thresholds, and how many times make a 95th percentile.
    private const double SlowSeconds = 1, MostMemory = 0.8, MostProcessor = 0.8;
    private const int FewestRequests = 20;

    /// <summary>Writes the object; the errors of predictions are unknown until labels arrive.</summary>
    public static void Write(Utf8JsonWriter json, ServiceTally tally, RealisedPerformance recent, EstimatedView? estimated, double processor, double errorRateAllowed)
    {
        InferenceReading inference = tally.Inference.Read();
        double memory = Memory();
        json.WriteStartObject("performance");
        JsonAnswers.Figure(json, "recent_mse", recent.Mse);
        JsonAnswers.Figure(json, "recent_mae", recent.Mae);
        JsonAnswers.Figure(json, "recent_rmse", recent.Rmse);
        foreach (EstimatedQuantity quantity in estimated?.Quantities ?? [])
            if (quantity.Name is "mae" or "rmse" or "accuracy") JsonAnswers.Figure(json, "estimated_" + quantity.Name, quantity.Value);
        JsonAnswers.Figure(json, "avg_inference_time", inference.Mean);
        JsonAnswers.Figure(json, "avg_latency", inference.Mean);
        JsonAnswers.Figure(json, "p50_inference_time", inference.Median);
        JsonAnswers.Figure(json, "p95_latency", inference.Percentile95);
        JsonAnswers.Figure(json, "p99_inference_time", inference.Percentile99);
        JsonAnswers.Figure(json, "avg_throughput", inference.Throughput);
        JsonAnswers.Figure(json, "avg_memory_usage", memory);
        JsonAnswers.Figure(json, "avg_cpu_usage", processor);
        json.WriteNumber("window_requests", inference.Requests);
        json.WriteNumber("total_requests", tally.Requests);
        json.WriteNumber("total_samples", tally.Rows);
        json.WriteStartArray("alerts");
        if (inference.Requests >= FewestRequests && inference.Percentile95 > SlowSeconds)
            Alert(json, "high_latency", "warning", $"One in twenty of the last {inference.Requests} answers took {inference.Percentile95:0.###} s or longer; {SlowSeconds} s is the limit.");
        if (tally.Requests >= FewestRequests && tally.ErrorRate > errorRateAllowed)
            Alert(json, "high_error_rate", "warning", $"{tally.Errors} of {tally.Requests} requests failed; {errorRateAllowed:0.####} of them may.");
        if (memory > MostMemory) Alert(json, "high_memory", "critical", $"{100 * memory:0.#} % of the memory is used; {100 * MostMemory} % may be.");
        if (processor > MostProcessor) Alert(json, "high_cpu", "warning", $"{100 * processor:0.#} % of the processors' time is used; {100 * MostProcessor} % may be.");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Alert(Utf8JsonWriter json, string type, string severity, FormattableString message)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        json.WriteString("severity", severity);
        json.WriteString("message", FormattableString.Invariant(message));
        json.WriteEndObject();
    }

    /// <summary>Share of the memory that this process may have which is used, by whomever.</summary>
    private static double Memory()
    {
        GCMemoryInfo info = GC.GetGCMemoryInfo();
        return info is { MemoryLoadBytes: > 0, TotalAvailableMemoryBytes: > 0 } ? Math.Min(1, (double)info.MemoryLoadBytes / info.TotalAvailableMemoryBytes) : double.NaN;
    }
}

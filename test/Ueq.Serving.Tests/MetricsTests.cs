using System.Text.RegularExpressions;

namespace Ueq.Serving.Tests;

// A meter's name is the process's own, so no other server may run beside this one.
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class Alone;

[Collection("alone")]
public sealed partial class MetricsTests
{
    [Fact]
    public async Task MetricsHaveTheGuidesNames()
    {
        await using Server server = await Server.Start(Fakes.Sum(reference: true));
        await server.Predict($"{{\"X\":[{string.Join(",", Enumerable.Repeat("[1,2,3]", 100))}]}}");
        await server.Predict("""{"X":[[1,2,3]],"coverage":0.995}""", "/predict_large");
        await server.Post("/predict", "{}");
        await server.Post("/predict", """{"X":[[66.5,2,3]]}""");
        await server.Post("/nowhere", "{}");
        await server.Until("/health", h => h.GetProperty("monitoring").GetProperty("windows").GetInt64() == 1);
        string text = await server.Client.GetStringAsync(new Uri("/metrics", UriKind.Relative));

        string[] names = [.. Type().Matches(text).Select(m => m.Groups[1].Value).Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "ueq_coverage_target", "ueq_coverage_tolerated", "ueq_cpu_usage_percent", "ueq_drift_effect", "ueq_drift_effect_lower", "ueq_drift_evidence_log10", "ueq_drift_score", "ueq_drift_threshold_log10", "ueq_error_rate",
                "ueq_experiment_shadow_rows_total", "ueq_experiment_shadow_unmatched_total", "ueq_incidents_open", "ueq_labels_total", "ueq_memory_usage_bytes", "ueq_monitor_dropped_rows_total", "ueq_monitor_errors_total", "ueq_monitor_skipped_rows_total", "ueq_refused_requests_total",
                "ueq_request_duration_seconds", "ueq_requests_total", "ueq_rows_total", "ueq_signal_state", "ueq_store_errors_total", "ueq_unbounded_intervals_total",
            ],
            names);
        Assert.Equal(1, Value(text, "ueq_requests_total{method=\"predict\",status=\"success\"}"));
        Assert.Equal(1, Value(text, "ueq_requests_total{method=\"predict_large\",status=\"success\"}"));
        Assert.Equal(1, Value(text, "ueq_requests_total{method=\"predict\",status=\"refused\"}"));
        Assert.Equal(1, Value(text, "ueq_requests_total{method=\"predict\",status=\"error\"}"));
        Assert.Equal(1, Value(text, "ueq_refused_requests_total{status=\"400\"}"));
        Assert.Equal(1, Value(text, "ueq_refused_requests_total{status=\"404\"}"));
        Assert.Equal(101, Value(text, "ueq_rows_total{}"));
        Assert.Equal(1, Value(text, "ueq_unbounded_intervals_total{}"));
        Assert.Equal(4, Value(text, "ueq_request_duration_seconds_count{}"));
        Assert.Equal(0.25, Value(text, "ueq_error_rate{}"));
        Assert.True(Value(text, "ueq_memory_usage_bytes{}") > 1e7);
    }

    private static double Value(string text, string series)
    {
        string line = text.Split('\n').Single(l => l.StartsWith(series + " ", StringComparison.Ordinal));
        return double.Parse(line.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("^# TYPE (ueq_\\w+) ", RegexOptions.Multiline)]
    private static partial Regex Type();
}

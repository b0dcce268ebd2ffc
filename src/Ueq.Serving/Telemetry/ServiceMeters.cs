using System.Diagnostics.Metrics;

namespace Ueq.Serving.Telemetry;

/// <summary>The service's instruments, under the guide's names.</summary>
/// <remarks>What is counted anyway is only read when somebody collects; a request pays for one histogram.</remarks>
internal sealed class ServiceMeters
{
    public const string MeterName = "Ueq.Serving";

    private static readonly double[] Buckets =
    [
        0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
    ];

    private readonly Histogram<double> _duration;

    public ServiceMeters(IMeterFactory meters, ServiceTally tally, ModelCatalog models, ProcessorUse processor)
    {
        Meter meter = meters.Create(MeterName);
        _duration = meter.CreateHistogram(
            "ueq_request_duration_seconds", null, "Request duration", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        meter.CreateObservableCounter("ueq_requests_total", () => Requests(tally), null, "Total requests");
        meter.CreateObservableCounter("ueq_refused_requests_total", () => Refused(tally), null, "Requests refused, for what the caller sent or since too many wait, by HTTP status");
        meter.CreateObservableCounter("ueq_rows_total", () => tally.Rows, null, "Rows predicted");
        meter.CreateObservableCounter("ueq_unbounded_intervals_total", () => tally.Unbounded, null, "Intervals without a finite end");
        meter.CreateObservableCounter("ueq_monitor_errors_total", () => Of(models, m => m.Errors), null, "Failures of the drift monitor of a served model");
        meter.CreateObservableCounter("ueq_monitor_dropped_rows_total", () => Of(models, m => m.Dropped), null, "Rows that the monitor of a served model did not see because it was behind");
        meter.CreateObservableCounter("ueq_monitor_skipped_rows_total", () => Of(models, m => m.Skipped), null, "Rows that the monitor of a served model did not look at because more came than it looks at in a second");
        meter.CreateObservableGauge("ueq_drift_score", () => Drift(models), null, "Current drift score");
        meter.CreateObservableGauge("ueq_error_rate", () => tally.ErrorRate, null, "Share of the requests of the latest five minutes that failed by our own fault");
        meter.CreateObservableGauge("ueq_memory_usage_bytes", () => Environment.WorkingSet, null, "Memory usage");
        meter.CreateObservableGauge("ueq_cpu_usage_percent", processor.Percent, null, "CPU usage since the last collection, of one processor");
    }

    public void Record(double seconds) => _duration.Record(seconds);

    private static List<Measurement<long>> Requests(ServiceTally tally)
    {
        List<Measurement<long>> all = [];
        foreach ((ServiceCall call, string method) in new[] { (ServiceCall.Predict, "predict"), (ServiceCall.PredictLarge, "predict_large"), (ServiceCall.Infer, "infer") })
        {
            foreach (CallOutcome outcome in Enum.GetValues<CallOutcome>())
            {
                all.Add(new(
                    tally.Count(call, outcome),
                    new KeyValuePair<string, object?>("method", method),
                    new KeyValuePair<string, object?>("status", outcome.ToString().ToLowerInvariant())));
            }
        }

        return all;
    }

    private static IEnumerable<Measurement<long>> Refused(ServiceTally tally) =>
        from status in ServiceTally.RefusedStatuses
        let count = tally.Refused(status)
        where count > 0
        select new Measurement<long>(count, new KeyValuePair<string, object?>("status", status));

    // No window has closed: there is no score, and a zero would claim that nothing has drifted.
    private static IEnumerable<Measurement<double>> Drift(ModelCatalog models) =>
        from model in models.Models
        let reading = model.Monitor.ReadSizes()
        where reading is { WindowsClosed: > 0 }
        select new Measurement<double>(reading.DriftScore, Tag(model));

    private static IEnumerable<Measurement<long>> Of(ModelCatalog models, Func<ModelMonitor, long> count) =>
        from model in models.Models select new Measurement<long>(count(model.Monitor), Tag(model));

    /// <summary>The label that says which model a figure is of.</summary>
    public static KeyValuePair<string, object?> Tag(ServedModel model) => new("model", model.Reference);
}

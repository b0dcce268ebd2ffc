using System.Diagnostics.Metrics;

namespace Ueq.Serving.Telemetry;

/// <summary>The instruments of waiting and of predicting together; there are none where nothing waits.</summary>
internal sealed class QueueMeters
{
    private static readonly double[] Buckets = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

    public QueueMeters(IMeterFactory meters, PredictionQueue queue, ModelCatalog models)
    {
        if (queue.Runners == 0) return;
        Meter meter = meters.Create(ServiceMeters.MeterName);
        Histogram<double> waited = meter.CreateHistogram(
            "ueq_queue_wait_seconds", null, "Time that requests waited for their turn", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = Buckets });
        queue.Waited = waited.Record;
        meter.CreateObservableGauge("ueq_queue_requests", () => queue.Read().WaitingRequests, null, "Requests that wait for their turn");
        meter.CreateObservableGauge("ueq_queue_rows", () => queue.Read().WaitingRows, null, "Rows of requests that wait for their turn");
        meter.CreateObservableGauge("ueq_queue_busy_threads", () => queue.Read().Busy, null, "Threads that predict");
        meter.CreateObservableCounter("ueq_queue_dropped_total", () => Dropped(queue.Read()), null, "Requests that never had their turn, by reason");
        meter.CreateObservableCounter("ueq_microbatches_total", () => Of(models, b => b.Batches), null, "Batches of requests predicted together");
        meter.CreateObservableCounter("ueq_microbatch_requests_total", () => Of(models, b => b.Requests), null, "Requests in them");
        meter.CreateObservableCounter("ueq_microbatch_rows_total", () => Of(models, b => b.Rows), null, "Rows in them");
        meter.CreateObservableCounter("ueq_microbatch_splits_total", () => Of(models, b => b.Split), null, "Batches that failed and were predicted again request by request");
    }

    private static Measurement<long>[] Dropped(QueueReading queue) =>
    [
        new(queue.Refused, Reason("full")), new(queue.Displaced, Reason("displaced")), new(queue.Late, Reason("late")), new(queue.Gone, Reason("gone")),
    ];

    private static KeyValuePair<string, object?> Reason(string reason) => new("reason", reason);

    private static IEnumerable<Measurement<long>> Of(ModelCatalog models, Func<ModelBatches, long> count) =>
        from model in models.Models where model.Batches is not null select new Measurement<long>(count(model.Batches!), ServiceMeters.Tag(model));
}

using System.Diagnostics.Metrics;

namespace Ueq.Serving.Telemetry;

/// <summary>The instruments of the cache; there are none where nothing is kept.</summary>
internal sealed class CacheMeters
{
    public CacheMeters(IMeterFactory meters, UeqServiceConfig config, ModelCatalog models, SharedCache shared)
    {
        if (config.Cache.Models.Count == 0) return;
        Meter meter = meters.Create(ServiceMeters.MeterName);
        meter.CreateObservableCounter("ueq_cache_requests_total", () => Requests(models, shared), null, "Rows looked for in the cache, by level and result");
        meter.CreateObservableCounter("ueq_cache_joined_total", () => Of(models, c => c.Joined), null, "Rows answered by waiting for another request with the same row");
        meter.CreateObservableCounter("ueq_cache_evictions_total", () => Of(models, c => c.Evictions), null, "Rows given up for others or for their age");
        meter.CreateObservableGauge("ueq_cache_rows", () => Of(models, c => c.Rows), null, "Rows whose answers are kept in this process");
        if (!shared.IsOn) return;
        meter.CreateObservableGauge("ueq_cache_redis_up", () => shared.IsUp ? 1 : 0, null, "Whether Redis is believed to answer");
        meter.CreateObservableCounter("ueq_cache_redis_errors_total", () => shared.Errors, null, "Calls of Redis that failed, were too slow, or were not made since others had");
        meter.CreateObservableCounter("ueq_cache_redis_dropped_total", () => shared.Dropped, null, "Answers not written to Redis since too many others waited");
    }

    private static IEnumerable<Measurement<long>> Requests(ModelCatalog models, SharedCache shared)
    {
        foreach (ServedModel model in models.Models)
        {
            if (model.Cache is not { } cache) continue;
            CacheReading read = cache.Read();
            yield return new(read.Hits, ServiceMeters.Tag(model), Level("memory"), Result("hit"));
            yield return new(read.Misses, ServiceMeters.Tag(model), Level("memory"), Result("miss"));
            if (!shared.IsOn) continue;
            yield return new(read.SharedHits, ServiceMeters.Tag(model), Level("redis"), Result("hit"));
            yield return new(read.SharedMisses, ServiceMeters.Tag(model), Level("redis"), Result("miss"));
        }
    }

    private static KeyValuePair<string, object?> Level(string level) => new("level", level);

    private static KeyValuePair<string, object?> Result(string result) => new("result", result);

    private static IEnumerable<Measurement<long>> Of(ModelCatalog models, Func<CacheReading, long> count) =>
        from model in models.Models where model.Cache is not null select new Measurement<long>(count(model.Cache!.Read()), ServiceMeters.Tag(model));
}

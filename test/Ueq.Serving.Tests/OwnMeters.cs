using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Ueq.Serving.Tests;

/// <summary>Meters that are told apart from those of other services of this process.</summary>
/// <remarks>
/// OpenTelemetry takes meters of one name and one set of tags for one; when a service of another test ends, its meters end, and the figures of
/// this one would be missing from <c>/metrics</c>. A process of a user has one service.
/// </remarks>
internal sealed class OwnMeters : IMeterFactory
{
    private readonly ConcurrentDictionary<string, Meter> _meters = [];
    private readonly KeyValuePair<string, object?> _mark = new("service", Guid.NewGuid().ToString());

    public Meter Create(MeterOptions options) => _meters.GetOrAdd(options.Name, name => new Meter(new MeterOptions(name) { Version = options.Version, Tags = [_mark], Scope = this }));

    public void Dispose()
    {
        foreach (Meter meter in _meters.Values) meter.Dispose();
    }
}

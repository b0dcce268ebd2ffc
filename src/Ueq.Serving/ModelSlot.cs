using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>The place the served model version stands in; it can be swapped while requests run.</summary>
/// <remarks>A request works to its end with the version it began with.</remarks>
public sealed class ModelSlot
{
    private readonly UeqServiceConfig _config;
    private readonly TimeProvider _time;
    private volatile ServedModel _current;

    internal ModelSlot(ModelVersion version, UeqServiceConfig config, TimeProvider time)
    {
        _config = config;
        _time = time;
        _current = new ServedModel(version, config, time);
    }

    /// <summary>The version that new requests are answered with.</summary>
    public ModelVersion Version => _current.Version;

    /// <summary>Told of a version before it is served.</summary>
    internal Action<ServedModel>? Changing { get; set; }

    internal ServedModel Current => _current;

    /// <summary>Serves another version from now on.</summary>
    /// <exception cref="ArgumentException">The version cannot be served; the old one stays.</exception>
    public void Swap(ModelVersion version)
    {
        ServedModel next = new(version, _config, _time);
        Changing?.Invoke(next);
        Interlocked.Exchange(ref _current, next).Monitor.Dispose();
    }
}

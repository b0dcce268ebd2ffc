using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>What watches the answers of one served model. Its failures are counted and never reach a prediction.</summary>
internal sealed class ModelMonitor
{
    private readonly DriftMonitor? _drift;
    private volatile Rendered _rendered = new(null, "{\"state\":\"no_reference\",\"drift_score\":null,\"alerts\":[]}"u8.ToArray());
    private long _errors;

    public ModelMonitor(DriftMonitor? drift) => _drift = drift;

    /// <summary>The monitor of a version; one without a reference watches nothing and says so.</summary>
    public static ModelMonitor Of(ModelVersion version, UeqServiceConfig config)
    {
        if (version.Reference.IsEmpty) return new ModelMonitor(null);
        using MemoryStream stored = new(version.Reference.ToArray());
        DriftReference reference = DriftReference.Restore(stored);
        if (reference.Features != version.Schema.Width)
            throw new ArgumentException($"Expected a drift reference of {version.Schema.Width} features, got {reference.Features}.", nameof(version));
        return new ModelMonitor(new DriftMonitor(reference, new DriftOptions { WindowSize = config.WindowSize, DriftThreshold = config.DriftThreshold }));
    }

    /// <summary>Failures of the monitor, which nobody else noticed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Whether there is something to compare with.</summary>
    public bool HasReference => _drift is not null;

    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes)
    {
        if (_drift is null) return;
        try
        {
            _drift.Add(x, predictions, sizes);
        }
#pragma warning disable CA1031 // Whatever the monitor's trouble is, the prediction is right and is answered.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _errors);
        }
    }

    /// <summary>The latest reading; <c>null</c> without a reference or when the monitor fails.</summary>
    public DriftReading? Read()
    {
        try
        {
            return _drift?.Read();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _errors);
            return null;
        }
    }

    /// <summary>The latest reading as JSON, rendered once per window.</summary>
    public void Write(JsonBytes json)
    {
        if (Read() is { } reading && !ReferenceEquals(reading, _rendered.Reading))
        {
            int start = json.Length;
            MonitoringJson.Write(json, reading);
            _rendered = new Rendered(reading, json.Written[start..].ToArray());
            return;
        }

        json.Raw(_rendered.Json);
    }

    private sealed record Rendered(DriftReading? Reading, byte[] Json);
}

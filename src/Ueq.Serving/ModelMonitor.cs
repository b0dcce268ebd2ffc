using Ueq.Versions;

namespace Ueq.Serving;

/// <summary>What watches the answers of one served model. It never fails and never slows a prediction.</summary>
internal sealed class ModelMonitor
{
    private long _errors;

    public ModelMonitor(ModelVersion version, UeqServiceConfig config)
    {
        _ = version;
        _ = config;
    }

    /// <summary>Failures of the monitor, which nobody else noticed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public void Add(FeatureMatrix x, ReadOnlySpan<double> predictions, ReadOnlySpan<double> sizes)
    {
        _ = x;
        _ = predictions.Length + sizes.Length;
    }
}

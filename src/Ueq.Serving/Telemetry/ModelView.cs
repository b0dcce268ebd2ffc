using System.Diagnostics;
using Ueq.Monitoring;
using Ueq.Online;

namespace Ueq.Serving.Telemetry;

/// <summary>One served model as the metrics show it, read once for all instruments of a collection.</summary>
internal sealed record ModelView(ServedModel Model, SignalView Signals, CoverageReading Coverage, EstimatedView? Estimated, IReadOnlyList<OnlineReading> Online)
{
    /// <summary>Whether labels have said anything yet.</summary>
    public bool HasLabels => Coverage.Coverage.Labels > 0;
}

/// <summary>The served models as the metrics show them.</summary>
internal sealed class ModelViews(ModelCatalog models, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(0.5);
    private (IReadOnlyList<ModelView> Views, long At) _latest = ([], 0);

    /// <summary>The models, no older than half a second.</summary>
    public IReadOnlyList<ModelView> Read()
    {
        if (_latest.At != 0 && Stopwatch.GetElapsedTime(_latest.At) < Fresh) return _latest.Views;
        IReadOnlyList<ModelView> views = [.. models.Models.Select(View)];
        _latest = (views, Stopwatch.GetTimestamp());
        return views;
    }

    private ModelView View(ServedModel model)
    {
        model.Monitor.Flush();
        return new ModelView(model, SignalView.Of(model.Monitor.Read()), model.Coverage.Read(time.GetUtcNow()), model.Monitor.ReadEstimated(), model.Online?.Read() ?? []);
    }
}

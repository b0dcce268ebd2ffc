using System.Diagnostics;
using System.Diagnostics.Metrics;
using Ueq.Monitoring;

namespace Ueq.Serving.Telemetry;

/// <summary>The instruments of monitoring, incidents, labels and the store.</summary>
/// <remarks>All are read when somebody collects; requests pay nothing.</remarks>
internal sealed class WatchMeters
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(0.5);
    private static readonly SignalState[] States = Enum.GetValues<SignalState>();

    private readonly ModelSlot _slot;
    private readonly IncidentDesk _desk;
    private readonly LabelSource _labels;
    private (SignalView View, long At) _view = (SignalView.Of(null), 0);

    public WatchMeters(IMeterFactory meters, ModelSlot slot, StoreKeeper store, IncidentDesk desk, LabelSource labels)
    {
        _slot = slot;
        _desk = desk;
        _labels = labels;
        Meter meter = meters.Create(ServiceMeters.MeterName);
        meter.CreateObservableGauge("ueq_drift_evidence_log10", () => Signals(s => s.EvidenceLog10), null, "Evidence that a signal has changed, as a power of ten");
        meter.CreateObservableGauge("ueq_drift_threshold_log10", () => Known(View().ThresholdLog10), null, "Evidence that raises an alarm, as a power of ten");
        meter.CreateObservableGauge("ueq_drift_effect", () => Signals(s => s.Effect), null, "Kolmogorov distance of recent values from the reference, 0 to 1");
        meter.CreateObservableGauge("ueq_drift_effect_lower", () => Signals(s => s.EffectLower), null, "Lower bound of the Kolmogorov distance, 0 to 1");
        meter.CreateObservableGauge("ueq_signal_state", SignalStates, null, "1 for the state that a signal is in, 0 for the others");
        meter.CreateObservableGauge("ueq_coverage_observed", () => Label(l => l.Observed), null, "Share of labels that were covered");
        meter.CreateObservableGauge("ueq_coverage_lower", () => Label(l => l.Lower), null, "Lower end of the confidence sequence of coverage");
        meter.CreateObservableGauge("ueq_coverage_upper", () => Label(l => l.Upper), null, "Upper end of the confidence sequence of coverage");
        meter.CreateObservableGauge("ueq_coverage_target", () => Label(l => l.Target), null, "The coverage that is promised");
        meter.CreateObservableGauge("ueq_coverage_evidence_log10", () => Label(l => l.EvidenceLog10), null, "Evidence that coverage is lost, as a power of ten");
        meter.CreateObservableGauge("ueq_label_lag_seconds", LabelLag, null, "Time from a prediction to its label");
        meter.CreateObservableGauge("ueq_label_completeness", () => Label(l => l.Completeness), null, "Labels over receipts issued");
        meter.CreateObservableCounter("ueq_labels_total", LabelCounts, null, "Labels that arrived, by what became of them");
        meter.CreateObservableGauge("ueq_incidents_open", Incidents, null, "Incidents of the served model that are not closed; those under a silence are counted apart");
        meter.CreateObservableCounter("ueq_store_errors_total", () => store.Errors, null, "Operations of the store that failed");
    }

    private SignalView View()
    {
        if (_view.At != 0 && Stopwatch.GetElapsedTime(_view.At) < Fresh) return _view.View;
        _slot.Current.Monitor.Flush();
        _view = (SignalView.Of(_slot.Current.Monitor.Read()), Stopwatch.GetTimestamp());
        return _view.View;
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    // What is not a number is not known: no line says so better than any number.
    private static Measurement<double>[] Known(double value) => double.IsFinite(value) ? [new(value)] : [];

    private IEnumerable<Measurement<double>> Signals(Func<SignalFigures, double> figure) =>
        from signal in View().Signals
        let value = figure(signal)
        where double.IsFinite(value)
        select new Measurement<double>(value, Tag("signal", signal.Name));

    private IEnumerable<Measurement<int>> SignalStates() =>
        from signal in View().Signals
        from state in States
        select new Measurement<int>(signal.State == state ? 1 : 0, Tag("signal", signal.Name), Tag("state", MonitoringJson.Name(state)));

    private Measurement<double>[] Label(Func<LabelFigures, double> figure) => _labels.Read() is { } labels ? Known(figure(labels)) : [];

    private IEnumerable<Measurement<double>> LabelLag()
    {
        if (_labels.Read() is not { } labels) yield break;
        if (double.IsFinite(labels.LagMedian)) yield return new(labels.LagMedian, Tag("percentile", "50"));
        if (double.IsFinite(labels.LagP95)) yield return new(labels.LagP95, Tag("percentile", "95"));
    }

    private IEnumerable<Measurement<long>> LabelCounts()
    {
        if (_labels.Read() is not { } labels) yield break;
        yield return new(labels.Accepted, Tag("result", "accepted"));
        yield return new(labels.Duplicates, Tag("result", "duplicate"));
        foreach ((string reason, long count) in labels.Rejected) yield return new(count, Tag("result", reason));
    }

    private Measurement<int>[] Incidents()
    {
        IReadOnlyList<Incident> open = _desk.OpenOf(_slot.Current);
        int silenced = open.Count(_desk.IsSilent), high = open.Count(i => i.Severity == IncidentSeverity.High && !_desk.IsSilent(i));
        return
        [
            new(high, Tag("severity", "high")), new(open.Count - silenced - high, Tag("severity", "medium")), new(silenced, Tag("severity", "silenced")),
        ];
    }
}

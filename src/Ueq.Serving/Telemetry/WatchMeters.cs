using System.Diagnostics.Metrics;
using System.Globalization;
using Ueq.Monitoring;
using Ueq.Online;

namespace Ueq.Serving.Telemetry;

/// <summary>The instruments of monitoring, incidents, labels and the store.</summary>
/// <remarks>All are read when somebody collects; requests pay nothing.</remarks>
internal sealed class WatchMeters
{
    private static readonly SignalState[] States = Enum.GetValues<SignalState>();

    private readonly ModelViews _models;
    private readonly IncidentDesk _desk;
    private readonly LabelIntake _labels;

    public WatchMeters(IMeterFactory meters, ModelCatalog models, StoreKeeper store, IncidentDesk desk, LabelIntake labels, TimeProvider time)
    {
        _models = new ModelViews(models, time);
        _desk = desk;
        _labels = labels;
        Meter meter = meters.Create(ServiceMeters.MeterName);
        meter.CreateObservableGauge("ueq_drift_evidence_log10", () => Signals(s => s.EvidenceLog10), null, "Evidence that a signal has changed, as a power of ten");
        meter.CreateObservableGauge("ueq_drift_threshold_log10", () => Each(m => m.Signals.ThresholdLog10), null, "Evidence that raises an alarm, as a power of ten");
        meter.CreateObservableGauge("ueq_drift_effect", () => Signals(s => s.Effect), null, "Kolmogorov distance of recent values from the reference, 0 to 1");
        meter.CreateObservableGauge("ueq_drift_effect_lower", () => Signals(s => s.EffectLower), null, "Lower bound of the Kolmogorov distance, 0 to 1");
        meter.CreateObservableGauge("ueq_signal_state", SignalStates, null, "1 for the state that a signal is in, 0 for the others");
        meter.CreateObservableGauge("ueq_coverage_observed", () => Each(m => m.Coverage.Coverage.Covered), null, "Share of labels that were covered");
        meter.CreateObservableGauge("ueq_coverage_lower", () => Each(m => m.HasLabels ? m.Coverage.Coverage.Bounds.Lower : double.NaN), null, "Lower end of the confidence sequence of coverage");
        meter.CreateObservableGauge("ueq_coverage_upper", () => Each(m => m.HasLabels ? m.Coverage.Coverage.Bounds.Upper : double.NaN), null, "Upper end of the confidence sequence of coverage");
        meter.CreateObservableGauge("ueq_coverage_target", () => Each(m => m.Coverage.Tolerance.Nominal.Value), null, "The coverage that is promised");
        meter.CreateObservableGauge("ueq_coverage_tolerated", () => Each(m => 1 - m.Coverage.Tolerance.LargestMiss), null, "The coverage below which a sound calibration falls once in a hundred");
        meter.CreateObservableGauge("ueq_coverage_evidence_log10", () => Each(m => m.HasLabels ? m.Coverage.LogEvidence / Math.Log(10) : double.NaN), null, "Evidence that coverage is lost, as a power of ten");
        meter.CreateObservableGauge("ueq_online_level", () => Levels(l => 1 - l.Miss), null, "Coverage that answers are made for so that the one that was asked holds; 1 and more is unbounded, 0 and less empty");
        meter.CreateObservableCounter("ueq_online_updates_total", () => Levels(l => l.Updates), null, "Labels that moved an online level");
        foreach (string figure in EstimatedView.Names)
            meter.CreateObservableGauge("ueq_estimated_" + figure, () => Each(m => m.Estimated?.Of(figure)?.Value ?? double.NaN), null, $"Estimate without labels of the {EstimatedView.Say(figure)} of the latest rows; assumes no concept shift");
        meter.CreateObservableGauge("ueq_estimated_error", EstimatedErrors, null, "Standard error of an estimate without labels");
        meter.CreateObservableGauge("ueq_estimated_rows", () => Each(m => m.Estimated?.Rows ?? double.NaN), null, "Rows that the estimates without labels are of");
        meter.CreateObservableGauge("ueq_label_lag_seconds", LabelLag, null, "Time from a prediction to its label");
        meter.CreateObservableGauge("ueq_label_completeness", () => Each(m => CoverageJson.Completeness(m.Coverage)), null, "Labels over receipts issued");
        meter.CreateObservableCounter("ueq_labels_total", LabelCounts, null, "Labels that arrived, by what became of them");
        meter.CreateObservableGauge("ueq_incidents_open", Incidents, null, "Incidents of a served model that are not closed; those under a silence are counted apart");
        meter.CreateObservableCounter("ueq_store_errors_total", () => store.Errors, null, "Operations of the store that failed");
    }

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);

    // What is not a number is not known: no line says so better than any number.
    private IEnumerable<Measurement<double>> Each(Func<ModelView, double> figure) =>
        from model in _models.Read()
        let value = figure(model)
        where double.IsFinite(value)
        select new Measurement<double>(value, ServiceMeters.Tag(model.Model));

    private IEnumerable<Measurement<double>> Signals(Func<SignalFigures, double> figure) =>
        from model in _models.Read()
        from signal in model.Signals.Signals
        let value = figure(signal)
        where double.IsFinite(value)
        select new Measurement<double>(value, ServiceMeters.Tag(model.Model), Tag("signal", signal.Name));

    private IEnumerable<Measurement<T>> Levels<T>(Func<OnlineReading, T> figure)
        where T : struct =>
        from model in _models.Read()
        from level in model.Online
        select new Measurement<T>(figure(level), ServiceMeters.Tag(model.Model), Tag("coverage", level.Target.Value.ToString("R", CultureInfo.InvariantCulture)));

    private IEnumerable<Measurement<int>> SignalStates() =>
        from model in _models.Read()
        from signal in model.Signals.Signals
        from state in States
        select new Measurement<int>(signal.State == state ? 1 : 0, ServiceMeters.Tag(model.Model), Tag("signal", signal.Name), Tag("state", MonitoringJson.Name(state)));

    private IEnumerable<Measurement<double>> EstimatedErrors() =>
        from model in _models.Read()
        from quantity in model.Estimated?.Quantities ?? []
        where double.IsFinite(quantity.Error)
        select new Measurement<double>(quantity.Error, ServiceMeters.Tag(model.Model), Tag("figure", quantity.Name));

    private IEnumerable<Measurement<double>> LabelLag()
    {
        foreach (ModelView model in _models.Read())
        {
            LabelLag lag = model.Coverage.Lag;
            if (lag.Median is { } median) yield return new(median.TotalSeconds, ServiceMeters.Tag(model.Model), Tag("percentile", "50"));
            if (lag.Percentile95 is { } late) yield return new(late.TotalSeconds, ServiceMeters.Tag(model.Model), Tag("percentile", "95"));
        }
    }

    private IEnumerable<Measurement<long>> LabelCounts()
    {
        LabelTally tally = _labels.Tally;
        yield return new(tally.Accepted, Tag("result", "accepted"));
        yield return new(tally.Duplicates, Tag("result", "duplicate"));
        foreach (ReceiptFault fault in Enum.GetValues<ReceiptFault>())
            if (fault != ReceiptFault.None) yield return new(tally.Rejected(fault), Tag("result", LabelScoring.Reason(fault)));
        yield return new(tally.Refused, Tag("result", "no_room"));
    }

    private IEnumerable<Measurement<int>> Incidents()
    {
        foreach (ModelView model in _models.Read())
        {
            IReadOnlyList<Incident> open = _desk.OpenOf(model.Model);
            int silenced = open.Count(_desk.IsSilent), high = open.Count(i => i.Severity == IncidentSeverity.High && !_desk.IsSilent(i));
            yield return new(high, ServiceMeters.Tag(model.Model), Tag("severity", "high"));
            yield return new(open.Count - silenced - high, ServiceMeters.Tag(model.Model), Tag("severity", "medium"));
            yield return new(silenced, ServiceMeters.Tag(model.Model), Tag("severity", "silenced"));
        }
    }
}

using System.Diagnostics.Metrics;

namespace Ueq.Serving.Experiments;

/// <summary>The instruments of experiments. Labels are of the experiments that are known, so there are as many lines as arms.</summary>
internal sealed class ExperimentMeters
{
    public ExperimentMeters(IMeterFactory meters, ExperimentDesk desk, ExperimentRouter router, ShadowRunner shadows, ExperimentKeeper keeper)
    {
        Meter meter = meters.Create(ServiceMeters.MeterName);
        meter.CreateObservableCounter("ueq_experiment_exposures_total", () => Exposures(desk, router), null, "Requests that an arm of an experiment has answered");
        meter.CreateObservableCounter("ueq_experiment_shadow_rows_total", () => Shadows(shadows), null, "Rows for arms in the shadow, by what became of them");
        meter.CreateObservableCounter("ueq_experiment_shadow_unmatched_total", () => keeper.Unmatched, null, "Labels of shadowed rows whose shadow's answer never came");
    }

    private static IEnumerable<Measurement<long>> Exposures(ExperimentDesk desk, ExperimentRouter router)
    {
        HashSet<(string, string)> known = [.. desk.Known.SelectMany(e => e.Config.Arms.Select(a => (e.Config.Name, a.Reference)))];
        return from tally in router.Tallies where known.Contains((tally.Experiment, tally.Arm)) select new Measurement<long>(tally.Total, Tag("experiment", tally.Experiment), Tag("arm", tally.Arm));
    }

    private static Measurement<long>[] Shadows(ShadowRunner shadows) =>
        [new(shadows.Computed, Tag("result", "computed")), new(shadows.Dropped, Tag("result", "dropped")), new(shadows.Failed, Tag("result", "failed"))];

    private static KeyValuePair<string, object?> Tag(string name, string value) => new(name, value);
}

using Ueq.Monitoring;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>The watch of a model with one signal.</summary>
internal static class NullWatch
{
    private const int Rows = 20_000;

    // The default, and a threshold so low that there is something to count.
    public static readonly NullSubject[] All =
    [
        Of("ModelWatch, default", "1 false alarm a year of 1,000,000 rows.", new WatchOptions()),
        Of("ModelWatch, a lower threshold", "1 false alarm in 20,000 rows, so that there is something to count.", new WatchOptions { ObservationsPerYear = Rows }),
    ];

    private static NullSubject Of(string name, string says, WatchOptions options) => new(
        name, says + " 20,000 rows a run. Rows that depend on each other void the guarantee: the watch says so (*void* counts the runs) and is silent while it holds.",
        options.FalseAlarmsPerYear / options.ObservationsPerYear, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Rows, run);
            ModelWatch watch = new(DriftReference.OfColumns(["value"], Column(then), []), options with { Seed = (ulong)run });
            watch.AddColumns(Column(now), default);
            IReadOnlyList<SignalTransition> steps = watch.TakeTransitions();
            return new NullCount(
                Rows, steps.Count(s => s is { To: SignalState.Alarm, From: not SignalState.Recovering }), steps.Any(s => s.To == SignalState.Void) ? 1 : 0);
        })
    {
        Claims = _ => true,
    };

    private static FeatureMatrix Column(double[] values) => new(Array.ConvertAll(values, v => (float)v), 1);
}

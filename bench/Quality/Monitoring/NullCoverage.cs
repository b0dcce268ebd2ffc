using Ueq.Monitoring;
using Ueq.Versions;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>The bet against the promised coverage, on labels of sound calibrations.</summary>
internal static class NullCoverage
{
    private const int Labels = 10_000;

    private static readonly CoverageOptions _options = new();

    private static readonly Source _tolerated = Source.Of("misses", (ref Rng g) => g.NextUniform());

    public static readonly NullSubject[] All =
    [
        new("CoverageMonitor, calibrated on the reference", "1 % of all runs, however long, and 1 % of calibrations are worse than tolerated. 10,000 labels a run.",
            _options.AlarmProbability + CoverageTolerance.Risk, (source, reference, run) =>
            {
                (double[] then, double[] now) = source.Values(reference, Labels, run);
                double[] scores = [.. then.Select(Math.Abs).Order()];
                double threshold = scores[default(Coverage).Rank(reference) - 1];
                return Watch(reference, now, score => Math.Abs(score) > threshold);
            }),
        new("CoverageMonitor, as many misses as are tolerated", "1 % of all runs, however long. 10,000 labels a run; a reference is a number of calibration scores.",
            _options.AlarmProbability, (source, reference, run) =>
            {
                double tolerated = Tolerance(reference).LargestMiss;
                return Watch(reference, source.Values(reference, Labels, run).Stream, u => u < tolerated);
            })
        {
            Streams = [_tolerated],
        },
    ];

    private static CoverageTolerance Tolerance(int scores) =>
        CoverageTolerance.From(new Guarantee(GuaranteeKind.SplitConformal, default, default(Coverage).Rank(scores), scores));

    private static NullCount Watch(int reference, double[] stream, Func<double, bool> missed)
    {
        CoverageMonitor monitor = new(Tolerance(reference), ModelTask.Regression, _options);
        DateTimeOffset at = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);
        foreach (double value in stream)
        {
            at = at.AddMinutes(1);
            bool miss = missed(value);
            monitor.Add(new LabelledAnswer(at, at.AddMinutes(30), null, default, 0, new Interval(-1, 1), miss ? 2 : 0, miss ? LabelOutcome.Missed : LabelOutcome.Covered));
        }

        return new NullCount(1, Math.Min(1, monitor.Read(at).Alarms));
    }
}

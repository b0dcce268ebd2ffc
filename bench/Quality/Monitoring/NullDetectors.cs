using Ueq.Monitoring;

namespace Ueq.Bench.Quality.Monitoring;

/// <summary>The classical detectors with their defaults, and with limits that were calibrated.</summary>
internal static class NullDetectors
{
    private const int Rows = 5000, Horizon = 500;
    private const double Probability = 0.1;
    private const string Fed = " The reference is fed first; 5,000 values a run.", Errors = " An error is a value above the reference's median.";

    public static readonly NullSubject[] All =
    [
        Streaming("ADWIN", "δ = 0.002 a test of cuts, every 32 values, of values from 0 to 1." + Fed, 0.002, _ => new Adwin(), Raw, clock: 32) with { Claims = s => s == Source.Bernoulli },
        Streaming("Page-Hinkley", "No claim: its limit has the unit of the values." + Fed, double.NaN, _ => new PageHinkley(), Raw),
        Streaming("CUSUM", "No claim without a reference: the first 30 values are one." + Fed, double.NaN, _ => new Cusum(), Raw),
        Streaming("CUSUM, exact reference", "465 values between alarms, or so, of a Gaussian stream." + Fed, 1.0 / 465, _ => new Cusum(new() { Reference = new(0, 1) }), Raw)
            with { Streams = [Source.Gaussian] },
        Streaming("CUSUM, moments of the reference", "No claim." + Fed, double.NaN, r => new Cusum(new() { Reference = ChartReference.From(r) }), Raw) with { Streams = Varying },
        Streaming("EWMA", "No claim." + Fed, double.NaN, _ => new EwmaChart(), Raw),
        Streaming("EWMA, moments of the reference", "No claim." + Fed, double.NaN, r => new EwmaChart(new() { Reference = ChartReference.From(r) }), Raw) with { Streams = Varying },
        Streaming("KSWIN", "0.005 a value. It knows its window only, so no reference is fed; 1,000 values a run.", 0.005, _ => new Kswin(), Raw, 1000, fed: false),
        Streaming("DDM", "No claim." + Errors + Fed, double.NaN, _ => new Ddm(), AboveMedian),
        Streaming("HDDM-A", "0.001 a value." + Errors + Fed, 0.001, _ => new HddmA(), AboveMedian),
        Streaming("HDDM-W", "0.001 a value." + Errors + Fed, 0.001, _ => new HddmW(), AboveMedian),
        Betting("Simple jumper", "1 % of all runs, however long. Conformal p-values; 5,000 a run.", 0.01, () => new SimpleJumper(), p => p, ever: true),
        Betting("Likelihood ratios", "1 in 1,000 values. Bets 1 + 1.9(p - 1/2) on conformal p-values; 5,000 a run.", 0.001, () => new LikelihoodRatioDetector(), p => 1 + 1.9 * (p - 0.5), ever: false),
        Calibrated("CUSUM, ranked, calibrated", limit => new Cusum(new() { Reference = new(0, 1), Limit = limit })),
        Calibrated("EWMA, ranked, calibrated", limit => new EwmaChart(new() { Reference = new(0, 1), Limit = limit })),
        Calibrated("Page-Hinkley, ranked, calibrated", limit => new PageHinkley(new() { Limit = limit })),
    ];

    /// <summary>A chart knows no scale of values that do not vary.</summary>
    private static Source[] Varying => [.. Source.Few.Where(s => s != Source.Constant)];

    private static NullSubject Streaming(
        string name, string says, double claimed, Func<double[], IDriftDetector> make, Func<double[], Func<double, double>> input, int rows = Rows, int clock = 1, bool fed = true) => new(
        name, says, claimed, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, rows, run);
            IDriftDetector detector = make(then);
            Func<double, double> of = input(then);
            foreach (double value in then.AsSpan(fed ? 0 : then.Length)) detector.Add(of(value));
            return new NullCount(rows / clock, now.Count(value => detector.Add(of(value)) == DetectorState.Drift));
        })
        {
            Streams = Source.Few,
        };

    private static NullSubject Betting(string name, string says, double claimed, Func<ILimitDetector> make, Func<double, double> bet, bool ever) => new(
        name, says, claimed, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Rows, run);
            SignalReference bins = SignalReference.From("value", SignalKind.Feature, then);
            RankTable ranks = new(bins.Bins);
            ranks.Reset(bins.AllCounts);
            Rng rng = Rng.Stream(20261126, (ulong)run);
            ILimitDetector detector = make();
            int alarms = now.Count(value => detector.Add(bet(ranks.Next(bins.BinOrBeyond(value), rng.NextUniform()))) == DetectorState.Drift);
            return ever ? new NullCount(1, Math.Min(1, alarms)) : new NullCount(Rows, alarms);
        })
    {
        Streams = Source.Few,
    };

    private static NullSubject Calibrated(string name, Func<double, ILimitDetector> make) => new(
        name, "10 % of all runs: RankedDetector, limit by NullCalibration.OfRanks, 500 values, 199 replicates. 500 values a run.", Probability, (source, reference, run) =>
        {
            (double[] then, double[] now) = source.Values(reference, Horizon, run);
            NullLimit limit = NullCalibration.OfRanks(make, Horizon, Probability, new() { Replicates = 199, Seed = (ulong)run });
            RankedDetector detector = new(make(limit.Limit), then, (ulong)run + 1_000_000);
            return new NullCount(1, now.Any(value => detector.Add(value) == DetectorState.Drift) ? 1 : 0);
        })
    {
        Streams = Source.Few,
    };

    private static Func<double, double> Raw(double[] reference) => value => value;

    private static Func<double, double> AboveMedian(double[] reference)
    {
        double median = reference.Order().ElementAt(reference.Length / 2);
        return value => value > median ? 1 : 0;
    }
}

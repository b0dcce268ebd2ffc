using Ueq.Monitoring.Tests.TwoSample;

namespace Ueq.Monitoring.Tests.Detectors;

public sealed class NullCalibrationTests
{
    private static readonly double[] _reference = [.. SampleTests.Normal(60_000, 1).Select(Math.Exp)];
    private static readonly NullCalibrationOptions _options = new() { Replicates = 399, Seed = 9 };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void CalibratedLimitsHoldTheirProbabilityOnNewStreams()
    {
        // Lognormal values: constants made for a Gaussian would alarm far too often.
        ChartReference moments = Moments();
        ILimitDetector Make(double limit) => new Cusum(new() { Reference = moments, Limit = limit });
        NullLimit limit = NullCalibration.Of(_reference, Make, 500, 0.1, _options, cancellation: Stop);
        int alarms = Alarms(() => Make(limit.Limit), 500, 400);
        // 10 % of 400 streams, and the limit's own sampling error.
        Assert.InRange(alarms, 15, 68);
        Assert.True(Alarms(() => Make(5), 500, 100) > 50);
    }

    [Fact]
    public void RanksHoldTheirProbabilityWithTwentyReferenceValuesOfAnyDistribution()
    {
        static ILimitDetector Make(double limit) => new Cusum(new() { Reference = new(0, 1), Limit = limit });
        double limit = NullCalibration.OfRanks(Make, 500, 0.1, _options with { Replicates = 3999 }, cancellation: Stop).Limit;
        foreach (Func<double, double> shape in (Func<double, double>[])[Math.Exp, v => Math.Pow(v, 9), Math.Round, v => v > 1 ? 1 : 0, v => 3])
        {
            int alarms = 0;
            for (ulong run = 0; run < 500; run++)
            {
                double[] values = [.. SampleTests.Normal(520, 30_000 + run).Select(shape)];
                RankedDetector detector = new(Make(limit), values.AsSpan(0, 20), run);
                if (values.Skip(20).Any(v => detector.Add(v) == DetectorState.Drift)) alarms++;
            }

            // 10 % of 500 give or take four standard deviations.
            Assert.InRange(alarms, 23, 77);
        }
    }

    [Fact]
    public void RanksDoNotDependOnTheUnitAndSeeAShift()
    {
        double limit = NullCalibration.OfRanks(l => new Cusum(new() { Reference = new(0, 1), Limit = l }), 1000, 0.01, _options, cancellation: Stop).Limit;
        RankedDetector plain = Ranked(v => v), stretched = Ranked(v => Math.Exp(3 * v) - 7);
        foreach (double value in SampleTests.Normal(500, 2)) Assert.Equal(plain.Add(value), stretched.Add(Math.Exp(3 * value) - 7));
        Assert.Equal(plain.Statistic, stretched.Statistic);
        Assert.Contains(SampleTests.Normal(60, 3, 1), value => plain.Add(value) == DetectorState.Drift);

        RankedDetector Ranked(Func<double, double> unit) =>
            new(new Cusum(new() { Reference = new(0, 1), Limit = limit }), [.. SampleTests.Normal(400, 1).Select(unit)], 5);
    }

    [Fact]
    public void ARankedDetectorNamesBadReferences()
    {
        Assert.Throws<ArgumentException>("reference", () => new RankedDetector(new Cusum(), []));
        Assert.Throws<ArgumentException>("reference", () => new RankedDetector(new Cusum(), [1, double.NaN]));
        Assert.Throws<ArgumentNullException>("inner", () => new RankedDetector(null!, [1]));
        RankedDetector far = new(new Cusum(new() { Reference = new(0, 1) }), [double.MinValue, -0.0, double.MaxValue]);
        foreach (double value in (double[])[double.MaxValue, double.MinValue, 0, double.Epsilon]) far.Add(value);
        Assert.True(double.IsFinite(far.Statistic));
    }

    [Fact]
    public void AnAverageRunLengthIsHeld()
    {
        ChartReference moments = Moments();
        NullLimit limit = NullCalibration.OfAverageRunLength(_reference, l => new EwmaChart(new() { Reference = moments, Limit = l }), 2000, _options, cancellation: Stop);
        double measured = NullCalibration.MeasuredRunLength(_reference, () => new EwmaChart(new() { Reference = moments, Limit = limit.Limit }), 20_000, _options with { Seed = 77 }, cancellation: Stop);
        Assert.InRange(measured, 1500, 2800);
    }

    [Fact]
    public void ALimitOfWindowsAllowsForTheReferenceBeingASample()
    {
        double[] reference = SampleTests.Normal(200, 3);
        NullLimit limit = NullCalibration.OfWindow(reference, 50, (then, now) => SampleDistances.Of(then, now).KolmogorovSmirnov, 0.05, _options, cancellation: Stop);
        int alarms = 0;
        for (ulong run = 0; run < 400; run++)
            if (SampleDistances.Of(SampleTests.Normal(200, 1000 + run), SampleTests.Normal(50, 5000 + run)).KolmogorovSmirnov > limit.Limit) alarms++;
        Assert.InRange(alarms, 3, 40);
    }

    [Fact]
    public void TheSameSeedGivesTheSameLimitAndProgressReachesOne()
    {
        List<double> shares = [];
        Gather progress = new(shares);
        NullLimit one = NullCalibration.Of(_reference, l => new PageHinkley(new() { Limit = l }), 100, 0.05, _options, progress, Stop);
        Assert.Equal(one, NullCalibration.Of(_reference, l => new PageHinkley(new() { Limit = l }), 100, 0.05, _options, cancellation: Stop));
        Assert.Equal(1, shares.Max());
    }

    [Fact]
    public void TooFewReplicatesMakeTheLimitInfinite() =>
        Assert.Equal(double.PositiveInfinity, NullCalibration.Of(_reference, l => new PageHinkley(new() { Limit = l }), 100, 0.0001, _options, cancellation: Stop).Limit);

    [Fact]
    public void ItStopsWhenAskedAndNamesBadInput()
    {
        using CancellationTokenSource stopped = new();
        stopped.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => NullCalibration.Of(_reference, l => new PageHinkley(new() { Limit = l }), 100, 0.05, cancellation: stopped.Token));
        Assert.Throws<ArgumentException>("reference", () => NullCalibration.Of(new double[] { 1, double.NaN }, l => new PageHinkley(new() { Limit = l }), 100, 0.05, cancellation: Stop));
        Assert.Throws<ArgumentOutOfRangeException>("horizon", () => NullCalibration.Of(_reference, l => new PageHinkley(), 0, 0.05, cancellation: Stop));
        Assert.Throws<ArgumentOutOfRangeException>("probability", () => NullCalibration.Of(_reference, l => new PageHinkley(), 10, 1, cancellation: Stop));
        Assert.Throws<ArgumentOutOfRangeException>("Replicates", () => NullCalibration.Of(_reference, l => new PageHinkley(), 10, 0.5, new() { Replicates = 5 }, cancellation: Stop));
    }

    private static ChartReference Moments()
    {
        double mean = _reference.Average();
        return new(mean, Math.Sqrt(_reference.Average(v => (v - mean) * (v - mean))));
    }

    private static int Alarms(Func<IDriftDetector> make, int horizon, ulong streams)
    {
        int alarms = 0;
        for (ulong run = 0; run < streams; run++)
        {
            IDriftDetector detector = make();
            foreach (double value in SampleTests.Normal(horizon, 9000 + run))
            {
                if (detector.Add(Math.Exp(value)) != DetectorState.Drift) continue;
                alarms++;
                break;
            }
        }

        return alarms;
    }

    private sealed class Gather(List<double> shares) : IProgress<double>
    {
        public void Report(double value)
        {
            lock (shares) shares.Add(value);
        }
    }
}

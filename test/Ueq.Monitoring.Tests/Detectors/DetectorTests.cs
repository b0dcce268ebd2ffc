using System.Text.Json;
using Ueq.Monitoring.Tests.TwoSample;

namespace Ueq.Monitoring.Tests.Detectors;

public sealed class DetectorTests
{
    private static readonly JsonElement _golden = Fixtures.Read("drift/golden.json");

    /// <summary>Every detector with its constants, and whether it takes shares only.</summary>
    private static readonly Dictionary<string, (Func<IDriftDetector> Make, bool Shares)> _all = new()
    {
        [nameof(Adwin)] = (() => new Adwin(), false),
        [nameof(PageHinkley)] = (() => new PageHinkley(), false),
        [nameof(Cusum)] = (() => new Cusum(), false),
        [nameof(EwmaChart)] = (() => new EwmaChart(), false),
        [nameof(Kswin)] = (() => new Kswin(new() { Seed = 3 }), false),
        [nameof(StandardisedDetector)] = (() => new StandardisedDetector(new PageHinkley(new() { Limit = 20 }), new ChartReference(0, 2)), false),
        [nameof(RankedDetector)] = (() => new RankedDetector(new Cusum(new() { Reference = new(0, 1) }), SampleTests.Normal(300, 7)), false),
        [nameof(Ddm)] = (() => new Ddm(), true),
        [nameof(HddmA)] = (() => new HddmA(), true),
        [nameof(HddmW)] = (() => new HddmW(), true),
        [nameof(SimpleJumper)] = (() => new SimpleJumper(), true),
        [nameof(LikelihoodRatioDetector)] = (() => new LikelihoodRatioDetector(), true),
    };

    public static TheoryData<string> Names => [.. _all.Keys];

    [Fact]
    public void EveryDetectorIsTested() =>
        Assert.Equal(typeof(Adwin).Assembly.GetTypes().Where(t => t.IsClass && t.IsPublic && typeof(IDriftDetector).IsAssignableFrom(t)).Select(t => t.Name).Order(), _all.Keys.Order());

    [Theory]
    [MemberData(nameof(Names))]
    public void AValueAllocatesNothing(string name)
    {
        IDriftDetector detector = _all[name].Make();
        double[] stream = Stream(name, 6000, 0.5);
        foreach (double value in stream) detector.Add(value);
        detector.Clear();
        long before = GC.GetAllocatedBytesForCurrentThread();
        foreach (double value in stream) detector.Add(value);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AClearedDetectorIsANewOne(string name)
    {
        IDriftDetector used = _all[name].Make(), fresh = _all[name].Make();
        foreach (double value in Stream(name, 1500, 1)) used.Add(value);
        used.Clear();
        Assert.Equal((DetectorState.Learning, 0L), (used.State, used.Count));
        foreach (double value in Stream(name, 2000, 0.5)) Assert.Equal(fresh.Add(value), used.Add(value));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheValueAfterADriftStartsAfresh(string name)
    {
        IDriftDetector detector = _all[name].Make();
        double[] stream = [.. Stream(name, 3000, 0), .. Enumerable.Repeat(_all[name].Shares ? 1.0 : 3.0, 2000)];
        bool seen = false;
        for (int i = 0; i < stream.Length; i++)
        {
            bool after = detector.State == DetectorState.Drift;
            seen |= detector.Add(name == nameof(LikelihoodRatioDetector) && i >= 3000 ? 2 : stream[i]) == DetectorState.Drift;
            if (after) Assert.Equal(1, detector.Count);
        }

        Assert.True(seen || name is nameof(SimpleJumper), "no drift was said");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ValuesThatMakeNoSenseAreRefusedAndChangeNothing(string name)
    {
        IDriftDetector detector = _all[name].Make();
        detector.Add(0.5);
        double[] wrong = _all[name].Shares ? [double.NaN, double.PositiveInfinity, -0.1] : [double.NaN, double.NegativeInfinity];
        foreach (double value in wrong)
        {
            ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => detector.Add(value));
            Assert.Contains("Expected", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, detector.Count);
    }

    [Theory]
    [InlineData(0.3, 1500)]
    [InlineData(2.0, 200)]
    public void AShiftIsSeenWithinReason(double shift, int most)
    {
        foreach (string name in (string[])[nameof(Adwin), nameof(Cusum), nameof(EwmaChart)])
        {
            IDriftDetector detector = _all[name].Make();
            // A chart learns its mean on the first thirty values, so a small shift is measured from a known reference.
            if (name == nameof(Cusum)) detector = new Cusum(new() { Reference = new(0, 1), Slack = shift / 2, Limit = 12 });
            if (name == nameof(EwmaChart)) detector = new EwmaChart(new() { Reference = new(0, 1), Weight = 0.03 });
            foreach (double value in SampleTests.Normal(500, 1)) detector.Add(value);
            int delay = 0;
            foreach (double value in SampleTests.Normal(3000, 2, shift))
            {
                delay++;
                if (detector.Add(value) == DetectorState.Drift) break;
            }

            Assert.True(delay < most, $"{name} needed {delay} values for a shift of {shift}");
        }
    }

    [Fact]
    public void TheJumperIsThePublishedOne()
    {
        SimpleJumper jumper = new();
        double[] expected = _golden.GetProperty("simple_jumper_J.01_E-101_p.2,.8,.3").Numbers(), p = [0.2, 0.8, 0.3];
        for (int i = 0; i < p.Length; i++)
        {
            jumper.Add(p[i]);
            Assert.Equal(expected[i], jumper.Statistic, 1e-12);
        }
    }

    [Fact]
    public void SumsOfRatiosAreThePublishedOnes()
    {
        LikelihoodRatioDetector cusum = new(new() { Rule = RatioRule.Cusum }), roberts = new();
        double[] ratios = [2, 0.5, 3, 0.2];
        foreach ((double ratio, JsonElement expected) in ratios.Zip(_golden.GetProperty("cusum_sr_ratios_2,.5,3,.2").EnumerateArray().ToArray()))
        {
            cusum.Add(ratio);
            roberts.Add(ratio);
            Assert.Equal(expected[0].GetDouble(), cusum.Statistic, 1e-12);
            Assert.Equal(expected[1].GetDouble(), roberts.Statistic, 1e-12);
        }
    }

    [Fact]
    public void StandardisingIsTheSameAsOtherUnits()
    {
        StandardisedDetector metres = new(new PageHinkley(new() { Limit = 8 }), new(100, 3)), feet = new(new PageHinkley(new() { Limit = 8 }), new(1000, 30));
        foreach (double z in SampleTests.Normal(2000, 5, 0.2)) Assert.Equal(metres.Add(100 + 3 * z), feet.Add(1000 + 30 * z));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StandardisedDetector(new PageHinkley(), new(0, 0)));
    }

    [Fact]
    public void OptionsOutOfRangeAreNamed()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Delta", () => new Adwin(new() { Delta = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("Clock", () => new Adwin(new() { Clock = 0 }));
        Assert.Throws<ArgumentOutOfRangeException>("Limit", () => new PageHinkley(new() { Limit = double.NaN }));
        Assert.Throws<ArgumentOutOfRangeException>("Warmup", () => new Cusum(new() { Warmup = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>("StandardDeviation", () => new EwmaChart(new() { Reference = new(0, 0) }));
        Assert.Throws<ArgumentOutOfRangeException>("Window", () => new Kswin(new() { Window = 50 }));
        Assert.Throws<ArgumentOutOfRangeException>("Limit", () => new Ddm(new() { Limit = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>("WarningBound", () => new HddmA(new() { WarningBound = 0.0001 }));
        Assert.Throws<ArgumentException>("Direction", () => new HddmW(new() { Direction = DriftDirection.Down }));
        Assert.Throws<ArgumentOutOfRangeException>("Limit", () => new SimpleJumper(new() { Limit = 1 }));
    }

    [Fact]
    public void AJumpersCapitalRarelyGrowsHundredfoldByChance()
    {
        // Ville: at most 1 % of 1000 gamblers, ever; 23 and more come once in 5,000.
        int rich = 0;
        for (ulong run = 0; run < 1000; run++)
        {
            Rng rng = Rng.Stream(31, run);
            SimpleJumper jumper = new();
            for (int i = 0; i < 1000; i++)
            {
                if (jumper.Add(rng.NextUniform()) != DetectorState.Drift) continue;
                rich++;
                break;
            }
        }

        Assert.InRange(rich, 0, 22);
    }

    [Fact]
    public void KswinTestsAtTheProbabilityItIsGiven()
    {
        KswinOptions options = new();
        Kswin detector = new(options);
        // The largest distance that passes is likelier than the bound, the next is not.
        int steps = (int)Math.Floor(detector.Limit * options.Recent);
        Assert.True(SmirnovDistribution.Exact((double)steps / options.Recent, options.Recent, options.Recent) > options.Probability);
        Assert.True(SmirnovDistribution.Exact((steps + 1.0) / options.Recent, options.Recent, options.Recent) <= options.Probability);
    }

    private static double[] Stream(string name, int length, double shift)
    {
        double[] normal = [.. SampleTests.Normal(length / 2, 11), .. SampleTests.Normal(length / 2, 12, shift)];
        return _all[name].Shares ? [.. normal.Select(v => v > 1 ? 1.0 : 0.0)] : normal;
    }
}

namespace Ueq.Monitoring.Tests;

public sealed class EvidenceTests
{
    // goldens/drift.json, cusum_sr_ratios: exact in decimal, so exact up to rounding here.
    [Fact]
    public void ShiryaevRobertsSumsOverAllMoments()
    {
        ShiryaevRoberts evidence = ShiryaevRoberts.Start();
        foreach ((double ratio, double expected) in new[] { (2.0, 2.0), (0.5, 1.5), (3, 7.5), (0.2, 1.7) })
        {
            evidence.Add(ratio);
            Assert.Equal(expected, Math.Exp(evidence.Log), 1e-12);
        }
    }

    [Fact]
    public void EvidenceBeyondTheRangeOfDoublesComesBackAgain()
    {
        ShiryaevRoberts evidence = ShiryaevRoberts.Start();
        double log = double.NegativeInfinity;
        for (int i = 0; i < 40_000; i++)
        {
            double ratio = i < 2000 ? 1.9 : i < 4000 ? 0.51 : 1;
            evidence.Add(ratio);
            double larger = Math.Max(log, 0);
            log = Math.Log(ratio) + larger + Math.Log(Math.Exp(-larger) + Math.Exp(log - larger));
            if (i % 97 == 0) Assert.Equal(log, evidence.Log, 1e-6);
        }

        Assert.True(evidence.Reaches(1e300) || evidence.Log < 700);
    }

    [Fact]
    public void RanksAreThoseOfAllValuesSoFar()
    {
        Rng rng = Rng.Stream(5, 1);
        long[] reference = [3, 0, 7, 1, 2];
        RankTable table = new(5);
        table.Reset(reference);
        List<int> all = [.. reference.SelectMany((n, bin) => Enumerable.Repeat(bin, (int)n))];
        for (int i = 0; i < 500; i++)
        {
            int bin = rng.NextIndex(5);
            double u = rng.NextUniform();
            all.Add(bin);
            Assert.Equal((all.Count(b => b > bin) + u * all.Count(b => b == bin)) / all.Count, table.Next(bin, u), 1e-12);
        }

        Assert.Equal(all.Count, table.Total);
    }

    [Fact]
    public void TheMixtureIsFairOnUniformPValuesWhateverItsWeights()
    {
        Rng rng = Rng.Stream(6, 1);
        BetMixture bets = BetMixture.Start();
        double[] weights = new double[BetMixture.Bets];
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 50; i++) Assert.True(bets.Step(round % 2 == 0 ? rng.NextUniform() * 0.2 : 0.4 + 0.2 * rng.NextUniform()) > 0);
            // Simpson's rule is exact for the bets, which are polynomials of second degree.
            double mean = (Factor(bets, 0) + 4 * Factor(bets, 0.5) + Factor(bets, 1)) / 6;
            Assert.Equal(1, mean, 1e-12);
            bets.CopyTo(weights);
            Assert.Equal(1, weights.Sum(), 1e-12);
            Assert.All(weights, w => Assert.True(w >= 1e-3 / BetMixture.Bets));
        }

        static double Factor(BetMixture copy, double p) => copy.Step(p);
    }

    [Theory]
    [InlineData(0, -0.05, 0.05)]
    [InlineData(0.5, 0.4, 0.55)]
    [InlineData(0.9, 0.84, 0.93)]
    public void SerialDependenceReadsTheCoefficientOfAnAutoregression(double coefficient, double least, double most)
    {
        Rng rng = Rng.Stream(7, 1);
        SerialDependence dependence = default;
        double[] p = new double[20_000];
        double value = rng.NextNormal();
        for (int i = 0; i < p.Length; i++)
        {
            value = coefficient * value + Math.Sqrt(1 - coefficient * coefficient) * rng.NextNormal();
            p[i] = 1 / (1 + Math.Exp(-1.7 * value));
            if (i >= 32) dependence.Add(p[i], p[i - 1], p[i - 32]);
        }

        Assert.InRange(dependence.Value, least, most);
    }
}

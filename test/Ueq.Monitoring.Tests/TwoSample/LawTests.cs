using CsCheck;

namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class LawTests
{
    // Few distinct values make ties, many make none.
    private static readonly Gen<double[]> _sample = Gen.OneOf(
        Gen.Double[-5, 5].Array[1, 60],
        Gen.Int[-3, 3].Select(i => (double)i).Array[1, 60],
        Gen.Double[-1e-3, 1e9].Array[1, 60]);

    private static readonly Gen<(double[] A, double[] B)> _samples = Gen.Select(_sample, _sample, (a, b) => (a, b));

    [Fact]
    public void DistancesAreSymmetric() => _samples.Sample((a, b) =>
    {
        SampleDistances x = SampleDistances.Of(a, b), y = SampleDistances.Of(b, a);
        Assert.Equal(x.KolmogorovSmirnov, y.KolmogorovSmirnov);
        Assert.Equal(x.Wasserstein, y.Wasserstein, 1e-12 * (1 + x.Wasserstein));
        Assert.Equal(x.Energy, y.Energy, 1e-9 * (1 + x.Energy));
        Assert.Equal(x.CramerVonMises, y.CramerVonMises, 1e-12);
        Assert.Equal(x.AndersonDarling, y.AndersonDarling, 1e-9);
        Assert.Equal(x.MannWhitney, (double)a.Length * b.Length - y.MannWhitney);
        Assert.Equal(SampleComparison.Of(a, b).KolmogorovSmirnov.PValue, SampleComparison.Of(b, a).KolmogorovSmirnov.PValue, 1e-12);
    });

    [Fact]
    public void TheOrderOfArrivalChangesNothing() => Gen.Select(_sample, _sample, Gen.ULong, (a, b, seed) => (a, b, seed)).Sample((a, b, seed) =>
    {
        double[] shuffled = [.. a], other = [.. b];
        Rng rng = Rng.Stream(seed, 0);
        rng.Shuffle(shuffled.AsSpan());
        rng.Shuffle(other.AsSpan());
        Assert.Equal(SampleDistances.Of(a, b), SampleDistances.Of(shuffled, other));
    });

    [Fact]
    public void SamplesStayAsTheyWere() => _samples.Sample((a, b) =>
    {
        double[] before = [.. a], other = [.. b];
        SampleComparison.Of(a, b);
        return a.SequenceEqual(before) && b.SequenceEqual(other);
    });

    [Fact]
    public void ASampleIsNoDistanceFromItself() => _sample.Sample(a =>
    {
        SampleComparison c = SampleComparison.Of(a, a);
        return c.Distances is { KolmogorovSmirnov: 0, Wasserstein: 0, Energy: 0 } && c.KolmogorovSmirnov.PValue == 1 && c.WassersteinScaled == 0;
    });

    [Fact]
    public void DistancesAreThoseOfTheDefinitions() => _samples.Sample((a, b) =>
    {
        SampleDistances d = SampleDistances.Of(a, b);
        double[] points = [.. a.Concat(b).Distinct().Order()];
        double ks = 0, area = 0, squared = 0;
        for (int k = 0; k < points.Length; k++)
        {
            double gap = Share(a, points[k]) - Share(b, points[k]), step = k + 1 < points.Length ? points[k + 1] - points[k] : 0;
            ks = Math.Max(ks, Math.Abs(gap));
            area += Math.Abs(gap) * step;
            squared += gap * gap * step;
        }

        Assert.Equal(ks, d.KolmogorovSmirnov, 1e-12);
        Assert.Equal(area, d.Wasserstein, 1e-9 * (1 + area));
        Assert.Equal(Math.Sqrt(2 * squared), d.Energy, 1e-9 * (1 + Math.Sqrt(squared)));
        Assert.Equal(a.Sum(x => b.Sum(y => x > y ? 1 : x == y ? 0.5 : 0)), d.MannWhitney);

        static double Share(double[] sample, double at) => sample.Count(v => v <= at) / (double)sample.Length;
    });

    [Fact]
    public void BitsSortAsComparisonsDo() => Gen.Double.Where(double.IsFinite).Array[3000, 4000].Sample(values =>
    {
        double[] sorted = [.. values, 0.0, -0.0, double.Epsilon, -double.Epsilon, double.MaxValue, double.MinValue];
        double[] expected = [.. sorted];
        Array.Sort(expected);
        RadixSort.Ascending(sorted);
        return sorted.SequenceEqual(expected);
    }, iter: 50);

    [Fact]
    public void BinnedDistancesKeepTheirBounds() => Gen.Select(Gen.Long[0, 50].Array[6], Gen.Long[0, 50].Array[6], (a, b) => (a, b)).Where(x => x.a.Sum() > 0 && x.b.Sum() > 0).Sample((a, b) =>
    {
        BinnedComparison x = BinnedComparison.Of(a, b), y = BinnedComparison.Of(b, a);
        Assert.InRange(x.JensenShannon, 0, Math.Sqrt(Math.Log(2)) + 1e-12);
        Assert.InRange(x.Hellinger, 0, 1 + 1e-12);
        Assert.InRange(x.TotalVariation, 0, 1 + 1e-12);
        Assert.Equal(x.Psi, y.Psi, 1e-9);
        Assert.Equal(x.JensenShannon, y.JensenShannon, 1e-12);
        // Hellinger² ≤ TV ≤ √2·Hellinger.
        Assert.InRange(x.TotalVariation, x.Hellinger * x.Hellinger - 1e-12, Math.Sqrt(2) * x.Hellinger + 1e-12);
    });

    [Fact]
    public void PathsCountedTwoWaysAgree()
    {
        // Equal sizes are counted by reflections; the lattice says the same.
        for (int n = 1; n <= 12; n++)
        {
            for (int h = 1; h <= n; h++)
            {
                double byPaths = ByEveryArrangement(n, n, (double)h / n), exact = SmirnovDistribution.Exact((double)h / n, n, n);
                Assert.Equal(byPaths, exact, 1e-12);
            }
        }

        foreach ((int n, int m) in ((int, int)[])[(3, 7), (7, 3), (6, 9), (1, 12), (12, 8), (11, 10)])
            for (int h = 1; h <= n * m; h++) Assert.Equal(ByEveryArrangement(n, m, (double)h / (n * m)), SmirnovDistribution.Exact((double)h / (n * m), n, m), 1e-12);
    }

    /// <summary>Share of all lattice paths to (n, m) that reach the distance, counted in long integers.</summary>
    private static double ByEveryArrangement(int n, int m, double distance)
    {
        long height = (long)Math.Round(distance * n * m);
        long[,] inside = new long[n + 1, m + 1], every = new long[n + 1, m + 1];
        // On the lattice of lcm steps a height between two steps counts as the step that SciPy's rounding gives.
        long common = (long)System.Numerics.BigInteger.GreatestCommonDivisor(n, m);
        height = (long)Math.Round(distance * (n / common * (long)m)) * common;
        if (height == 0) return 1;
        for (int x = 0; x <= n; x++)
        {
            for (int y = 0; y <= m; y++)
            {
                every[x, y] = x + y == 0 ? 1 : (x > 0 ? every[x - 1, y] : 0) + (y > 0 ? every[x, y - 1] : 0);
                bool outside = Math.Abs((long)x * m - (long)y * n) >= height;
                inside[x, y] = outside ? 0 : x + y == 0 ? 1 : (x > 0 ? inside[x - 1, y] : 0) + (y > 0 ? inside[x, y - 1] : 0);
            }
        }

        return 1 - (double)inside[n, m] / every[n, m];
    }
}

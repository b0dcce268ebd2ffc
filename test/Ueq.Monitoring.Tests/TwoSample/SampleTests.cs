namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class SampleTests
{
    [Fact]
    public void SortedInputAllocatesNothing()
    {
        double[] a = [.. Normal(4000, 0).Order()], b = [.. Normal(3000, 1).Order()];
        SampleDistances.OfSorted(a, b);
        long before = GC.GetAllocatedBytesForCurrentThread();
        SampleDistances d = SampleDistances.OfSorted(a, b);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(4000, d.ReferenceCount);
    }

    [Fact]
    public void LargeSamplesAreSortedOnTwoThreadsWithTheSameAnswer()
    {
        double[] a = Normal(120_000, 0), b = Normal(60_000, 1);
        Assert.Equal(SampleDistances.OfSorted([.. a.Order()], [.. b.Order()]), SampleDistances.Of(a, b));
    }

    [Theory]
    [InlineData(double.NaN, "NaN at index 1")]
    [InlineData(double.PositiveInfinity, "Infinity at index 1")]
    public void ValuesThatAreNotFiniteAreNamedByTheirPlace(double value, string words)
    {
        Assert.Contains(words, Assert.Throws<ArgumentException>("current", () => SampleComparison.Of([1, 2, 3], [1, value, 3])).Message, StringComparison.Ordinal);
        Assert.Contains(words, Assert.Throws<ArgumentException>("reference", () => SampleDistances.Of([1, value], [1])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SampleDistances.OfSorted([1, value], [1]));
    }

    [Fact]
    public void EmptyAndUnsortedSamplesAreRefused()
    {
        Assert.Contains("got none", Assert.Throws<ArgumentException>("reference", () => SampleComparison.Of([], [1])).Message, StringComparison.Ordinal);
        Assert.Contains("got none", Assert.Throws<ArgumentException>("current", () => SampleDistances.OfSorted([1], [])).Message, StringComparison.Ordinal);
        Assert.Contains("got 1 after 2 at index 1", Assert.Throws<ArgumentException>("reference", () => SampleComparison.OfSorted([2, 1], [1])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneDistinctValueLeavesRankTestsUndefined()
    {
        SampleComparison c = SampleComparison.Of([3, 3, 3], [3, 3]);
        Assert.Equal(PValueMethod.Undefined, c.AndersonDarling.Method);
        Assert.Equal(PValueMethod.Undefined, c.MannWhitney.Method);
        Assert.Equal(1, c.KolmogorovSmirnov.PValue);
        Assert.Equal(0, c.WassersteinScaled);
        Assert.Equal(double.PositiveInfinity, SampleComparison.Of([3, 3, 3], [4]).WassersteinScaled);
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(500)]
    [InlineData(-900)]
    public void FiguresDoNotDependOnTheUnitHoweverLargeOrSmallItIs(int power)
    {
        // By a power of two, which only moves exponents.
        double[] a = [.. Enumerable.Range(0, 300).Select(i => Math.Sin(0.7 * i) * 2)], b = [.. Enumerable.Range(0, 200).Select(i => Math.Sin(0.9 * i) * 2.3 + 0.4)];
        SampleComparison plain = SampleComparison.Of(a, b);
        SampleComparison other = SampleComparison.Of([.. a.Select(v => Math.ScaleB(v, power))], [.. b.Select(v => Math.ScaleB(v, power))]);
        Fixtures.Near(plain.Distances.Wasserstein, Math.ScaleB(other.Distances.Wasserstein, -power), 1e-12);
        Fixtures.Near(plain.Distances.Energy, Math.ScaleB(other.Distances.Energy, -power / 2), 1e-12);
        Fixtures.Near(plain.WassersteinScaled, other.WassersteinScaled, 1e-12);
        Fixtures.Near(plain.Reference.StandardDeviation, Math.ScaleB(other.Reference.StandardDeviation, -power), 1e-12);
        Fixtures.Near(plain.Reference.Mean, Math.ScaleB(other.Reference.Mean, -power), 1e-12);
        Assert.Equal(plain.Reference.LowerQuartile, Math.ScaleB(other.Reference.LowerQuartile, -power));
        Assert.Equal(plain.KolmogorovSmirnov, other.KolmogorovSmirnov);
    }

    [Fact]
    public void TheWholeRangeOfDoublesHasAWidth()
    {
        SampleComparison c = SampleComparison.Of([-double.MaxValue, double.MaxValue], [double.MaxValue, double.MaxValue]);
        Assert.Equal(double.MaxValue, c.Distances.Wasserstein);
        Assert.Equal(double.MaxValue, c.Reference.StandardDeviation);
        Assert.Equal(1, c.WassersteinScaled, 1e-12);
        Assert.InRange(c.Distances.Energy, 1e154, 2e154);
    }

    [Fact]
    public void AnEmptyBinMakesRawPsiInfiniteAndAPseudoCountKeepsItFinite()
    {
        long[] then = [50, 50, 0], now = [40, 0, 0];
        BinnedComparison raw = BinnedComparison.Of(then, now), smoothed = BinnedComparison.Of(then, now, new BinnedOptions { PseudoCount = 1 });
        Assert.Equal(double.PositiveInfinity, raw.Psi);
        Assert.True(double.IsFinite(raw.JensenShannon) && double.IsFinite(raw.Hellinger));
        Assert.True(double.IsFinite(smoothed.Psi) && smoothed.Psi > smoothed.PsiCritical);
        Assert.Equal(2, raw.Bins);
    }

    [Fact]
    public void PsiStaysBelowItsCriticalValueAsOftenAsItSays()
    {
        int above = 0;
        const int Runs = 2000;
        for (int run = 0; run < Runs; run++)
        {
            double[] a = [.. Normal(1000, (ulong)run).Order()], b = [.. Normal(300, 100_000 + (ulong)run).Order()];
            QuantileBins bins = new(a);
            long[] then = new long[bins.Count], now = new long[bins.Count];
            bins.CountSorted(a, then);
            bins.CountSorted(b, now);
            BinnedComparison c = BinnedComparison.Of(then, now, new BinnedOptions { PseudoCount = 1 });
            if (c.Psi > c.PsiCritical) above++;
        }

        // 5 % claimed; four standard errors are 2 %.
        Assert.InRange(above / (double)Runs, 0.02, 0.07);
    }

    [Fact]
    public void TiesNeverSplitOverBins()
    {
        QuantileBins two = new([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        Assert.Equal(2, two.Count);
        long[] counts = new long[2];
        two.CountSorted([0, 0, 1, 1, 1], counts);
        Assert.Equal([2, 3], counts);
        QuantileBins constant = new([5, 5, 5]);
        long[] around = new long[3];
        constant.CountSorted([4, 5, 5, 6], around);
        Assert.Equal([1, 2, 1], around);
        Assert.Throws<ArgumentOutOfRangeException>(() => new QuantileBins([1, 2], 1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void ProbabilitiesOfTheNullAreRarelySmall(int equal)
    {
        // 400 nulls: at 5 % twenty are expected, and more than forty come once in 30,000.
        int ks = 0, cvm = 0, ad = 0, mwu = 0;
        for (int run = 0; run < 400; run++)
        {
            SampleComparison c = SampleComparison.Of(Normal(80, (ulong)run), Normal(equal == 1 ? 80 : 45, 50_000 + (ulong)run));
            if (c.KolmogorovSmirnov.PValue <= 0.05) ks++;
            if (c.CramerVonMises.PValue <= 0.05) cvm++;
            if (c.AndersonDarling.PValue <= 0.05) ad++;
            if (c.MannWhitney.PValue <= 0.05) mwu++;
        }

        foreach (int count in (int[])[ks, cvm, ad, mwu]) Assert.InRange(count, 4, 40);
    }

    internal static double[] Normal(int n, ulong stream, double shift = 0)
    {
        Rng rng = Rng.Stream(77, stream);
        double[] values = new double[n];
        for (int i = 0; i < n; i++) values[i] = rng.NextNormal() + shift;
        return values;
    }
}

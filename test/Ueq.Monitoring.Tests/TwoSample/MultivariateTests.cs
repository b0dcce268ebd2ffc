namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class MultivariateTests
{
    private static readonly MultivariateOptions _options = new() { MostRows = 120, Permutations = 199, Seed = 5 };

    [Fact]
    public void AShiftIsSeenByAllThree()
    {
        FeatureMatrix then = Rows(300, 1), now = Rows(200, 2, shift: 0.8);
        Assert.True(MeanDiscrepancy.Of(then, now, _options, cancellation: TestContext.Current.CancellationToken).PValue <= 0.01);
        ClassifierReading classifier = ClassifierTest.Of(then, now, _options, TestContext.Current.CancellationToken);
        Assert.True(classifier.Test.PValue < 0.001);
        Assert.InRange(classifier.Auc, 0.6, 0.8);
        Assert.InRange(classifier.Accuracy, 0.6, 1);
        Assert.True(ReconstructionError.Of(then, now, _options).CurrentError > 0);
    }

    [Fact]
    public void ABrokenDependenceIsSeenByDiscrepancyAndReconstruction()
    {
        // Means and scales stay; the columns stop moving together.
        FeatureMatrix then = Rows(400, 3), now = Rows(400, 4, dependence: 0);
        ReconstructionReading reading = ReconstructionError.Of(then, now, _options);
        Assert.True(reading.Test.PValue < 1e-6);
        Assert.True(reading.CurrentError > 2 * reading.ReferenceError);
        Assert.True(MeanDiscrepancy.Of(then, now, _options with { MostRows = 300 }, cancellation: TestContext.Current.CancellationToken).PValue <= 0.01);
    }

    [Fact]
    public void NoChangeRarelyAlarms()
    {
        int mmd = 0, classifier = 0, reconstruction = 0;
        const int Runs = 60;
        for (int run = 0; run < Runs; run++)
        {
            FeatureMatrix then = Rows(60, 100 + 2 * (ulong)run), now = Rows(50, 101 + 2 * (ulong)run);
            MultivariateOptions options = new() { MostRows = 60, Permutations = 99, Seed = (ulong)run };
            if (MeanDiscrepancy.Of(then, now, options, cancellation: TestContext.Current.CancellationToken).PValue <= 0.05) mmd++;
            if (ClassifierTest.Of(then, now, options, TestContext.Current.CancellationToken).Test.PValue <= 0.05) classifier++;
            if (ReconstructionError.Of(then, now, options).Test.PValue <= 0.05) reconstruction++;
        }

        // Three of sixty are expected; eleven and more come once in 5,000.
        foreach (int count in (int[])[mmd, classifier, reconstruction]) Assert.InRange(count, 0, 10);
    }

    [Fact]
    public void TheSameSeedGivesTheSameAnswer()
    {
        FeatureMatrix then = Rows(300, 1), now = Rows(200, 2);
        Assert.Equal(MeanDiscrepancy.Of(then, now, _options, cancellation: TestContext.Current.CancellationToken), MeanDiscrepancy.Of(then, now, _options, cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(ClassifierTest.Of(then, now, _options, TestContext.Current.CancellationToken), ClassifierTest.Of(then, now, _options, TestContext.Current.CancellationToken));
    }

    [Fact]
    public void TheDiscrepancyIsThatOfTheDefinition()
    {
        FeatureMatrix then = Rows(25, 1), now = Rows(31, 2, shift: 0.5);
        // Standardised together, kernel by the median distance, diagonals left out.
        double[][] rows = [.. Enumerable.Range(0, 56).Select(i => (i < 25 ? then.Row(i) : now.Row(i - 25)).ToArray().Select(v => (double)v).ToArray())];
        for (int c = 0; c < 3; c++)
        {
            double mean = rows.Average(r => r[c]), deviation = Math.Sqrt(rows.Average(r => (r[c] - mean) * (r[c] - mean)));
            foreach (double[] r in rows) r[c] = (r[c] - mean) / deviation;
        }

        double Distance(int i, int j) => Math.Sqrt(rows[i].Zip(rows[j], (a, b) => (a - b) * (a - b)).Sum());
        double[] distances = [.. Enumerable.Range(0, 56).SelectMany(i => Enumerable.Range(0, i).Select(j => Distance(i, j))).Order()];
        double h = distances[distances.Length / 2];
        double Mean(IEnumerable<(int, int)> pairs) => pairs.Where(p => p.Item1 != p.Item2).Average(p => Math.Exp(-Math.Pow(Distance(p.Item1, p.Item2) / h, 2) / 2));
        IEnumerable<(int, int)> Pairs(Range a, Range b) => Enumerable.Range(0, 56).Take(a).SelectMany(i => Enumerable.Range(0, 56).Take(b).Select(j => (i, j)));
        double expected = Mean(Pairs(..25, ..25)) + Mean(Pairs(25.., 25..)) - 2 * Mean(Pairs(..25, 25..));
        Assert.Equal(expected, MeanDiscrepancy.Of(then, now, _options, cancellation: TestContext.Current.CancellationToken).Statistic, 1e-5);
    }

    [Fact]
    public void BadInputIsNamed()
    {
        FeatureMatrix good = Rows(40, 1);
        Assert.Contains("Expected 3 columns", Assert.Throws<ArgumentException>("current", () => MeanDiscrepancy.Of(good, new FeatureMatrix(new float[40], 2), _options, cancellation: TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        float[] holed = [.. good.Values];
        holed[7] = float.NaN;
        Assert.Contains("row 2, column 1", Assert.Throws<ArgumentException>("current", () => ClassifierTest.Of(good, new FeatureMatrix(holed, 3), _options, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>("reference", () => ReconstructionError.Of(Rows(10, 1), good, _options));
        Assert.Throws<ArgumentOutOfRangeException>(() => MeanDiscrepancy.Of(good, good, _options with { MostRows = 5 }, cancellation: TestContext.Current.CancellationToken));
    }

    [Fact]
    public void PermutationsOfAnyDistanceHoldTheirProbability()
    {
        double[] a = [1, 2, 3, 4, 5, 6, 7, 8], b = [11, 12, 13, 14, 15, 16, 17];
        TestReading reading = PermutationTest.Of(a, b, d => d.Energy, cancellation: TestContext.Current.CancellationToken);
        // Only 2 of C(15,7) = 6435 arrangements are as far apart.
        Assert.InRange(reading.PValue, 0.001, 0.004);
        Assert.Equal(1, PermutationTest.Of([1, 1, 1], [1, 1], d => d.Wasserstein, cancellation: TestContext.Current.CancellationToken).PValue);
        using CancellationTokenSource stopped = new();
        stopped.Cancel();
        Assert.Throws<OperationCanceledException>(() => PermutationTest.Of(a, b, d => d.Energy, cancellation: stopped.Token));
    }

    [Fact]
    public void FalseDiscoveriesIgnoreTestsThatWereNone()
    {
        double[] adjusted = new double[4];
        FalseDiscovery.BenjaminiHochberg([0.04, double.NaN, 0.01, 0.03], adjusted);
        Assert.Equal([0.04, double.NaN, 0.03, 0.04], adjusted.Select(v => Math.Round(v, 12)));
        Assert.Contains("got 1.5 at index 1", Assert.Throws<ArgumentException>(() => FalseDiscovery.BenjaminiHochberg([0.1, 1.5], new double[2])).Message, StringComparison.Ordinal);
    }

    private static FeatureMatrix Rows(int rows, ulong stream, double shift = 0, double dependence = 0.9)
    {
        Rng rng = Rng.Stream(99, stream);
        float[] x = new float[rows * 3];
        for (int i = 0; i < rows; i++)
        {
            double common = rng.NextNormal();
            for (int c = 0; c < 3; c++) x[3 * i + c] = (float)(dependence * common + Math.Sqrt(1 - dependence * dependence) * rng.NextNormal() + shift);
        }

        return new FeatureMatrix(x, 3);
    }
}

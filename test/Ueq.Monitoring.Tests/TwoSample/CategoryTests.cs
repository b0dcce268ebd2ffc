namespace Ueq.Monitoring.Tests.TwoSample;

public sealed class CategoryTests
{
    [Fact]
    public void WithoutRareCategoriesItIsPearsonsTest() =>
        Assert.Equal(ContingencyTests.ChiSquare([50, 30, 20], [40, 45, 15]).PValue, ContingencyTests.OfCategories([50, 30, 20], [40, 45, 15]).PValue, 12);

    [Fact]
    public void RareCategoriesCountTogether() =>
        Assert.Equal(
            ContingencyTests.ChiSquare([50, 40, 9], [60, 30, 8]).PValue,
            ContingencyTests.OfCategories([50, 2, 40, 3, 4, 0], [60, 3, 30, 1, 2, 2]).PValue, 12);

    [Fact]
    public void OfTwoCategoriesARareOneIsTestedExactly()
    {
        TestReading test = ContingencyTests.OfCategories([1000, 0], [1000, 8]);
        Assert.Equal(PValueMethod.Exact, test.Method);
        Assert.Equal(ContingencyTests.Fisher(1000, 0, 1000, 8).PValue, test.PValue, 12);
    }

    [Fact]
    public void AFloodOfNewRareCategoriesIsSeen()
    {
        long[] before = [1000, .. new long[50]], after = [950, .. Enumerable.Repeat(1L, 50)];
        Assert.True(ContingencyTests.OfCategories(before, after).PValue < 1e-6);
    }

    [Fact]
    public void OneOccupiedCategorySaysNothing() => Assert.Equal(PValueMethod.Undefined, ContingencyTests.OfCategories([7, 0], [9, 0]).Method);

    [Fact]
    public void WithManyRareCategoriesFalseAlarmsAreAsRareAsClaimed()
    {
        const int Runs = 1000;
        int alarms = 0, pearson = 0;
        for (int run = 0; run < Runs; run++)
        {
            Rng rng = Rng.Stream(71, (ulong)run);
            long[] before = new long[40], after = new long[40];
            for (int i = 0; i < 100; i++) before[Draw(ref rng)]++;
            for (int i = 0; i < 2000; i++) after[Draw(ref rng)]++;
            if (ContingencyTests.OfCategories(before, after).PValue <= 0.01) alarms++;
            if (ContingencyTests.ChiSquare(before, after).PValue <= 0.01) pearson++;
        }

        // 10 of 1,000 are claimed; 22 and more come once in a thousand.
        TestContext.Current.SendDiagnosticMessage($"{alarms} of {Runs}, Pearson alone {pearson}");
        Assert.InRange(alarms, 1, 21);
        Assert.True(pearson > 50, $"Pearson's test alone alarms {pearson} times, so the rare categories say nothing here");

        static int Draw(ref Rng rng) => Math.Min(39, (int)Math.Exp(rng.NextNormal()));
    }
}

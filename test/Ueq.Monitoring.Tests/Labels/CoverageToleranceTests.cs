using Ueq.Conformal;

namespace Ueq.Monitoring.Tests;

public sealed class CoverageToleranceTests
{
    [Theory]
    [InlineData(200)]
    [InlineData(1000)]
    public void OneCalibrationInAHundredDeliversMore(int count)
    {
        CoverageTolerance tolerance = CoverageTolerance.From(Truths.Promise(count));
        Truths truths = new(7);
        const int Draws = 20_000;
        int more = 0, fewer = 0;
        for (int i = 0; i < Draws; i++)
        {
            double miss = truths.MissOfCalibration(count);
            if (miss > tolerance.LargestMiss) more++;
            if (miss < tolerance.SmallestMiss) fewer++;
        }

        Assert.InRange(more / (double)Draws, 0.008, 0.012);
        Assert.InRange(fewer / (double)Draws, 0.008, 0.012);
    }

    [Fact]
    public void LargerCalibrationsAreToleratedLess()
    {
        double before = 1;
        foreach (int count in new[] { 20, 50, 200, 1000, 100_000 })
        {
            CoverageTolerance tolerance = CoverageTolerance.From(Truths.Promise(count));
            Assert.InRange(tolerance.LargestMiss, 0.1, before);
            Assert.InRange(tolerance.SmallestMiss, 0, 0.1);
            before = tolerance.LargestMiss;
        }

        Assert.Equal(0.1, before, 0.003);
    }

    [Fact]
    public void WithoutScoresTheNominalMissIsAllThereIs()
    {
        Assert.Equal(new CoverageTolerance(default, 0.1, 0.1), CoverageTolerance.From(new Guarantee(GuaranteeKind.ModelIsRight, default, 0, 0)));
        Assert.Equal(new CoverageTolerance(default, 0.1, 0.1), CoverageTolerance.From(IntervalCalibration.FromScores([1, 2]).Guarantee(default)));
    }
}

using System.Numerics;

namespace Ueq.Tests;

public sealed class CoverageTests
{
    private static readonly (double Level, int Over, int Under)[] _levels =
        [(.5, 1, 2), (.55, 11, 20), (.75, 3, 4), (.8, 4, 5), (.85, 17, 20), (.9, 9, 10), (.95, 19, 20), (.99, 99, 100), (.999, 999, 1000)];

    // ⌈(n + 1)·over/under⌉ in whole numbers.
    private static BigInteger ExactRank(int count, BigInteger over, BigInteger under) => (over * (count + 1) + under - 1) / under;

    [Fact]
    public void RankIsExactForEveryCountToTwoThousandAtEveryUsualLevel()
    {
        foreach ((double level, int over, int under) in _levels)
            for (int n = 0; n <= 2000; n++)
                Assert.Equal(ExactRank(n, over, under), new Coverage(level).Rank(n));
    }

    [Fact]
    public void RankIsExactForEveryPercentAndPerMilleAtLargeCounts()
    {
        foreach (int n in (int[])[99_999, 999_999, 10_000_000, 2_000_000_000])
            for (int per = 1; per < 1000; per++)
                Assert.Equal(ExactRank(n, per, 1000), new Coverage(per / 1000.0).Rank(n));
    }

    [Fact]
    public void LevelsThatWereComputedHaveTheRankOfTheNumberMeant()
    {
        foreach ((double level, int over, int under) in ((double, int, int)[])
            [(1 - 0.1, 9, 10), (0.1 + 0.2, 3, 10), (1 - 0.45, 11, 20), (2.0 / 3, 2, 3), (1.0 / 3, 1, 3), (5.0 / 6, 5, 6), (1 - 0.05, 19, 20), (3 * 0.3, 9, 10), (0.7 + 0.2, 9, 10)])
        {
            for (int n = 1; n <= 2000; n++) Assert.Equal(ExactRank(n, over, under), new Coverage(level).Rank(n));
        }
    }

    [Fact]
    public void NinePointsSufficeForNinetyPercent()
    {
        Assert.Equal(9, new Coverage(0.9).Rank(9));
        Assert.Equal(9, new Coverage(0.9).SufficientCount);
        Assert.Equal(9, new Coverage(0.9).Rank(8));
    }

    [Fact]
    public void SufficientCountIsTheLeastWhoseRankExists()
    {
        foreach (double level in (double[])[.001, .01, .1, .5, .55, 2.0 / 3, .75, .8, .85, .9, .95, .99, .999, .9999, .99999, .9999999, .999999999])
        {
            Coverage coverage = new(level);
            int count = coverage.SufficientCount;
            Assert.True(coverage.Rank(count) <= count, $"{level}: {count}");
            if (count > 1) Assert.True(coverage.Rank(count - 1) > count - 1, $"{level}: {count} is not the least");
        }

        Assert.Equal(19, new Coverage(.95).SufficientCount);
        Assert.Equal(999_999_999, new Coverage(.999999999).SufficientCount);
        Assert.Equal(int.MaxValue, new Coverage(.999999999999).SufficientCount);
    }

    [Fact]
    public void TheDefaultIsNinetyPercent()
    {
        Assert.Equal(new Coverage(0.9), default);
        Assert.Equal(new Coverage(0.9).GetHashCode(), default(Coverage).GetHashCode());
        Assert.Equal(0.9, default(Coverage).Value);
        Assert.Equal(0.1, default(Coverage).Miss);
        Assert.Equal("90 %", default(Coverage).ToString());
        Assert.Equal(new Coverage(0.9), new Coverage(1 - 0.1));
    }

    [Fact]
    public void MissAndSideAreDecimals()
    {
        Assert.Equal(0.1, new Coverage(0.9).Miss);
        Assert.Equal(0.05, new Coverage(0.95).Miss);
        Assert.Equal(0.001, new Coverage(0.999).Miss);
        Assert.Equal(new Coverage(0.95), new Coverage(0.9).PerSide);
        Assert.Equal(new Coverage(0.9), new Coverage(0.8).PerSide);
        Assert.Equal(new Coverage(0.9995), new Coverage(0.999).PerSide);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(-1)]
    [InlineData(90)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(double.NegativeInfinity)]
    [InlineData(0.9999999999999999)]
    [InlineData(double.Epsilon)]
    public void ALevelThatIsNoneIsRefusedAndNamed(double value)
    {
        ArgumentOutOfRangeException error = Assert.Throws<ArgumentOutOfRangeException>(() => new Coverage(value));
        Assert.Contains(value.ToString("R", System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains("strictly between 0 and 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryLevelThatIsAcceptedHasAMissAndASide()
    {
        foreach (double value in (double[])[1e-20, 1e-15, 0.5, 0.99999999999999, 0.999999999999999])
        {
            Coverage coverage = new(value);
            Assert.InRange(coverage.Miss, double.Epsilon, 1);
            Assert.InRange(coverage.Rank(10), 1, 11);
        }

        Assert.True(new Coverage(0.99999999999999).PerSide > new Coverage(0.99999999999999));
    }

    [Fact]
    public void LevelsAreOrdered()
    {
        Assert.True(new Coverage(0.8) < default(Coverage) && default(Coverage) < new Coverage(0.95));
        Assert.True(default(Coverage) >= new Coverage(0.9) && default(Coverage) <= new Coverage(0.9) && !(new Coverage(0.9) > default(Coverage)));
    }

    [Fact]
    public void ANegativeCountIsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => default(Coverage).Rank(-1));
}

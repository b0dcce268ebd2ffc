using System.Text.Json;
using Ueq.Numerics;
using Ueq.Tests.Support;

namespace Ueq.Tests.Numerics;

public sealed class StudentTailTests
{
    [Fact]
    public void QuantilesAreThoseOfScipy()
    {
        const string file = "student-t/quantiles.json";
        JsonElement fixture = Repository.Fixture(file);
        double[] levels = fixture.Numbers("levels");
        foreach (JsonElement figure in fixture.GetProperty("cases").EnumerateArray())
        {
            double freedom = figure.GetProperty("freedom").GetDouble();
            double[] expected = figure.Numbers("quantiles");
            for (int i = 0; i < levels.Length; i++)
            {
                double actual = StudentTail.TwoSided(new Coverage(levels[i]).Miss, freedom);
                Assert.True(Math.Abs(actual - expected[i]) <= Repository.Exactness(file) * expected[i], $"ν {freedom}, level {levels[i]}: expected {expected[i]:R}, got {actual:R}");
            }
        }
    }

    [Fact]
    public void OneDegreeOfFreedomIsCauchyFarOutToo()
    {
        foreach (double miss in (double[])[0.999, 0.5, 1e-3, 1e-6, 1e-9])
            Assert.Equal(1, StudentTail.TwoSided(miss, 1) * Math.Tan(Math.PI * miss / 2), 1e-9);
    }
}

using System.Text.Json;
using CsCheck;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Scoring;

public sealed class CrpsTests
{
    [Fact]
    public void GaussianIsThatOfTheUncertaintyToolbox()
    {
        const string file = "crps/toolbox.json";
        JsonElement fixture = Repository.Fixture(file);
        double[] mean = fixture.Numbers("mean"), sigma = fixture.Numbers("sigma"), y = fixture.Numbers("y");
        double score = Enumerable.Range(0, 3).Average(i => Crps.Gaussian(mean[i], sigma[i], y[i]));
        Assert.Equal(fixture.GetProperty("crps").GetDouble(), score, Repository.Exactness(file));
    }

    [Fact]
    public void EmpiricalIsThatOfCrepes()
    {
        const string file = "crps/crepes.json";
        JsonElement fixture = Repository.Fixture(file);
        double[] residuals = [.. fixture.Numbers("residuals").Order()], centres = fixture.Numbers("y_hat"), y = fixture.Numbers("y");
        double score = Enumerable.Range(0, 3).Average(i => Crps.Empirical(residuals.Select(r => centres[i] + r).ToArray(), y[i]));
        Assert.Equal(fixture.GetProperty("crps").GetDouble(), score, Repository.Exactness(file));
    }

    [Fact]
    public void StudentIsItsIntegral()
    {
        const string file = "crps/student-t.json";
        foreach (JsonElement figure in Repository.Fixture(file).GetProperty("cases").EnumerateArray())
        {
            double Number(string name) => figure.GetProperty(name).GetDouble();
            double actual = Crps.StudentT(Number("centre"), Number("scale"), Number("freedom"), Number("y"));
            Assert.True(Math.Abs(Number("crps") - actual) <= Repository.Exactness(file) * Number("crps"), $"{figure}: got {actual:R}");
        }
    }

    [Fact]
    public void StudentBecomesGaussianWithoutAStep()
    {
        double below = Crps.StudentT(1, 2, 0.999e6, 2.5), above = Crps.StudentT(1, 2, 1.001e6, 2.5), limit = Crps.Gaussian(1, 2, 2.5);
        Assert.Equal(limit, below, 5e-6);
        Assert.Equal(limit, above, 5e-6);
    }

    [Fact]
    public void EmpiricalEqualsTheDoubleSum() => Gen.Select(Gen.Double[-50, 50].Array[1, 30], Gen.Double[-60, 60]).Sample((values, y) =>
    {
        double n = values.Length, distance = values.Average(v => Math.Abs(v - y)), spread = values.Sum(v => values.Sum(w => Math.Abs(v - w))) / (2 * n * n);
        return Math.Abs(Crps.Empirical([.. values.Order()], y) - (distance - spread)) < 1e-10;
    });

    [Fact]
    public void OnePointIsTheAbsoluteError() => Assert.Equal(3, Crps.Empirical([2], 5));

    [Fact]
    public void AnEmptySampleAndAScaleOfZeroAreRefused()
    {
        Assert.Throws<ArgumentException>(() => Crps.Empirical([], 1));
        foreach (double scale in (double[])[0, -1, double.NaN, double.PositiveInfinity])
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => Crps.Gaussian(0, scale, 0));
            Assert.Throws<ArgumentOutOfRangeException>(() => Crps.StudentT(0, scale, 3, 0));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => Crps.StudentT(0, 1, 1, 0));
    }
}

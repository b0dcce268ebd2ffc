using CsCheck;
using Ueq.Ensembles;
using Ueq.Scoring;

namespace Ueq.Tests.Ensembles;

public sealed class LogScaleTests
{
    private static (double[] Residuals, double[] G) Sample(int rows, double intercept, double slope, ulong seed)
    {
        Rng rng = Rng.Stream(seed, 0);
        double[] residuals = new double[rows], g = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            g[i] = rng.NextNormal();
            residuals[i] = Math.Exp(intercept + slope * g[i]) * rng.NextNormal();
        }

        return (residuals, g);
    }

    private static double Likelihood(LogScale line, double[] residuals, double[] g) =>
        Enumerable.Range(0, g.Length).Average(i => LogScore.Gaussian(0, line.Sigma(g[i]), residuals[i]));

    [Fact]
    public void NoOtherLineHasAGreaterLikelihood() =>
        Gen.Select(Gen.Double[-8, 8], Gen.Double[-2, 2], Gen.ULong, Gen.Double[-0.3, 0.3], Gen.Double[-0.3, 0.3]).Sample((intercept, slope, seed, up, tilt) =>
        {
            (double[] residuals, double[] g) = Sample(80, intercept, slope, seed);
            LogScale line = LogScale.From(residuals, g), other = new(line.Intercept + up, line.Slope + tilt);
            Assert.True(Likelihood(line, residuals, g) <= Likelihood(other, residuals, g) + 1e-7);
        });

    [Fact]
    public void TheTrueLineIsFound()
    {
        (double[] residuals, double[] g) = Sample(20_000, 1.5, 0.6, 3);
        LogScale line = LogScale.From(residuals, g);
        Assert.InRange(line.Intercept, 1.48, 1.52);
        Assert.InRange(line.Slope, 0.58, 0.62);
    }

    [Fact]
    public void AConstantScaleIsTheRootMeanSquare()
    {
        double[] residuals = [3, -4, 0, 1];
        LogScale line = LogScale.From(residuals, [7, 7, 7, 7]);
        Assert.Equal(0, line.Slope);
        Assert.Equal(Math.Sqrt(26 / 4.0), line.Sigma(7), 1e-12);
    }
}

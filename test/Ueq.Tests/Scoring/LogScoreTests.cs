using Ueq.Scoring;

namespace Ueq.Tests.Scoring;

public sealed class LogScoreTests
{
    [Fact]
    public void GaussianIsTheLogarithmOfItsDensity()
    {
        foreach ((double mean, double sigma, double y) in ((double, double, double)[])[(0, 1, 0), (2, 0.1, 2.3), (-5, 40, 100)])
            Assert.Equal(-MathNet.Numerics.Distributions.Normal.PDFLn(mean, sigma, y), LogScore.Gaussian(mean, sigma, y), 1e-12);
    }

    [Fact]
    public void ABatchIsTheMeanOfItsRows() => Assert.Equal(
        (LogScore.Gaussian(1, 2, 3) + LogScore.Gaussian(4, 5, 6)) / 2, LogScore.Gaussian([1, 4], [2, 5], [3, 6]), 1e-12);

    [Fact]
    public void BadInputSaysWhatWasExpected()
    {
        Assert.Contains("a positive finite scale, got 0", Assert.Throws<ArgumentOutOfRangeException>(() => LogScore.Gaussian(0, 0, 0)).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LogScore.Gaussian([], [], []));
        Assert.Throws<ArgumentException>(() => LogScore.Gaussian([1], [1, 2], [1]));
    }
}

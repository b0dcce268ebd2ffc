using TorchSharp;
using Ueq.Bayesian;
using static TorchSharp.torch;

namespace Ueq.Torch.Tests;

public sealed class LaplaceTests
{
    private static readonly TorchFitOptions Quick = new() { Epochs = 40, LearningRate = 0.01, HeldOut = 0 };

    [Fact]
    public void OverTheFeaturesThemselvesItIsBayesianLinearRegression()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(60);
        using nn.Module<Tensor, Tensor> nothing = nn.Identity();
        using LastLayerLaplace laplace = LastLayerLaplace.Fit(nothing, x, y);
        (double[] mean, double[] sigma) = Rows.Predict(laplace, x);
        (double[] expectedMean, double[] expectedSigma) = Rows.Predict(BayesianLinearRegression.Fit(x, y), x);
        Assert.Equal(expectedMean, mean);
        Assert.Equal(expectedSigma, sigma);
        Assert.Equal(0.1, 1 / Math.Sqrt(laplace.NoisePrecision), 0.03);
    }

    [Fact]
    public void ItLearnsACurveAndDoubtsWhatItHasNotSeen()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(500, 1);
        (FeatureMatrix testX, double[] testY) = Rows.Heteroscedastic(1000, 2);
        using LastLayerLaplace laplace = new LaplaceTrainer(new MlpOptions { Hidden = [50] }, Quick).Fit(x, y, 1);
        (double[] mean, double[] sigma) = Rows.Predict(laplace, testX);
        Assert.InRange(Rows.Rmse(mean, testY), 0.45, 0.7);
        Assert.InRange(sigma.Average(), 0.4, 0.8);
        (_, double[] away) = Rows.Predict(laplace, new FeatureMatrix(new[] { 0f, 8f }, 1));
        Assert.True(away[1] > 1.5 * away[0], $"{away[1]} far away, {away[0]} in the middle");
        (double covered, double width, _) = Rows.Calibrated(laplace, testX.Slice(0, 500), testY[..500], testX.Slice(500, 500), testY[500..]);
        Assert.InRange(covered, 0.84, 0.96);
        Assert.InRange(width, 1.5, 2.6);
    }

    [Fact]
    public void OneOverAModuleOfTheCallersIsNotStored()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(60);
        using nn.Module<Tensor, Tensor> nothing = nn.Identity();
        using LastLayerLaplace laplace = LastLayerLaplace.Fit(nothing, x, y);
        Assert.Throws<NotSupportedException>(() => laplace.Save(Stream.Null));
    }

    [Fact]
    public void AnotherShapeIsRefused()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(20);
        using nn.Module<Tensor, Tensor> flat = nn.Flatten(0);
        Assert.Contains("20 × hidden, got 60", Assert.Throws<ArgumentException>(() => LastLayerLaplace.Fit(flat, x, y)).Message, StringComparison.Ordinal);
    }
}

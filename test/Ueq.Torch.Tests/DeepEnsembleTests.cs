using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch.Tests;

public sealed class DeepEnsembleTests
{
    private static readonly DeepEnsembleOptions Quick = new() { Members = 3, Fit = new TorchFitOptions { Epochs = 40, LearningRate = 0.01, HeldOut = 0 } };

    private static DeepEnsemble Fit(FeatureMatrix x, double[] y, DeepEnsembleOptions? options = null, ulong seed = 1) =>
        new DeepEnsembleTrainer(new MlpOptions { Hidden = [32] }, options ?? Quick).Fit(x, y, seed);

    [Fact]
    public void NoiseThatGrowsIsLearned()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(800, 1);
        (FeatureMatrix testX, double[] testY) = Rows.Heteroscedastic(1000, 2);
        using DeepEnsemble ensemble = Fit(x, y);
        (double[] mean, double[] sigma) = Rows.Predict(ensemble, testX);
        // The noise itself has the root mean square 0.55; the mean of all rows would miss by 1.5.
        Assert.InRange(Rows.Rmse(mean, testY), 0.45, 0.75);
        (_, double[] at) = Rows.Predict(ensemble, new FeatureMatrix(new[] { -1.9f, 0f, 1.9f }, 1));
        Assert.InRange(at[0] / at[1], 2, 20);
        Assert.InRange(at[2] / at[1], 2, 20);
        // The best there is: the entropy of the noise, 1.42 + E[log σ].
        Assert.InRange(Rows.Nll(mean, sigma, testY), 0.5, 0.95);
    }

    [Fact]
    public void TheVarianceIsSpreadPlusNoise()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(200);
        using DeepEnsemble ensemble = Fit(x, y);
        float[] far = [40, -40, 40];
        (_, double[] near) = Rows.Predict(ensemble, x.Slice(0, 1));
        (_, double[] away) = Rows.Predict(ensemble, new FeatureMatrix(far, 3));
        Assert.True(away[0] > 5 * near[0], $"{away[0]} far from the rows, {near[0]} among them");
        Mixture mixture = default;
        mixture.Add([1, 4], 0, TorchHead.MeanAndVariance);
        mixture.Add([3, 2], 0, TorchHead.MeanAndVariance);
        (double mean, double sigma) = mixture.Read(Standardisation.None(1) with { Offset = 10, Scale = 2 }, 0, 0);
        Assert.Equal(14, mean, 1e-12);
        Assert.Equal(Math.Sqrt(4 * (1 + 3)), sigma, 1e-12);
    }

    [Fact]
    public void TheSameSeedGivesTheSameEnsembleOnAnyNumberOfThreads()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(150);
        foreach (double dropout in (double[])[0, 0.1])
        {
            MlpOptions design = new() { Hidden = [16], Dropout = dropout };
            DeepEnsembleOptions options = Quick with { Members = 4, Fit = Quick.Fit with { Epochs = 5 } };
            using DeepEnsemble one = new DeepEnsembleTrainer(design, options).Fit(x, y, 1);
            using DeepEnsemble two = new DeepEnsembleTrainer(design, options with { Threads = 2 }).Fit(x, y, 1);
            using DeepEnsemble other = new DeepEnsembleTrainer(design, options).Fit(x, y, 2);
            Assert.Equal(Rows.Predict(one, x), Rows.Predict(two, x), Same);
            Assert.NotEqual(Rows.Predict(one, x).Mean, Rows.Predict(other, x).Mean);
        }
    }

    [Fact]
    public void ThePublishedProtocolIsAMatterOfOptions()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(300);
        DeepEnsembleTrainer trainer = new(
            new MlpOptions { Hidden = [50] },
            new DeepEnsembleOptions { Members = 5, Fit = new TorchFitOptions { Epochs = 40, BatchRows = 100, LearningRate = 0.1, HeldOut = 0 } });
        using DeepEnsemble ensemble = trainer.Fit(x, y, 1);
        Assert.Equal(5, ensemble.Members);
        // The target's σ is 3.6; steps of 0.1 end anywhere near the optimum.
        Assert.InRange(Rows.Rmse(Rows.Predict(ensemble, x).Mean, y), 0, 1.2);
    }

    [Fact]
    public void EarlyStoppingKeepsTheBestWeights()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(60, 1);
        (FeatureMatrix testX, double[] testY) = Rows.Heteroscedastic(500, 2);
        TorchFitOptions wild = new() { Epochs = 300, LearningRate = 0.02, HeldOut = 0 };
        using DeepEnsemble all = Fit(x, y, new DeepEnsembleOptions { Members = 2, Fit = wild });
        using DeepEnsemble stopped = Fit(x, y, new DeepEnsembleOptions { Members = 2, Fit = wild with { HeldOut = 0.25, Patience = 15 } });
        (double[] allMean, double[] allSigma) = Rows.Predict(all, testX);
        (double[] mean, double[] sigma) = Rows.Predict(stopped, testX);
        Assert.True(Rows.Nll(mean, sigma, testY) < Rows.Nll(allMean, allSigma, testY));
    }

    [Fact]
    public void BetaLikelihoodFitsToo()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(400, 1);
        using DeepEnsemble ensemble = Fit(x, y, Quick with { Fit = Quick.Fit with { Beta = 0.5 } });
        Assert.InRange(Rows.Rmse(Rows.Predict(ensemble, x).Mean, y), 0.3, 0.8);
    }

    [Fact]
    public void AnyModuleOfTwoOutputsWill()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(200);
        DeepEnsembleTrainer trainer = new(() => nn.Sequential(nn.Linear(3, 16), nn.BatchNorm1d(16), nn.Tanh(), nn.Linear(16, 2)), Quick);
        using DeepEnsemble ensemble = trainer.Fit(x, y, 1);
        Assert.True(Rows.Rmse(Rows.Predict(ensemble, x).Mean, y) < 1);
        Assert.Throws<NotSupportedException>(() => ensemble.Save(Stream.Null));
    }

    [Fact]
    public void AModuleOfAnotherShapeIsRefused()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(20);
        ArgumentException fault = Assert.Throws<ArgumentException>(() => new DeepEnsembleTrainer(() => nn.Linear(3, 1), Quick).Fit(x, y, 1));
        Assert.Contains("20 × 2", fault.Message, StringComparison.Ordinal);
        Assert.Contains("got 20 × 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALossThatIsNoNumberNamesMemberAndEpoch()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(20);
        int made = 0;
        nn.Module<Tensor, Tensor> Second()
        {
            TorchSharp.Modules.Linear layer = nn.Linear(3, 2);
            if (made++ == 1) nn.init.constant_(layer.weight, float.NaN);
            return layer;
        }

        AssumptionException fault = Assert.Throws<AssumptionException>(() => new DeepEnsembleTrainer(Second, Quick).Fit(x, y, 1));
        Assert.Equal(Assumption.FiniteAnswers, fault.Assumption);
        Assert.Contains("member 1 in epoch 1", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSizeOfTargetAndFeaturesDoesNotMatter()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(100);
        using DeepEnsemble small = Fit(x, y), large = Fit(new FeatureMatrix(x.Values.ToArray().Select(v => 1000 * v + 5000).ToArray(), 3), [.. y.Select(v => 1e9 + 1e6 * v)]);
        (double[] mean, double[] sigma) = Rows.Predict(large, new FeatureMatrix(x.Values.ToArray().Select(v => 1000 * v + 5000).ToArray(), 3));
        (double[] plainMean, double[] plainSigma) = Rows.Predict(small, x);
        for (int i = 0; i < y.Length; i++)
        {
            Assert.Equal(plainMean[i], (mean[i] - 1e9) / 1e6, 0.05);
            Assert.Equal(plainSigma[i], sigma[i] / 1e6, 0.05);
        }
    }

    [Fact]
    public void AConstantTargetIsAnsweredWithLittleDoubt()
    {
        (FeatureMatrix x, _) = Rows.Simple(60);
        double[] y = new double[60];
        Array.Fill(y, 12345.678);
        using DeepEnsemble ensemble = Fit(x, y);
        Assert.All(Rows.Predict(ensemble, x).Mean, mean => Assert.Equal(12345.678, mean, 0.3));
    }

    [Fact]
    public void CancellingEndsTheFit()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(50);
        using CancellationTokenSource cancellation = new();
        cancellation.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => new DeepEnsembleTrainer(new MlpOptions(), Quick).Fit(x, y, 1, cancellation.Token));
    }

    internal static bool Same((double[] Mean, double[] Sigma) a, (double[] Mean, double[] Sigma) b) => a.Mean.SequenceEqual(b.Mean) && a.Sigma.SequenceEqual(b.Sigma);
}

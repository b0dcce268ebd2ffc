using TorchSharp;

namespace Ueq.Torch.Tests;

public sealed class MemoryTests
{
    private static readonly TorchFitOptions Quick = new() { Epochs = 3 };

    [Fact]
    public void AMillionRowsLeaveNoTensorBehind()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(40);
        using DeepEnsemble ensemble = new DeepEnsembleTrainer(new MlpOptions { Hidden = [4] }, new DeepEnsembleOptions { Members = 2, Fit = Quick }).Fit(x, y, 1);
        using McDropout dropout = new McDropoutTrainer(new MlpOptions { Hidden = [4], Dropout = 0.2 }, new McDropoutOptions { Passes = 2 }, Quick).Fit(x, y, 1);
        const int BatchRows = 20_000;
        FeatureMatrix batch = Rows.Simple(BatchRows).X;
        double[] mean = new double[BatchRows], sigma = new double[BatchRows];
        void Predict()
        {
            ensemble.Predict(batch, mean, sigma);
            dropout.Predict(batch, mean, sigma);
        }

        Predict();
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int rows = 0; rows < 1_000_000; rows += BatchRows) Predict();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void FittingLeavesOnlyTheNetworksAndDisposingThemNothing()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(40);
        void Fit()
        {
            using DeepEnsemble ensemble = new DeepEnsembleTrainer(new MlpOptions { Hidden = [4] }, new DeepEnsembleOptions { Members = 2, Fit = Quick }).Fit(x, y, 1);
            using McDropout dropout = new McDropoutTrainer(new MlpOptions { Hidden = [4], Dropout = 0.2 }, new McDropoutOptions(), Quick).Fit(x, y, 1);
        }

        Fit();
        long live = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        for (int i = 0; i < 3; i++) Fit();
        Assert.Equal(live, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void AModelOutlivesTheScopeItWasMadeIn()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(40);
        DeepEnsemble ensemble;
        using (torch.NewDisposeScope()) ensemble = new DeepEnsembleTrainer(new MlpOptions { Hidden = [4] }, new DeepEnsembleOptions { Members = 2, Fit = Quick }).Fit(x, y, 1);
        Assert.Equal(40, Rows.Predict(ensemble, x).Mean.Length);
        ensemble.Dispose();
    }

    [Fact]
    public void ManyThreadsGetTheSameAnswersAsOne()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(100);
        using DeepEnsemble ensemble = new DeepEnsembleTrainer(new MlpOptions(), new DeepEnsembleOptions { Fit = Quick }).Fit(x, y, 1);
        (double[] Mean, double[] Sigma) batch = Rows.Predict(ensemble, x);
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => Assert.Equal(batch, Rows.Predict(ensemble, x), DeepEnsembleTests.Same));
        for (int i = 0; i < x.Rows; i++)
        {
            (double[] mean, double[] sigma) = Rows.Predict(ensemble, x.Slice(i, 1));
            Assert.Equal(batch.Mean[i], mean[0], 1e-5);
            Assert.Equal(batch.Sigma[i], sigma[0], 1e-5);
        }
    }
}

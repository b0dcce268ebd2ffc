using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch.Tests;

public sealed class McDropoutTests
{
    private static nn.Module<Tensor, Tensor> Seeded(Func<nn.Module<Tensor, Tensor>> make) => Native.Guarded(() => Native.Seeded(1, make));

    private static nn.Module<Tensor, Tensor> Net(int outputs = 1) =>
        Seeded(() => nn.Sequential(nn.Linear(3, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, outputs)));

    [Fact]
    public void ThePassesOfALinearLayerHaveTheVarianceOfDropout()
    {
        // y = Σ wᵢxᵢ·bᵢ/(1−p): mean Σ wᵢxᵢ, variance p/(1−p)·Σ(wᵢxᵢ)².
        using TorchSharp.Modules.Linear layer = (TorchSharp.Modules.Linear)Seeded(() => nn.Linear(3, 1, hasBias: false));
        using (no_grad()) layer.weight.copy_(tensor(new[] { 1f, -2f, 3f }).reshape(1, 3));
        using nn.Module<Tensor, Tensor> module = nn.Sequential(nn.Dropout(0.25), layer);
        using McDropout model = new(module, 3, new McDropoutOptions { Passes = 20_000, Noise = 1 });
        (double[] mean, double[] sigma) = Rows.Predict(model, new FeatureMatrix(new float[] { 2, 1, 1 }, 3));
        Assert.Equal(3, mean[0], 0.1);
        Assert.Equal(Math.Sqrt(0.25 / 0.75 * (4 + 4 + 9) + 1), sigma[0], 0.05);
    }

    [Fact]
    public void BatchNormStaysInEvaluationAndTheModesComeBack()
    {
        using nn.Module<Tensor, Tensor> module = Net();
        module.train();
        nn.Module[] layers = [.. DropoutLayers.All(module)];
        layers[3].eval();
        bool[] before = [.. layers.Select(layer => layer.training)];
        float[] statistics = Network.Values(module.named_buffers().First(b => b.name.Contains("running_mean", StringComparison.Ordinal)).buffer);
        using McDropout model = new(module, 3);
        Rows.Predict(model, Rows.Simple(40).X);
        Assert.Equal(before, layers.Select(layer => layer.training));
        Assert.Equal(statistics, Network.Values(module.named_buffers().First(b => b.name.Contains("running_mean", StringComparison.Ordinal)).buffer));
        // In training, a batch of equal rows would be normalised to zero: the mean of passes is that of evaluation.
        module.eval();
        float[] rows = [.. Enumerable.Repeat(new float[] { 1, 2, 3 }, 8).SelectMany(row => row)];
        float[] still = new Network(module, CPU, TorchHead.Mean, Standardisation.None(3)).Forward(new FeatureMatrix(rows, 3), 1);
        using McDropout many = new(module, 3, new McDropoutOptions { Passes = 4000 });
        (double[] mean, double[] sigma) = Rows.Predict(many, new FeatureMatrix(rows, 3));
        Assert.Equal(still[0], mean[0], 5 * sigma[0] / Math.Sqrt(4000));
    }

    [Fact]
    public void TheSameSeedGivesTheSameAnswersAndLeavesTorchsGeneratorAlone()
    {
        using nn.Module<Tensor, Tensor> module = Net(2);
        FeatureMatrix x = Rows.Simple(30).X;
        McDropoutOptions options = new() { Head = TorchHead.MeanAndLogVariance, Seed = 5 };
        using McDropout model = new(module, 3, options), other = new(module, 3, options with { Seed = 6 });
        torch.manual_seed(77);
        float expected = Draw();
        torch.manual_seed(77);
        (double[] Mean, double[] Sigma) first = Rows.Predict(model, x);
        Assert.Equal(expected, Draw());
        Assert.Equal(first, Rows.Predict(model, x), DeepEnsembleTests.Same);
        Assert.NotEqual(first.Mean, Rows.Predict(other, x).Mean);
        Parallel.For(0, 16, new ParallelOptions { MaxDegreeOfParallelism = 4 }, _ => Assert.Equal(first, Rows.Predict(model, x), DeepEnsembleTests.Same));

        static float Draw()
        {
            using Tensor drawn = rand(1);
            return drawn.item<float>();
        }
    }

    [Fact]
    public void ASmallMemoryBudgetOnlyMakesMorePasses()
    {
        using nn.Module<Tensor, Tensor> module = Net();
        FeatureMatrix x = Rows.Simple(100).X;
        using McDropout large = new(module, 3, new McDropoutOptions { Passes = 400 }), small = new(module, 3, new McDropoutOptions { Passes = 400, MemoryBudget = 1 << 20 });
        (double[] mean, double[] sigma) = Rows.Predict(large, x);
        (double[] chunkMean, double[] chunkSigma) = Rows.Predict(small, x);
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(mean[i], chunkMean[i], 6 * sigma[i] * Math.Sqrt(2.0 / 400));
            Assert.InRange(chunkSigma[i] / sigma[i], 0.7, 1.4);
        }
    }

    [Fact]
    public void AModuleWithoutDropoutIsRefused()
    {
        using nn.Module<Tensor, Tensor> none = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0), nn.Linear(4, 1));
        Assert.Contains("dropout layer", Assert.Throws<ArgumentException>(() => new McDropout(none, 3)).Message, StringComparison.Ordinal);
        using nn.Module<Tensor, Tensor> useless = nn.Sequential(nn.Dropout(0.5), nn.Linear(3, 1));
        using (no_grad()) foreach (TorchSharp.Modules.Parameter weight in useless.parameters()) weight.zero_();
        Assert.Contains("answers vary", Assert.Throws<ArgumentException>(() => new McDropout(useless, 3)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WrongShapesAndRowsAreRefused()
    {
        using nn.Module<Tensor, Tensor> module = Net();
        ArgumentException shape = Assert.Throws<ArgumentException>(() => new McDropout(module, 3, new McDropoutOptions { Head = TorchHead.MeanAndVariance }));
        Assert.Contains("got 128 × 1", shape.Message, StringComparison.Ordinal);
        using McDropout model = new(module, 3);
        ArgumentException width = Assert.Throws<ArgumentException>(() => Rows.Predict(model, new FeatureMatrix(new float[8], 4)));
        Assert.Contains("Expected 3 features", width.Message, StringComparison.Ordinal);
        Assert.Contains("got 4", width.Message, StringComparison.Ordinal);
        ArgumentException missing = Assert.Throws<ArgumentException>(() => Rows.Predict(model, new FeatureMatrix(new[] { 1, 1, 1, 1, float.NaN, 1 }, 3)));
        Assert.Contains("row 1, column 1", missing.Message, StringComparison.Ordinal);
        Assert.Empty(Rows.Predict(model, default).Mean);
    }

    [Fact]
    public void ATrainerFitsANetworkForIt()
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(600, 1);
        using McDropout model = new McDropoutTrainer(
            new MlpOptions { Hidden = [64], Dropout = 0.05 }, new McDropoutOptions(), new TorchFitOptions { Epochs = 60, LearningRate = 0.01, HeldOut = 0 }).Fit(x, y, 1);
        (double[] mean, double[] sigma) = Rows.Predict(model, x);
        Assert.InRange(Rows.Rmse(mean, y), 0.4, 0.8);
        Assert.InRange(Rows.Nll(mean, sigma, y), 0.4, 1.1);
    }

    [Fact]
    public void DevicesThatAreNotThereAreNamed()
    {
        using nn.Module<Tensor, Tensor> module = Net();
        Assert.Contains("cpu, cuda or cuda:N", Assert.Throws<ArgumentException>(() => new McDropout(module, 3, new McDropoutOptions { Device = "gpu" })).Message, StringComparison.Ordinal);
        if (!cuda.is_available())
            Assert.Contains("TorchSharp-cuda-linux", Assert.Throws<ArgumentException>(() => new McDropout(module, 3, new McDropoutOptions { Device = "cuda" })).Message, StringComparison.Ordinal);
        Assert.Contains("libtorch-cpu-", Native.Missing(new DllNotFoundException("no such file")).Message, StringComparison.Ordinal);
        Assert.Contains("build/Torch.targets", Native.Missing(new DllNotFoundException("version `GLIBCXX_3.4.32' not found")).Message, StringComparison.Ordinal);
    }
}

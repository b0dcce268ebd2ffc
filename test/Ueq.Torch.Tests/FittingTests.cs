using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ueq.Torch.Tests;

/// <summary>What is done by hand for speed is what Torch does.</summary>
public sealed class FittingTests
{
    private static Tensor Normal(int seed, params long[] shape)
    {
        using Generator generator = new((ulong)seed);
        return randn(shape, generator: generator);
    }

    private static float[] Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.detach().contiguous().bytes).ToArray();

    [Theory]
    [InlineData(0)]
    [InlineData(0.5)]
    [InlineData(1)]
    public void TheLossAndItsGradientAreThoseOfTorch(double beta)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor output = (2 * Normal(1, 40, 2)).requires_grad_(true), y = Normal(2, 40);
        Tensor mean = output.select(1, 0), variance = nn.functional.softplus(output.select(1, 1)) + Heads.LeastVariance;
        Tensor expected = (0.5 * (variance.log() + (y - mean).square() / variance) * variance.detach().pow(beta)).mean();
        expected.backward();

        float[] gradient = new float[80];
        double loss = GaussianLoss.Of(Values(output), Values(y), beta, gradient);
        Assert.Equal(expected.item<float>(), loss, 1e-5);
        Assert.Equal(Values(output.grad!), gradient, (a, b) => Math.Abs(a - b) < 1e-6);
        Assert.Equal(loss, GaussianLoss.Of(Values(output), Values(y), beta, default));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.1)]
    public void TheStepsOfAdamAreThoseOfTorch(double decay)
    {
        using DisposeScope scope = NewDisposeScope();
        Linear ours = nn.Linear(3, 2), theirs = nn.Linear(3, 2);
        theirs.load_state_dict(ours.state_dict());
        using AdamSteps steps = new([.. ours.parameters()], 0.02, decay);
        using Adam adam = optim.Adam(theirs.parameters(), 0.02, weight_decay: decay);
        Tensor x = Normal(3, 16, 3), y = Normal(4, 16, 2);
        for (int step = 0; step < 200; step++)
        {
            double size = 0.02 * (200 - step) / 200;
            foreach (var group in adam.ParamGroups) group.LearningRate = size;
            adam.zero_grad();
            foreach (Linear layer in (Linear[])[ours, theirs]) (layer.call(x) - y).square().mean().backward();
            steps.Step(size);
            adam.step();
        }

        foreach ((Parameter mine, Parameter other) in ours.parameters().Zip(theirs.parameters()))
            Assert.Equal(Values(other), Values(mine), (a, b) => Math.Abs(a - b) < 1e-4);
    }

    [Fact]
    public void ACosineEndsCloserToTheOptimumThanStepsThatStay()
    {
        // A linear truth and little noise: with large steps to the end the weights jump around it.
        Rng rng = Rng.Stream(5, 5);
        float[] x = new float[400];
        double[] y = new double[400];
        for (int i = 0; i < 400; i++) y[i] = (x[i] = (float)rng.NextNormal()) + 0.05 * rng.NextNormal();
        FeatureMatrix rows = new(x, 1);
        double Error(TorchSchedule schedule)
        {
            TorchFitOptions fit = new() { Epochs = 30, BatchRows = 8, LearningRate = 0.05, HeldOut = 0, Schedule = schedule };
            using DeepEnsemble model = new DeepEnsembleTrainer(new MlpOptions { Hidden = [16] }, new DeepEnsembleOptions { Members = 3, Fit = fit }).Fit(rows, y, 1);
            double[] mean = new double[400];
            model.Predict(rows, mean);
            return Math.Sqrt(mean.Zip(x, (m, truth) => (m - truth) * (m - truth)).Average());
        }

        double constant = Error(TorchSchedule.Constant), cosine = Error(TorchSchedule.Cosine);
        Assert.True(cosine < 0.7 * constant, $"{cosine} against {constant}");
        Assert.True(cosine < 0.04, $"{cosine}");
    }

    [Fact]
    public void AnUnknownScheduleIsNamed() => Assert.Contains(
        "schedule of TorchSchedule, got 7",
        Assert.Throws<ArgumentOutOfRangeException>(() => new McDropoutTrainer(
            new MlpOptions { Dropout = 0.1 }, new McDropoutOptions(), new TorchFitOptions { Schedule = (TorchSchedule)7 })).Message,
        StringComparison.Ordinal);
}

using System.Collections.Concurrent;
using Ueq.Conformal;

namespace Ueq.Onnx.Tests;

public sealed class McDropoutTests
{
    private static readonly Expected Data = Fixtures.Diabetes;

    /// <summary>What switches dropout on: a constant, a constant beside a seed, an input, the answer of a node, nothing; a batch of one row, doubles, a branch.</summary>
    public static TheoryData<string> Models => ["dropout", "dropout-seeded", "dropout-input", "dropout-node", "dropout-plain", "dropout-1", "dropout-double", "dropout-branch"];

    [Theory]
    [MemberData(nameof(Models))]
    public void MeanAndSpreadAreThoseOfTheMasks(string name)
    {
        const int Passes = 1000;
        OnnxMcDropout model = new(Fixtures.Model(name), new OnnxMcDropoutOptions { Passes = Passes });
        var (mean, sigma) = Fixtures.Predict((IGaussianPredictor)model, Data.X);
        double[] centre = Data.Flat("dropout"), variance = Data.Flat("dropout_variance");
        double[] z = [.. mean.Select((m, i) => (m - centre[i]) / Math.Sqrt(variance[i] / Passes))];
        Assert.All(z, value => Assert.InRange(value, -5, 5));
        Assert.InRange(z.Sum(value => value * value), 12, 85); // χ² of 40 degrees, 10⁻⁵ on both sides.
        double[] ratios = [.. sigma.Select((s, i) => s / Math.Sqrt(variance[i]))];
        Assert.All(ratios, ratio => Assert.InRange(ratio, 0.85, 1.15));
        Assert.InRange(ratios.Average(), 0.98, 1.02);
        Assert.Equal(10, model.Features);
    }

    [Fact]
    public void AModelWithItsDropoutOffAnswersAsBefore() =>
        Fixtures.Close(Data.Flat("dropout"), Fixtures.Predict(new OnnxRegressor(Fixtures.Model("dropout")), Data.X), Data.Exactness);

    [Fact]
    public void NoiseAndASecondOutputAddToTheSpread()
    {
        OnnxModel plain = Fixtures.Model("dropout"), heads = Fixtures.Model("dropout-heads");
        double[] silent = Fixtures.Predict((IGaussianPredictor)new OnnxMcDropout(plain), Data.X).Sigma;
        double[] noisy = Fixtures.Predict((IGaussianPredictor)new OnnxMcDropout(plain, new() { Noise = 30 }), Data.X).Sigma;
        // Both start from the same seed, so the passes are the same ones.
        Fixtures.Close([.. silent.Select(s => Math.Sqrt(s * s + 900))], noisy, 1e-12);

        OnnxMcDropoutOptions options = new() { Output = OnnxOutput.Named("mean") };
        double[] passes = Fixtures.Predict((IGaussianPredictor)new OnnxMcDropout(heads, options), Data.X).Sigma;
        double[] total = Fixtures.Predict(
            (IGaussianPredictor)new OnnxMcDropout(heads, options with { Spread = OnnxOutput.Named("log_variance"), SpreadIs = OnnxSpread.LogVariance }), Data.X).Sigma;
        Assert.All(total.Zip(passes), pair => Assert.True(pair.First > pair.Second));
    }

    [Fact]
    public void AFreshPredictorRepeatsItselfAndTheNextCallDrawsOn()
    {
        OnnxModel file = Fixtures.Model("dropout");
        IGaussianPredictor first = new OnnxMcDropout(file), again = new OnnxMcDropout(Fixtures.Model("dropout")), other = new OnnxMcDropout(file, new() { Seed = 1 });
        double[] mean = Fixtures.Predict(first, Data.X).Mean;
        Assert.Equal(mean, Fixtures.Predict(again, Data.X).Mean);
        Assert.NotEqual(mean, Fixtures.Predict(other, Data.X).Mean);
        double[] next = Fixtures.Predict(first, Data.X).Mean;
        Assert.NotEqual(mean, next);
        Assert.Equal(next, Fixtures.Predict(again, Data.X).Mean);
    }

    [Fact]
    public void AnOwnSeedOfANodeIsKept()
    {
        IGaussianPredictor one = new OnnxMcDropout(Fixtures.Model("dropout-seeded")), two = new OnnxMcDropout(Fixtures.Model("dropout-seeded"), new() { Seed = 1 });
        Assert.Equal(Fixtures.Predict(one, Data.X).Mean, Fixtures.Predict(two, Data.X).Mean);
    }

    [Fact]
    public void ManyThreadsGetAnswersOfTheSameDistribution()
    {
        IGaussianPredictor model = new OnnxMcDropout(Fixtures.Model("dropout"));
        double[] variance = Data.Flat("dropout_variance");
        ConcurrentBag<double[]> answers = [];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ => answers.Add(Fixtures.Predict(model, Data.X).Mean));
        double[] centre = Data.Flat("dropout");
        for (int i = 0; i < centre.Length; i++)
            Assert.InRange((answers.Average(answer => answer[i]) - centre[i]) / Math.Sqrt(variance[i] / (64 * 50)), -5, 5);
    }

    [Fact]
    public void ThePassesOfManyRowsGoInParts()
    {
        float[] rows = new float[2000 * 10];
        for (int i = 0; i < 2000; i++) Data.X.Row(i % 40).CopyTo(rows.AsSpan(i * 10));
        IGaussianPredictor model = new OnnxMcDropout(Fixtures.Model("dropout"));
        var (mean, sigma) = Fixtures.Predict(model, new FeatureMatrix(rows, 10));
        double[] centre = Data.Flat("dropout"), variance = Data.Flat("dropout_variance");
        for (int i = 0; i < 40; i++)
        {
            Assert.InRange((Enumerable.Range(0, 50).Average(k => mean[k * 40 + i]) - centre[i]) / Math.Sqrt(variance[i] / 2500), -5, 5);
            Assert.InRange(Enumerable.Range(0, 50).Average(k => sigma[k * 40 + i]) / Math.Sqrt(variance[i]), 0.93, 1.05);
        }

        Assert.Empty(Fixtures.Predict(model, default).Mean);
    }

    [Fact]
    public void CalibratedItCovers()
    {
        IGaussianPredictor model = new OnnxMcDropout(Fixtures.Model("dropout"));
        Band[] bands = new Band[40];
        new GaussianBands(model).Predict(Data.X, bands);
        // The truth is drawn from the very spread, so that the calibrated widening is a normal quantile of 90 %.
        Rng rng = Rng.Stream(3, 0);
        double[] variance = Data.Flat("dropout_variance");
        double[] y = [.. Data.Flat("dropout").Select((centre, i) => centre + Math.Sqrt(variance[i]) * rng.NextNormal())];
        Assert.InRange(IntervalCalibration.From(bands, y).Threshold(new Coverage(0.9)), 1, 2.6);
    }

    [Theory]
    [InlineData("linear", "Dropout nodes, got none")]
    [InlineData("dropout-nothing", "answers vary")]
    [InlineData("dropout-old", "version 12 or later")]
    [InlineData("dropout-shared", "that Where reads too")]
    public void AModelThatCannotVaryIsInvalidData(string name, string expected) =>
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => new OnnxMcDropout(Fixtures.Model(name))), $"{name}.onnx", expected);

    [Fact]
    public void TheOptionsHaveRanges()
    {
        OnnxModel model = Fixtures.Model("dropout");
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnnxMcDropout(model, new() { Passes = 1 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => new OnnxMcDropout(model, new() { Noise = double.NaN }));
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxMcDropout(Fixtures.Model("dropout-heads"))), "dropout-heads.onnx", "'mean'", "'log_variance'");
    }
}

using Ueq.Data;

namespace Ueq.Torch.Tests;

/// <summary>Calibrated, at 90 %: coverage and width together.</summary>
public sealed class CoverageTests
{
    private static readonly TorchFitOptions Quick = new() { Epochs = 60, LearningRate = 0.01, HeldOut = 0.15, Patience = 10 };

    private static IGaussianPredictor Fit(string method, FeatureMatrix x, double[] y, ulong seed) => method == "ensemble"
        ? new DeepEnsembleTrainer(new MlpOptions { Hidden = [32] }, new DeepEnsembleOptions { Members = 3, Fit = Quick }).Fit(x, y, seed)
        : new McDropoutTrainer(new MlpOptions { Hidden = [64], Dropout = 0.05 }, new McDropoutOptions(), Quick).Fit(x, y, seed);

    [Theory]
    [InlineData("ensemble")]
    [InlineData("dropout")]
    public void DiabetesIsCoveredAndNotByWidthAlone(string method)
    {
        Dataset data = Rows.Diabetes();
        double covered = 0, width = 0, constant = 0;
        const int Splits = 4;
        for (ulong split = 0; split < Splits; split++)
        {
            int[] order = [.. Enumerable.Range(0, data.Y.Length)];
            Rng rng = Rng.Stream(split, 0);
            rng.Shuffle<int>(order);
            int[] fit = order[..221], calibrate = order[221..332], test = order[332..];
            double[] y = [.. fit.Select(i => data.Y[i])], heldY = [.. calibrate.Select(i => data.Y[i])], testY = [.. test.Select(i => data.Y[i])];
            IGaussianPredictor model = Fit(method, data.X.Gather(fit), y, split);
            (double share, double mean, _) = Rows.Calibrated(model, data.X.Gather(calibrate), heldY, data.X.Gather(test), testY);
            ((IDisposable)model).Dispose();
            covered += share / Splits;
            width += mean / Splits;
            // What an interval around the mean of all rows would take.
            double[] sorted = [.. testY.Select(t => Math.Abs(t - y.Average())).Order()];
            constant += 2 * sorted[(int)(0.9 * sorted.Length)] / Splits;
        }

        Assert.InRange(covered, 0.84, 0.96);
        Assert.True(width < 0.95 * constant, $"{width} against {constant} without a model");
    }

    [Theory]
    [InlineData("ensemble")]
    [InlineData("dropout")]
    public void WidthFollowsTheNoise(string method)
    {
        (FeatureMatrix x, double[] y) = Rows.Heteroscedastic(600, 1);
        (FeatureMatrix held, double[] heldY) = Rows.Heteroscedastic(500, 2);
        (FeatureMatrix test, double[] testY) = Rows.Heteroscedastic(2000, 3);
        using IDisposable model = (IDisposable)Fit(method, x, y, 1);
        (double covered, double width, Interval[] intervals) = Rows.Calibrated((IGaussianPredictor)model, held, heldY, test, testY);
        Assert.InRange(covered, 0.86, 0.94);
        // The truth's 90 % is 2·1.645·E[σ] = 1.645 wide.
        Assert.InRange(width, 1.5, 2.3);
        double Mean(Func<float, bool> where) => intervals.Where((_, i) => where(test.Row(i)[0])).Average(i => i.Width);
        Assert.True(Mean(v => Math.Abs(v) > 1.5) > 2 * Mean(v => Math.Abs(v) < 0.3));
        double[] calm = [.. testY.Select((t, i) => (t, i)).Where(p => Math.Abs(test.Row(p.i)[0]) < 0.5).Select(p => intervals[p.i].Contains(p.t) ? 1.0 : 0)];
        Assert.InRange(calm.Average(), 0.8, 1);
    }
}

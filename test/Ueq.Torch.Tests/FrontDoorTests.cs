using TorchSharp;
using Ueq.Conformal;
using static TorchSharp.torch;

namespace Ueq.Torch.Tests;

/// <summary>What the front door makes of Torch modules.</summary>
public sealed class FrontDoorTests
{
    [Fact]
    public void AModuleWithDropoutBecomesMcDropoutConformalised()
    {
        using nn.Module<Tensor, Tensor> module = Native.Guarded(() => Native.Seeded(1, () => nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Dropout(0.3), nn.Linear(64, 1))));
        (FeatureMatrix x, double[] y) = Rows.Simple(400);
        (FeatureMatrix testX, double[] testY) = Rows.Simple(1000, seed: 8);
        ConformalRegressor model = Uq.Calibrate(module, x, y);
        // Not fitted at all, and covers none the less.
        Assert.InRange(model.Predict(testX, new Coverage(0.9)).Zip(testY, (row, t) => row.Interval.Contains(t) ? 1.0 : 0).Average(), 0.86, 0.94);
        Assert.Equal(("mc_dropout", "McDropout"), (ModelInfo.Of(model).Method, ModelInfo.Of(model).ModelClass));
    }

    [Fact]
    public void AFunctionThatMakesModulesBecomesADeepEnsembleConformalised()
    {
        (FeatureMatrix x, double[] y) = Rows.Simple(400);
        (FeatureMatrix testX, double[] testY) = Rows.Simple(1000, seed: 8);
        ConformalRegressor model = Uq.Fit(() => nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 2)), x, y, seed: 1);
        IntervalPrediction[] rows = model.Predict(testX, new Coverage(0.9));
        Assert.InRange(rows.Zip(testY, (row, t) => row.Interval.Contains(t) ? 1.0 : 0).Average(), 0.82, 0.98);
        // The noise has σ 0.1, the target 3.6.
        Assert.InRange(rows.Average(row => row.Interval.Width), 0.3, 1.0);
        Assert.Equal("deep_ensemble", ModelInfo.Of(model).Method);
    }
}

using TorchSharp;
using Ueq.Conformal;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>What the front door makes of Torch modules.</summary>
public static class TorchUq
{
    extension(Uq)
    {
        /// <summary>MC dropout over a fitted module with dropout, conformalised: intervals that are wide where its passes and its head are.</summary>
        /// <param name="module">Takes rows as N × features and answers with the mean, N × 1; stays the caller's and must outlive the answer.</param>
        /// <param name="x">Rows that it has not seen.</param>
        /// <param name="y">Their targets.</param>
        /// <exception cref="ArgumentException">The module has no dropout or answers with another shape, or there is not one finite target per row.</exception>
        public static ConformalRegressor Calibrate(nn.Module<Tensor, Tensor> module, FeatureMatrix x, ReadOnlySpan<double> y) =>
            Uq.Calibrate(new McDropout(module, x.Columns), x, y);

        /// <summary>A deep ensemble of fresh modules, conformalised: fitted on a part of the rows and calibrated on the rest.</summary>
        /// <param name="factory">Makes a module with new weights at each call: N × features in, N × 2 out, the mean and the variance before its softplus.</param>
        /// <param name="x">Rows.</param>
        /// <param name="y">Their targets.</param>
        /// <param name="seed">Seed of the weights, the order of the rows and the split.</param>
        public static ConformalRegressor Fit(Func<nn.Module<Tensor, Tensor>> factory, FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) =>
            Uq.Fit(new DeepEnsembleTrainer(factory), x, y, seed);
    }
}

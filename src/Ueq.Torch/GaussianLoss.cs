namespace Ueq.Torch;

/// <summary>The mean of −log N(y; μ, σ²), without its constant, over the rows of a softplus head, with its gradient.</summary>
/// <remarks>
/// With β each row is weighted by σ^2β as if that were no function of the weights (Seitzer, Tavakoli, Antic and Martius 2022). By hand rather than
/// by Torch: a step of a small network costs as many calls as it has operations, and these were most of them.
/// </remarks>
internal static class GaussianLoss
{
    public static double Of(ReadOnlySpan<float> output, ReadOnlySpan<float> y, double beta, Span<float> gradient)
    {
        double sum = 0;
        for (int i = 0; i < y.Length; i++)
        {
            float raw = output[2 * i + 1];
            double error = (double)y[i] - output[2 * i], variance = Heads.Variance(TorchHead.MeanAndSoftplusVariance, raw);
            double weight = beta == 0 ? 1 : Math.Pow(variance, beta), inverse = 1 / variance, squared = error * error * inverse;
            sum += 0.5 * weight * (Math.Log(variance) + squared);
            if (gradient.IsEmpty) continue;
            gradient[2 * i] = (float)(-weight * error * inverse / y.Length);
            gradient[2 * i + 1] = (float)(0.5 * weight * inverse * (1 - squared) / (1 + Math.Exp(-raw)) / y.Length);
        }

        return sum / y.Length;
    }
}

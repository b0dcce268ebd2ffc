namespace Ueq.Scoring;

/// <summary>The negative log-likelihood of a predictive distribution, in nats: −log p(y).</summary>
/// <remarks>
/// Strictly proper; lower is better; below zero where the density is above one, so it depends on the units of the target. Source: Gneiting and
/// Raftery 2007, §4.1.
/// </remarks>
public static class LogScore
{
    private static readonly double HalfLogTwoPi = 0.5 * Math.Log(2 * Math.PI);

    /// <summary>NLL of a Gaussian: ½ log 2π + log σ + (y − μ)²/2σ².</summary>
    public static double Gaussian(double mean, double sigma, double y)
    {
        if (!(sigma > 0) || double.IsInfinity(sigma)) Throw.OutOfRange(nameof(sigma), sigma, "a positive finite scale");
        double z = (y - mean) / sigma;
        return HalfLogTwoPi + Math.Log(sigma) + 0.5 * z * z;
    }

    /// <summary>Mean NLL of a Gaussian per row.</summary>
    public static double Gaussian(ReadOnlySpan<double> mean, ReadOnlySpan<double> sigma, ReadOnlySpan<double> targets)
    {
        if (targets.IsEmpty) Throw.Length(nameof(targets), 0, "one target or more");
        Throw.IfDifferent(nameof(mean), mean.Length, targets.Length, "means, one per target");
        Throw.IfDifferent(nameof(sigma), sigma.Length, targets.Length, "standard deviations, one per target");
        double sum = 0;
        for (int i = 0; i < targets.Length; i++) sum += Gaussian(mean[i], sigma[i], targets[i]);
        return sum / targets.Length;
    }
}

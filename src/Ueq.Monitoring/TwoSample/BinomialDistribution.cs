using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Binomial probabilities to full relative precision (the saddle-point form of Loader 2000).</summary>
internal static class BinomialDistribution
{
    private const double HalfLogTwoPi = 0.918938533204672741780329736406;

    /// <summary>P(X = k) of n trials that succeed with probability p = 1 − q.</summary>
    public static double Probability(int k, int n, double p, double q)
    {
        if (p == 0) return k == 0 ? 1 : 0;
        if (q == 0) return k == n ? 1 : 0;
        if (k == 0) return Math.Exp(n * double.LogP1(-p));
        if (k == n) return Math.Exp(n * double.LogP1(-q));
        double exponent = StirlingError(n) - StirlingError(k) - StirlingError(n - k) - Deviance(k, n * p) - Deviance(n - k, n * q);
        return Math.Exp(exponent) * Math.Sqrt((double)n / (2 * Math.PI * k * (n - k)));
    }

    /// <summary>P(X ≥ k) of n trials that succeed with probability p.</summary>
    public static double Tail(int k, int n, double p) => k <= 0 ? 1 : k > n ? 0 : SpecialFunctions.BetaRegularized(k, n - k + 1.0, p);

    /// <summary>ln(n!) less Stirling's formula.</summary>
    private static double StirlingError(int n)
    {
        if (n <= 15) return SpecialFunctions.GammaLn(n + 1.0) - (n + 0.5) * Math.Log(n) + n - HalfLogTwoPi;
        double square = (double)n * n;
        return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - 1.0 / 1188 / square) / square) / square) / square) / n;
    }

    /// <summary>x·ln(x/m) + m − x without cancellation where x is near m.</summary>
    private static double Deviance(double x, double mean)
    {
        if (Math.Abs(x - mean) >= 0.1 * (x + mean)) return x * Math.Log(x / mean) + mean - x;
        double v = (x - mean) / (x + mean), sum = (x - mean) * v, term = 2 * x * v;
        v *= v;
        for (int j = 1; j < 1000; j++)
        {
            term *= v;
            double next = sum + term / (2 * j + 1);
            if (next == sum) break;
            sum = next;
        }

        return sum;
    }
}

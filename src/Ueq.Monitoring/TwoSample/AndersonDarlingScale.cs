using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Mean, spread and probabilities of the k-sample Anderson–Darling statistic of two samples (Scholz and Stephens 1987).</summary>
internal static class AndersonDarlingScale
{
    // Probabilities of their Table 2, and critical values for two samples: b0 + b1 + b2.
    private static readonly double[] _probabilities = [0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001];
    private static readonly double[] _critical =
        [0.675 - 0.245 - 0.105, 1.281 + 0.25 - 0.305, 1.645 + 0.678 - 0.362, 1.96 + 1.149 - 0.391, 2.326 + 1.822 - 0.396, 2.573 + 2.364 - 0.345, 3.085 + 3.615 - 0.154];

    // A parabola through the logarithms, as SciPy fits it.
    private static readonly double[] _logarithm = Fit.Polynomial(_critical, [.. _probabilities.Select(p => Math.Log(p))], 2);

    public static double Standardise(double statistic, long n, long m)
    {
        double all = n + m;
        // Four values are needed for a variance.
        if (all < 4) return double.NaN;
        double reciprocals = 1.0 / n + 1.0 / m, sum = 0, g = 0;
        // Σ over i of (Σ over j > i of 1/j)/(N − i); the sum of reciprocals runs from N − 1 down to 2.
        for (long place = 2; place < n + m; place++)
        {
            sum += 1.0 / (all + 1 - place);
            g += sum / place;
        }

        double h = sum + 1;
        double a = (4 * g - 6) + (10 - 6 * g) * reciprocals;
        double b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * reciprocals - 8 * h + 4 * g - 6;
        double c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * reciprocals + 4 * h;
        double d = (2 * h + 6) * 4 - 8 * h;
        double variance = (((a * all + b) * all + c) * all + d) / ((all - 1) * (all - 2) * (all - 3));
        return (statistic - 1) / Math.Sqrt(variance);
    }

    /// <summary>Interpolated between 0.001 and 0.25, the ends of the published table; NaN stays NaN.</summary>
    public static double PValue(double standardised)
    {
        if (standardised < _critical[0]) return _probabilities[0];
        if (standardised > _critical[^1]) return _probabilities[^1];
        return Math.Exp((_logarithm[2] * standardised + _logarithm[1]) * standardised + _logarithm[0]);
    }
}

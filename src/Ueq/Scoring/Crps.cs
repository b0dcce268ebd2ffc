using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Ueq.Scoring;

/// <summary>The continuous ranked probability score of a predictive distribution: ∫ (F(t) − 1{y ≤ t})² dt, in units of the target.</summary>
/// <remarks>Strictly proper; lower is better; |y − ŷ| for a distribution that is one point. Source: Gneiting and Raftery 2007, §4.2.</remarks>
public static class Crps
{
    /// <summary>CRPS of a Gaussian (Gneiting et al. 2005, eq. 5).</summary>
    public static double Gaussian(double mean, double sigma, double y)
    {
        CheckScale(sigma);
        double z = (y - mean) / sigma;
        return sigma * (z * (2 * Normal.CDF(0, 1, z) - 1) + 2 * Normal.PDF(0, 1, z) - 1 / Math.Sqrt(Math.PI));
    }

    /// <summary>CRPS of a Student-t with ν &gt; 1 degrees of freedom (Jordan, Krüger, Lerch 2019, appendix A).</summary>
    public static double StudentT(double centre, double scale, double freedom, double y)
    {
        CheckScale(scale);
        if (!(freedom > 1)) Throw.OutOfRange(nameof(freedom), freedom, "more than one degree of freedom");
        // Beta functions of a million degrees of freedom lose digits; the Gaussian is closer than they are.
        if (freedom > 1e6) return Gaussian(centre, scale, y);
        double z = (y - centre) / scale;
        double cdf = MathNet.Numerics.Distributions.StudentT.CDF(0, 1, freedom, z), pdf = MathNet.Numerics.Distributions.StudentT.PDF(0, 1, freedom, z);
        double ratio = Math.Exp(SpecialFunctions.BetaLn(0.5, freedom - 0.5) - 2 * SpecialFunctions.BetaLn(0.5, freedom / 2));
        return scale * (z * (2 * cdf - 1) + 2 * pdf * (freedom + z * z) / (freedom - 1) - 2 * Math.Sqrt(freedom) / (freedom - 1) * ratio);
    }

    /// <summary>CRPS of the empirical distribution of equally likely values, in rising order; O(n).</summary>
    public static double Empirical(ReadOnlySpan<double> sorted, double y)
    {
        if (sorted.IsEmpty) Throw.Length(nameof(sorted), 0, "one value or more");
        // Between two neighbours F is i/n: the integral is a sum of rectangles, cut at y.
        double n = sorted.Length, sum = Math.Max(sorted[0] - y, 0) + Math.Max(y - sorted[^1], 0);
        for (int i = 1; i < sorted.Length; i++)
        {
            double below = Math.Clamp(y, sorted[i - 1], sorted[i]), share = i / n;
            sum += (below - sorted[i - 1]) * share * share + (sorted[i] - below) * (1 - share) * (1 - share);
        }

        return sum;
    }

    private static void CheckScale(double scale)
    {
        if (!(scale > 0) || double.IsInfinity(scale)) Throw.OutOfRange(nameof(scale), scale, "a positive finite scale");
    }
}

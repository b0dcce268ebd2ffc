using MathNet.Numerics;
using MathNet.Numerics.Distributions;

namespace Ueq.Numerics;

/// <summary>Tails of the standard Student-t distribution, far out and for few degrees of freedom too; allocates nothing.</summary>
internal static class StudentTail
{
    private const int MostSteps = 60;

    /// <summary>The t for which |T| exceeds it with probability <paramref name="miss"/>; ν ≥ 1.</summary>
    /// <remarks>
    /// Newton's method on log P against log t, in which the tail is concave and becomes a straight line; above a thousand degrees of
    /// freedom the expansion in 1/ν of Abramowitz and Stegun 26.7.5, whose next term is below 1e-10.
    /// </remarks>
    public static double TwoSided(double miss, double freedom)
    {
        double z = -Normal.InvCDF(0, 1, miss / 2);
        if (freedom > 1000) return Expand(z, 1 / freedom);
        double log = Math.Log(Math.Max(z, 1e-3));
        for (int step = 0; step < MostSteps; step++)
        {
            double t = Math.Exp(log), tail = SpecialFunctions.BetaRegularized(freedom / 2, 0.5, freedom / (freedom + t * t));
            double slope = -2 * StudentT.PDF(0, 1, freedom, t) * t / tail;
            double move = (Math.Log(tail) - Math.Log(miss)) / slope;
            log -= move;
            if (Math.Abs(move) < 1e-14) break;
        }

        return Math.Exp(log);
    }

    private static double Expand(double z, double inverse)
    {
        double q = z * z;
        double first = z * (q + 1) / 4, second = z * ((5 * q + 16) * q + 3) / 96, third = z * (((3 * q + 19) * q + 17) * q - 15) / 384;
        double fourth = z * ((((79 * q + 776) * q + 1482) * q - 1920) * q - 945) / 92160;
        return z + inverse * (first + inverse * (second + inverse * (third + inverse * fourth)));
    }
}

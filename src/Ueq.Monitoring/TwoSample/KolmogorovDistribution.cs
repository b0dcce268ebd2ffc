using MathNet.Numerics.LinearAlgebra;

namespace Ueq.Monitoring;

/// <summary>The one-sample Kolmogorov–Smirnov distance under the null, two-sided: P(Dₙ ≥ d).</summary>
/// <remarks>
/// Simard and L'Ecuyer (2011) say which method is exact where: Ruben and Gambino at the ends, twice the one-sided tail where the two sides
/// hardly meet, the matrix power of Marsaglia, Tsang and Wang (2003) in between, Pelz and Good (1976) for large n.
/// </remarks>
internal static class KolmogorovDistribution
{
    public static double Tail(int n, double d)
    {
        double t = n * d, square = t * d;
        if (d >= 1) return 0;
        if (t <= 0.5) return 1;
        if (t <= 1) return 1 - Math.Exp(LogFactorialRatio(n) + n * Math.Log(2 * t - 1));
        if (t >= n - 1) return 2 * Math.Pow(1 - d, n);
        if (d >= 0.5) return Clip(2 * OneSidedTail(n, d));
        if (n <= 140) return square <= 4 ? Clip(1 - MatrixPower(n, d)) : Clip(2 * OneSidedTail(n, d));
        if (square >= 370) return 0;
        if (square >= 2.2) return Clip(2 * OneSidedTail(n, d));
        return n <= 100_000 && n * Math.Pow(d, 1.5) <= 1.4 ? Clip(1 - MatrixPower(n, d)) : Clip(1 - PelzGood(n, d));
    }

    /// <summary>P(Dₙ⁺ ≥ d) by the sum of Birnbaum and Tingey, each term a binomial probability.</summary>
    public static double OneSidedTail(int n, double d)
    {
        double sum = 0;
        int last = (int)Math.Floor(n * (1 - d));
        for (int v = 0; v <= last; v++)
        {
            double p = d + (double)v / n;
            if (p < 1) sum += d / p * BinomialDistribution.Probability(v, n, p, 1 - p);
        }

        return sum;
    }

    /// <summary>ln(n!/nⁿ).</summary>
    private static double LogFactorialRatio(int n) => MathNet.Numerics.SpecialFunctions.GammaLn(n + 1.0) - n * Math.Log(n);

    private static double Clip(double p) => Math.Clamp(p, 0, 1);

    /// <summary>P(Dₙ &lt; d): an entry of the n-th power of a banded matrix.</summary>
    private static double MatrixPower(int n, double d)
    {
        const double Large = 1e140;
        int k = (int)Math.Ceiling(n * d), size = 2 * k - 1;
        double h = k - n * d;
        Matrix<double> base_ = Matrix<double>.Build.Dense(size, size, (i, j) => i - j + 1 < 0 ? 0 : 1);
        for (int i = 0; i < size; i++)
        {
            base_[i, 0] -= Math.Pow(h, i + 1);
            base_[size - 1, i] -= Math.Pow(h, size - i);
        }

        base_[size - 1, 0] += 2 * h - 1 > 0 ? Math.Pow(2 * h - 1, size) : 0;
        for (int i = 0; i < size; i++)
        {
            double factorial = 1;
            for (int j = i; j >= 0; j--)
            {
                // Row i, column j: divide by (i − j + 1)!.
                factorial *= i - j + 1;
                base_[i, j] /= factorial;
            }
        }

        (Matrix<double> power, int exponent) = Power(base_, n, Large);
        double result = power[k - 1, k - 1];
        for (int i = 1; i <= n; i++)
        {
            result *= (double)i / n;
            if (result >= 1 / Large) continue;
            result *= Large;
            exponent -= 140;
        }

        return result * Math.Pow(10, exponent);
    }

    private static (Matrix<double> Value, int Exponent) Power(Matrix<double> of, int n, double large)
    {
        Matrix<double> result = Matrix<double>.Build.DenseIdentity(of.RowCount);
        int exponent = 0, ofExponent = 0, centre = of.RowCount / 2;
        while (true)
        {
            if ((n & 1) != 0)
            {
                result *= of;
                exponent += ofExponent;
                if (result[centre, centre] > large)
                {
                    result /= large;
                    exponent += 140;
                }
            }

            n >>= 1;
            if (n == 0) return (result, exponent);
            of *= of;
            ofExponent *= 2;
            if (of[centre, centre] <= large) continue;
            of /= large;
            ofExponent += 140;
        }
    }

    /// <summary>Expansion of the distribution function to n^(−3/2).</summary>
    private static double PelzGood(int n, double d)
    {
        const double Pi2 = Math.PI * Math.PI, Pi4 = Pi2 * Pi2, Pi6 = Pi4 * Pi2;
        double root = Math.Sqrt(n), z = root * d, z2 = z * z, z4 = z2 * z2, z6 = z4 * z2;
        double sqrt2Pi = Math.Sqrt(2 * Math.PI);
        double k0 = 0, k1 = 0, k2 = 0, k3 = 0, extra2 = 0, extra3 = 0;
        int most = (int)Math.Ceiling(16 * z / Math.PI) + 1;
        for (int k = most; k >= 1; k--)
        {
            double odd = 2.0 * k - 1, o2 = odd * odd, o4 = o2 * o2, o6 = o4 * o2, q = Math.Exp(-Pi2 * o2 / (8 * z2));
            k0 += q;
            k1 += q * (-z2 + Pi2 / 4 * o2);
            k2 += q * (6 * z6 + 2 * z4 + (2 * z4 - 5 * z2) * Pi2 / 4 * o2 + Pi4 * (1 - 2 * z2) / 16 * o4);
            k3 += q * (-30 * z6 - 90 * z4 * z4 + Pi2 * (135 * z4 - 96 * z6) / 4 * o2 + Pi4 * (-60 * z2 + 212 * z4) / 16 * o4 + Pi6 * (5 - 30 * z2) / 64 * o6);
            double whole = (double)k * k, w = Math.Exp(-Pi2 * whole / (2 * z2));
            extra2 += whole * w;
            extra3 += (3 * z2 - Pi2 * whole) * whole * w;
        }

        k0 *= sqrt2Pi / z;
        k1 *= sqrt2Pi / (6 * z4);
        k2 = k2 * sqrt2Pi / (72 * z6 * z) - extra2 * Pi2 * sqrt2Pi / (36 * z2 * z);
        k3 = k3 * sqrt2Pi / (6480 * z6 * z4) + extra3 * Pi2 * sqrt2Pi / (216 * z6);
        return k0 + k1 / root + k2 / n + k3 / (n * root);
    }
}

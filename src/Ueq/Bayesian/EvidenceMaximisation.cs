using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.LinearAlgebra.Factorization;

namespace Ueq.Bayesian;

/// <summary>Finds the prior and noise precisions of highest evidence by MacKay's fixed-point iteration in the eigenbasis of ZᵀZ.</summary>
/// <remarks>
/// With eigenvalues λⱼ and γ = Σ βλⱼ/(α + βλⱼ): α ← γ/‖m‖², β ← (n − 1 − γ)/SSE(m). The one degree of freedom is the flat
/// intercept, integrated out. n − 1 − γ is summed from its parts, since the difference is lost where features outnumber rows. Source: MacKay 1992, §3; Bishop 2006, eq. 3.92 and 3.95.
/// </remarks>
internal static class EvidenceMaximisation
{
    private const int MostIterations = 10_000;
    private const double Tolerance = 1e-12;

    // Precisions stay inside these bounds relative to the target's variance: all noise, or none that a double can see.
    private const double MostPrior = 1e12;
    private const double MostNoise = 1e20;

    // Beyond it precisions are no finite numbers.
    private const double LeastVariance = 1e-280;

    public static BayesianLinearParameters Fit(FeatureMatrix x, ReadOnlySpan<double> y)
    {
        Check.Training(x, y, 3);
        Check.Finite(x);
        int n = x.Rows, d = x.Columns;
        (double[] means, double[] inverseScales) = Standardise(x);
        double centre = Mean(y);
        double[] residual = new double[n];
        for (int i = 0; i < n; i++) residual[i] = y[i] - centre;
        double variance = residual.Sum(r => r * r) / (n - 1);
        // The mean of equal numbers may differ from them by rounding, so the variance alone does not tell.
        if (y.IndexOfAnyExcept(y[0]) < 0) throw new AssumptionException(Assumption.Variation, $"Expected a target that varies, got {y[0]} on all {n} rows.");
        if (!(variance > LeastVariance && variance < 1 / LeastVariance))
            throw new AssumptionException(Assumption.WellConditioned, $"Expected a target whose variance is between {LeastVariance} and {1 / LeastVariance}, got {variance}.");

        Matrix<double> z = Matrix<double>.Build.Dense(n, d, (i, j) => (x.Row(i)[j] - means[j]) * inverseScales[j]);
        Vector<double> target = Vector<double>.Build.Dense(residual);
        Evd<double> basis = z.TransposeThisAndMultiply(z).Evd(Symmetricity.Symmetric);
        double[] lambda = [.. basis.EigenValues.Select(v => Math.Max(v.Real, 0))];
        double[] projected = basis.EigenVectors.TransposeThisAndMultiply(z.TransposeThisAndMultiply(target)).ToArray();
        double negligible = lambda.DefaultIfEmpty(0).Max() * d * 1e-13;
        double[] leastSquares = new double[d];
        for (int j = 0; j < d; j++)
        {
            // Rounding stands in the null directions: they learn nothing and take no degree of freedom.
            if (lambda[j] <= negligible) lambda[j] = 0;
            else leastSquares[j] = projected[j] / lambda[j];
        }

        // The residual of least squares is formed row by row: a difference of sums of squares would lose it for near-perfect fits.
        Vector<double> rest = target - z * (basis.EigenVectors * Vector<double>.Build.Dense(leastSquares));
        (double alpha, double beta, double free) = Iterate(lambda, leastSquares, rest.DotProduct(rest), n, variance);

        double[] rotated = new double[d];
        for (int j = 0; j < d; j++) rotated[j] = beta * lambda[j] * leastSquares[j] / (alpha + beta * lambda[j]);
        double[] weights = (basis.EigenVectors * Vector<double>.Build.Dense(rotated)).ToArray();
        double[] root = new double[d * d];
        for (int k = 0; k < d; k++)
        {
            double scale = 1 / Math.Sqrt(alpha + beta * lambda[k]);
            for (int j = 0; j < d; j++) root[k * d + j] = basis.EigenVectors[j, k] * scale;
        }

        return new BayesianLinearParameters
        {
            Rows = n,
            Means = means,
            InverseScales = inverseScales,
            Centre = centre,
            Weights = weights,
            CovarianceRoot = root,
            NoisePrecision = beta,
            PriorPrecision = alpha,
            DegreesOfFreedom = Math.Max(free, 1),
        };
    }

    private static (double Alpha, double Beta, double Free) Iterate(
        double[] lambda, double[] leastSquares, double leastSum, int n, double variance)
    {
        double alpha = 1 / variance, beta = 1 / variance, free = n - 1;
        int unlearned = Math.Max(n - 1 - lambda.Count(value => value > 0), 0);
        for (int iteration = 0; iteration < MostIterations; iteration++)
        {
            double length = 0, sum = leastSum;
            double gamma = 0;
            free = unlearned;
            for (int j = 0; j < lambda.Length; j++)
            {
                if (lambda[j] == 0) continue;
                double share = beta * lambda[j] / (alpha + beta * lambda[j]), m = share * leastSquares[j], off = m - leastSquares[j];
                gamma += share;
                free += alpha / (alpha + beta * lambda[j]);
                length += m * m;
                sum += lambda[j] * off * off;
            }

            double nextAlpha = Math.Min(length > 0 ? gamma / length : double.MaxValue, MostPrior / variance);
            double nextBeta = Math.Min(sum > 0 ? free / sum : double.MaxValue, MostNoise / variance);
            bool settled = Math.Abs(nextAlpha - alpha) <= Tolerance * nextAlpha && Math.Abs(nextBeta - beta) <= Tolerance * nextBeta;
            (alpha, beta) = (nextAlpha, nextBeta);
            if (settled) break;
        }

        // As many free weights as rows pass through every target: the noise that fits best is none, which says nothing of new rows.
        if (unlearned == 0 && beta >= MostNoise / variance)
        {
            throw new AssumptionException(Assumption.EnoughRows,
                $"Expected more rows than features that differ: {n} rows are fitted without any error by {lambda.Count(value => value > 0)} features, so the noise cannot be known.");
        }

        return (alpha, beta, free);
    }

    private static (double[] Means, double[] InverseScales) Standardise(FeatureMatrix x)
    {
        double[] means = new double[x.Columns], inverse = new double[x.Columns];
        for (int i = 0; i < x.Rows; i++)
            for (int j = 0; j < means.Length; j++) means[j] += x.Row(i)[j];
        for (int j = 0; j < means.Length; j++) means[j] /= x.Rows;
        for (int i = 0; i < x.Rows; i++)
            for (int j = 0; j < means.Length; j++) inverse[j] += Square(x.Row(i)[j] - means[j]);
        for (int j = 0; j < means.Length; j++)
        {
            double deviation = Math.Sqrt(inverse[j] / x.Rows);
            // A feature whose spread is rounding of its size carries nothing.
            inverse[j] = deviation > 1e-7 * Math.Abs(means[j]) && deviation > 0 ? 1 / deviation : 0;
        }

        return (means, inverse);
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }

    private static double Square(double value) => value * value;
}

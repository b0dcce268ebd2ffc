namespace Ueq.Ensembles;

/// <summary>The line log σ = intercept + slope · g that gives residuals their greatest Gaussian likelihood.</summary>
/// <param name="Intercept">log σ where g is zero.</param>
/// <param name="Slope">How much of g is believed: 0 when it says nothing about the residuals.</param>
internal readonly record struct LogScale(double Intercept, double Slope)
{
    private const int MostSteps = 100;
    private const double Enough = 1e-10;

    public double Sigma(double g) => Math.Exp(Intercept + Slope * g);

    /// <summary>Maximises Σ −log σᵢ − rᵢ²/2σᵢ² by Newton's method with halved steps.</summary>
    /// <remarks>The negative is convex in (intercept, slope): a sum of linear and exponential functions of them. There is one answer.</remarks>
    public static LogScale From(ReadOnlySpan<double> residuals, ReadOnlySpan<double> g)
    {
        int n = residuals.Length;
        double centre = 0, spread = 0, square = 0;
        for (int i = 0; i < n; i++) centre += g[i] / n;
        for (int i = 0; i < n; i++) spread += (g[i] - centre) * (g[i] - centre) / n;
        for (int i = 0; i < n; i++) square += residuals[i] * residuals[i] / n;
        spread = Math.Sqrt(spread);
        double a = 0.5 * Math.Log(square), b = 0;
        if (!(spread > 1e-12 * Math.Max(1, Math.Abs(centre)))) return new LogScale(a, 0);

        double loss = Loss(residuals, g, centre, spread, a, b);
        for (int step = 0; step < MostSteps; step++)
        {
            double ga = 0, gb = 0, aa = 0, ab = 0, bb = 0;
            for (int i = 0; i < n; i++)
            {
                double u = (g[i] - centre) / spread, z = residuals[i] * residuals[i] * Math.Exp(-2 * (a + b * u));
                ga += 1 - z;
                gb += (1 - z) * u;
                aa += 2 * z;
                ab += 2 * z * u;
                bb += 2 * z * u * u;
            }

            double ridge = 1e-9 * (aa + bb), determinant = (aa + ridge) * (bb + ridge) - ab * ab;
            double da = ((bb + ridge) * ga - ab * gb) / determinant, db = ((aa + ridge) * gb - ab * ga) / determinant;
            double share = 1, better;
            while (!((better = Loss(residuals, g, centre, spread, a - share * da, b - share * db)) <= loss) && share > 1e-9) share /= 2;
            if (!(better <= loss)) break;
            (a, b, double gain, loss) = (a - share * da, b - share * db, loss - better, better);
            if (gain <= Enough * n) break;
        }

        return new LogScale(a - b * centre / spread, b / spread);
    }

    private static double Loss(ReadOnlySpan<double> residuals, ReadOnlySpan<double> g, double centre, double spread, double a, double b)
    {
        double sum = 0;
        for (int i = 0; i < residuals.Length; i++)
        {
            double log = a + b * (g[i] - centre) / spread;
            sum += log + 0.5 * residuals[i] * residuals[i] * Math.Exp(-2 * log);
        }

        return sum;
    }
}

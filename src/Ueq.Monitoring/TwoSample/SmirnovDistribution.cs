namespace Ueq.Monitoring;

/// <summary>How large the two-sample Kolmogorov–Smirnov distance is by chance: P(D ≥ d) for two samples of one continuous distribution.</summary>
internal static class SmirnovDistribution
{
    /// <summary>SciPy's rule: up to this many values in the larger sample the probability is counted exactly.</summary>
    public const int MostExact = 10_000;

    /// <summary>Counted exactly, by lattice paths from (0, 0) to (n, m) that reach |x/n − y/m| ≥ d (Hodges 1958).</summary>
    /// <remarks>
    /// A node holds the share of the paths to it that have been outside before: all positive, so small probabilities keep their digits.
    /// </remarks>
    public static double Exact(double distance, int n, int m)
    {
        if (n < m) (n, m) = (m, n);
        long common = (long)System.Numerics.BigInteger.GreatestCommonDivisor(n, m), nStep = m / common, mStep = n / common;
        // In steps of 1/lcm the distance is a whole number, so rounding cannot move a path across the line.
        long height = (long)Math.Round(distance * nStep * n);
        if (height == 0) return 1;
        if (n == m) return Square(n, height);
        double[] outside = new double[m + 1];
        for (int x = 0; x <= n; x++)
        {
            // Inside: |x·nStep − y·mStep| < height.
            long low = (x * nStep - height) / mStep - 1, high = (x * nStep + height) / mStep + 1;
            while (low < 0 || x * nStep - low * mStep >= height) low++;
            while (high > m || high * mStep - x * nStep >= height) high--;
            if (low > high) return 1;
            // What lies beyond the band has been outside; the next column needs only the nearest such nodes.
            if (low > 0) outside[low - 1] = 1;
            double before = low > 0 ? 1 : 0;
            for (long y = low; y <= high; y++)
            {
                double left = x > 0 ? outside[y] : 0;
                before = x + y == 0 ? 0 : y == 0 ? left : x == 0 ? before : (x * left + y * before) / (x + y);
                outside[y] = before;
            }

            for (long y = high + 1; y <= m && y <= high + 2 + nStep / mStep; y++) outside[y] = 1;
        }

        return Math.Clamp(outside[m], 0, 1);
    }

    /// <summary>Equal sizes: the alternating sum of reflections, as one Horner scheme.</summary>
    private static double Square(int n, long height)
    {
        double sum = 0;
        for (long k = n / height; k >= 0; k--)
        {
            double term = 1;
            for (long j = 0; j < height; j++) term = (n - k * height - j) * term / (n + k * height + j + 1);
            sum = term * (1 - sum);
        }

        return Math.Clamp(2 * sum, 0, 1);
    }

    /// <summary>By the one-sample distribution at the size n·m/(n + m), rounded, as SciPy does.</summary>
    public static double Asymptotic(double distance, int n, int m)
    {
        double size = Math.Round((double)n * m / ((double)n + m), MidpointRounding.ToEven);
        return KolmogorovDistribution.Tail(Math.Max(1, (int)size), distance);
    }
}

namespace Ueq.Monitoring;

/// <summary>How large the two-sample Cramér–von Mises T is by chance.</summary>
internal static class CramerVonMisesDistribution
{
    /// <summary>SciPy's rule: up to this many values in the larger sample the probability is counted exactly.</summary>
    public const int MostExact = 20;

    /// <summary>T with mean and variance of Anderson (1962), by the limit distribution; below about 1e-9 it is 0.</summary>
    public static double Asymptotic(double statistic, double n, double m)
    {
        double product = n * m, all = n + m;
        double mean = (1 + 1 / all) / 6;
        double variance = (all + 1) * (4 * product * all - 3 * (n * n + m * m) - 2 * product) / (45 * all * all * 4 * product);
        double normalised = 1.0 / 6 + (statistic - mean) / Math.Sqrt(45 * variance);
        return normalised < 0.003 ? 1 : Math.Clamp(1 - Limit(normalised), 0, 1);
    }

    /// <summary>The limit distribution function (Csörgő and Faraway 1996, 1.2).</summary>
    public static double Limit(double x)
    {
        double sum = 0, ratio = Math.Sqrt(Math.PI);
        for (int k = 0; k < 200; k++)
        {
            // ratio = Γ(k + ½)/Γ(k + 1).
            double y = 4 * k + 1, q = y * y / (16 * x);
            double term = ratio / (Math.Pow(Math.PI, 1.5) * Math.Sqrt(x)) * Math.Sqrt(y) * ScaledBessel(q);
            sum += term;
            if (term < 1e-17 * sum || term == 0) break;
            ratio *= (k + 0.5) / (k + 1);
        }

        return Math.Min(sum, 1);
    }

    /// <summary>e^(−q)·K of order ¼ by its integral ∫exp(−q(1 + cosh t))·cosh(t/4) dt, which the trapezoidal rule gives to the last digits.</summary>
    private static double ScaledBessel(double q)
    {
        const double Step = 1.0 / 32;
        double sum = 0.5 * Math.Exp(-2 * q);
        for (int i = 1; i < 2000; i++)
        {
            double t = i * Step, term = Math.Exp(-q * (1 + Math.Cosh(t))) * Math.Cosh(t / 4);
            sum += term;
            if (term < 1e-18 * sum || sum == 0) break;
        }

        return sum * Step;
    }

    /// <summary>Counted exactly over all ways to mix the samples (Xiao, Gordon and Yakovlev 2006); for midranks, by the integer below.</summary>
    public static double Exact(Int128 rankSquares, int n, int m)
    {
        long common = (long)System.Numerics.BigInteger.GreatestCommonDivisor(n, m), lcm = n / common * (long)m;
        long a = lcm / n, b = lcm / m;
        Int128 product = (Int128)n * m, scale = (Int128)lcm * lcm * (n + m);
        // rankSquares is 12·U; ζ = lcm²(n + m)(6U − nm(4nm − 1))/(6(nm)²), rounded down.
        long least = (long)(scale * (rankSquares - 2 * product * (4 * product - 1)) / (12 * product * product));
        Frequencies[] row = [.. Enumerable.Range(0, n + 1).Select(_ => Frequencies.None)];
        for (int u = 0; u <= m; u++)
        {
            for (int v = 0; v <= n; v++)
            {
                long gap = a * v - b * u;
                Frequencies both = v == 0 ? row[0] : row[v].Plus(row[v - 1]);
                row[v] = (u == 0 && v == 0 ? Frequencies.Start : both).Shift(gap * gap);
            }
        }

        return row[n].ShareFrom(least);
    }

    /// <summary>How many mixtures lead to each value, values ascending.</summary>
    private sealed class Frequencies(long[] values, double[] counts)
    {
        public static Frequencies None { get; } = new([], []);

        public static Frequencies Start { get; } = new([0], [1]);

        public Frequencies Plus(Frequencies other)
        {
            long[] mine = values, theirs = other.Values;
            List<long> merged = new(mine.Length + theirs.Length);
            List<double> sums = new(mine.Length + theirs.Length);
            int i = 0, j = 0;
            while (i < mine.Length || j < theirs.Length)
            {
                bool left = j >= theirs.Length || (i < mine.Length && mine[i] <= theirs[j]), right = i >= mine.Length || (j < theirs.Length && theirs[j] <= mine[i]);
                merged.Add(left ? mine[i] : theirs[j]);
                sums.Add((left ? counts[i++] : 0) + (right ? other.Counts[j++] : 0));
            }

            return new([.. merged], [.. sums]);
        }

        public Frequencies Shift(long by) => new([.. values.Select(value => value + by)], counts);

        public double ShareFrom(long least)
        {
            double above = 0, all = 0;
            for (int i = 0; i < values.Length; i++)
            {
                all += counts[i];
                if (values[i] >= least) above += counts[i];
            }

            return above / all;
        }

        private long[] Values => values;

        private double[] Counts => counts;
    }
}

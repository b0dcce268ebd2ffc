using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>The population stability index of a window, and what it may reach by chance.</summary>
/// <remarks>
/// <para>PSI = Σ (p − q)·ln(p/q) over bins, p and q being the shares of the window and of the reference (Jeffreys divergence).</para>
/// <para>
/// Without drift PSI/(1/n + 1/m) tends to χ² with K − 1 degrees of freedom (Yurdakul and Naranjo 2020). An empty bin would make PSI
/// infinite, and half a pseudo-count still gives tails four times too heavy at 1e-4 with n = 100; one pseudo-count a bin (Laplace)
/// with ten expected values a bin stays at or below about 1.2 times the claimed probability down to 1e-4, for n from 20 and m from 200.
/// </para>
/// </remarks>
internal static class PopulationStability
{
    public const double PseudoCount = 1;

    public static double Index(ReadOnlySpan<long> reference, ReadOnlySpan<int> window, double pseudoCount = PseudoCount)
    {
        double m = pseudoCount * reference.Length, n = m, sum = 0;
        foreach (long count in reference) m += count;
        foreach (int count in window) n += count;
        for (int b = 0; b < reference.Length; b++)
        {
            double p = (window[b] + pseudoCount) / n, q = (reference[b] + pseudoCount) / m;
            sum += (p - q) * Math.Log(p / q);
        }

        return sum;
    }

    /// <summary>The value that χ² with this many degrees of freedom exceeds with the given probability.</summary>
    public static double ChiSquareCritical(int freedom, double probability)
    {
        double low = 0, high = 2000 + 4.0 * freedom;
        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            if (SpecialFunctions.GammaUpperRegularized(freedom / 2.0, middle / 2) > probability) low = middle;
            else high = middle;
        }

        return high;
    }

    /// <summary>The smallest number of events in a window that Fisher's exact test calls more frequent than in the reference.</summary>
    /// <returns>A number between 1 and <paramref name="window"/> + 1; the latter means that no number suffices.</returns>
    public static int CriticalEvents(int events, int rows, int window, double probability)
    {
        int low = 1, high = window + 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (UpperTail(middle, events, rows, window) <= probability) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    /// <summary>P(C ≥ seen) when seen + events marks are spread at random over window + rows places (hypergeometric).</summary>
    public static double UpperTail(int seen, int events, int rows, int window)
    {
        int marks = seen + events, places = window + rows;
        double all = SpecialFunctions.BinomialLn(places, window), tail = 0;
        for (int c = seen; c <= Math.Min(marks, window); c++)
        {
            if (window - c > places - marks) continue;
            double term = Math.Exp(SpecialFunctions.BinomialLn(marks, c) + SpecialFunctions.BinomialLn(places - marks, window - c) - all);
            tail += term;
            if (term < tail * 1e-17) break;
        }

        return Math.Min(tail, 1);
    }
}

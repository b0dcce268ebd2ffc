using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>The χ² distribution.</summary>
internal static class ChiSquare
{
    /// <summary>P(X ≥ x).</summary>
    public static double Tail(int freedom, double x) => x <= 0 ? 1 : SpecialFunctions.GammaUpperRegularized(freedom / 2.0, x / 2);

    /// <summary>The value that is exceeded with the given probability.</summary>
    public static double Critical(int freedom, double probability)
    {
        double low = 0, high = 2000 + 4.0 * freedom;
        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            if (Tail(freedom, middle) > probability) low = middle;
            else high = middle;
        }

        return high;
    }
}

/// <summary>Counts as input.</summary>
internal static class Counts
{
    public static long Total(ReadOnlySpan<long> counts, string parameter)
    {
        long sum = 0;
        for (int b = 0; b < counts.Length; b++)
        {
            if (counts[b] < 0) throw new ArgumentException($"Expected counts of 0 or more, got {counts[b]} at index {b}.", parameter);
            sum = checked(sum + counts[b]);
        }

        return sum > 0 ? sum : throw new ArgumentException("Expected one count above 0 or more, got none.", parameter);
    }
}

namespace Ueq.Numerics;

/// <summary>Order statistics: the one home of selecting and of quantiles between ranks.</summary>
internal static class OrderStatistics
{
    /// <summary>The k-th smallest value, k from 1; reorders <paramref name="values"/>. Expected O(n) (Hoare 1961), O(n²) at worst.</summary>
    public static double Select(Span<double> values, int rank)
    {
        int left = 0, right = values.Length - 1, k = rank - 1;
        while (right > left)
        {
            double pivot = MedianOfThree(values[left], values[left + (right - left) / 2], values[right]);
            int i = left, j = right;
            while (i <= j)
            {
                while (values[i] < pivot) i++;
                while (values[j] > pivot) j--;
                if (i > j) break;
                (values[i], values[j]) = (values[j], values[i]);
                i++;
                j--;
            }

            if (k <= j) right = j;
            else if (k >= i) left = i;
            else return values[k];
        }

        return values[k];
    }

    /// <summary>Quantile of sorted values by linear interpolation between ranks (type 7 of Hyndman and Fan 1996, NumPy's default).</summary>
    public static double SortedQuantile(ReadOnlySpan<double> sorted, double probability)
    {
        if (sorted.IsEmpty) return double.NaN;
        double place = probability * (sorted.Length - 1);
        int below = (int)Math.Floor(place);
        if (below >= sorted.Length - 1) return sorted[^1];
        double low = sorted[below], high = sorted[below + 1], part = place - below;
        // Equal first: ∞ − ∞ is not a number, and a whole rank needs no neighbour.
        return part == 0 || low == high ? low : low + part * (high - low);
    }

    /// <summary>(1 + number of sorted values at least <paramref name="value"/>) / (n + 1): the conformal p-value of a score.</summary>
    public static double TailShare(ReadOnlySpan<double> sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < value) low = middle + 1;
            else high = middle;
        }

        return (1.0 + sorted.Length - low) / (sorted.Length + 1);
    }

    private static double MedianOfThree(double a, double b, double c) =>
        Math.Max(Math.Min(a, b), Math.Min(Math.Max(a, b), c));
}

namespace Ueq.Monitoring;

/// <summary>The one merge of two ascending samples from which all their distances come.</summary>
internal static class SortedMerge
{
    // 2²⁰⁰: dividing by it and multiplying with its root are exact.
    private const double LargeUnit = 1.606938044258990275541962092341162602522202993782792835301376E60;

    public static SampleDistances Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        long n = reference.Length, m = current.Length, all = n + m;
        int i = 0, j = 0;
        long gap = 0, widest = 0;
        double at = Math.Min(reference[0], current[0]), previous = at;
        double area = 0, squared = 0, darling = 0, ties = 0;
        UInt128 referenceSingles = 0, currentSingles = 0, referenceGroups = 0, currentGroups = 0;
        ulong twicePairs = 0;
        while (i < n || j < m)
        {
            double value = j >= m || (i < n && reference[i] <= current[j]) ? reference[i] : current[j];
            if (gap != 0)
            {
                double step = value - previous;
                area += Math.Abs(gap) * step;
                squared += (double)gap * gap * step;
            }

            previous = value;
            int a = Equal(reference, i, value), b = Equal(current, j, value);
            ulong twiceAbove = 2UL * (uint)j + (uint)b, twiceBelow = 2UL * (uint)i + (uint)a;
            if (a + b == 1)
            {
                // Of one value alone 12·(rank − place)² is 3·(2·others)²; the square stays below 2⁶⁴.
                if (a == 1) referenceSingles += twiceAbove * twiceAbove;
                else currentSingles += twiceBelow * twiceBelow;
            }
            else
            {
                referenceGroups += Squares(a, twiceAbove);
                currentGroups += Squares(b, twiceBelow);
                double t = a + b;
                ties += t * (t * t - 1);
            }

            twicePairs += (ulong)(uint)a * twiceAbove;
            long together = a + b;
            // Twice the midpoint of the group in the pooled order, and twice the signed distance of the counts there.
            long twiceMiddle = 2L * (i + j) + together;
            double distance = (double)(m * (long)twiceBelow - n * (long)twiceAbove);
            double spread = (double)twiceMiddle * (2 * all - twiceMiddle) - (double)all * together;
            if (spread > 0) darling += together * (distance * distance / spread);
            i += a;
            j += b;
            gap = i * m - j * n;
            if (Math.Abs(gap) > Math.Abs(widest))
            {
                widest = gap;
                at = value;
            }
        }

        double product = (double)n * m, unit = 1;
        if (!double.IsFinite(area) || !double.IsFinite(2 * squared))
        {
            unit = LargeUnit;
            (area, squared) = Areas(reference, current);
        }

        Int128 rankSquares = (Int128)((UInt128)n * (3 * referenceSingles + referenceGroups) + (UInt128)m * (3 * currentSingles + currentGroups));
        Int128 least = 2 * (Int128)n * m * (4 * (Int128)n * m - 1);
        return new SampleDistances
        {
            ReferenceCount = (int)n,
            CurrentCount = (int)m,
            KolmogorovSmirnov = Math.Abs(widest) / product,
            KolmogorovSmirnovAt = at,
            Wasserstein = area / product * unit,
            Energy = Math.Sqrt(2 * squared) / product * Math.Sqrt(unit),
            RankSquares = rankSquares,
            CramerVonMises = (double)(rankSquares - least) / (12 * product * all),
            // Of A²: (N − 1)/N · Σ l/N · D²/(B(N − B) − Nl/4) · (1/n + 1/m), with 1/n + 1/m = N/(nm); the fourths cancel.
            AndersonDarling = OneValue(reference, current) ? double.NaN : AndersonDarlingScale.Standardise((all - 1.0) / all * darling / product, n, m),
            MannWhitney = twicePairs / 2.0,
            Ties = ties,
        };
    }

    /// <summary>Both areas between the distribution functions in a unit so large that they cannot overflow.</summary>
    private static (double Area, double Squared) Areas(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        long n = reference.Length, m = current.Length;
        int i = 0, j = 0;
        double previous = 0, area = 0, squared = 0;
        while (i < n || j < m)
        {
            double value = j >= m || (i < n && reference[i] <= current[j]) ? reference[i] : current[j], place = value / LargeUnit;
            double gap = i * m - j * n;
            if (gap != 0)
            {
                area += Math.Abs(gap) * (place - previous);
                squared += gap * gap * (place - previous);
            }

            previous = place;
            i += Equal(reference, i, value);
            j += Equal(current, j, value);
        }

        return (area, squared);
    }

    private static bool OneValue(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) =>
        reference[0] == reference[^1] && current[0] == current[^1] && reference[0] == current[0];

    private static int Equal(ReadOnlySpan<double> sorted, int from, double value)
    {
        int to = from;
        while (to < sorted.Length && sorted[to] == value) to++;
        return to - from;
    }

    /// <summary>12·Σ(rank − place)² of c values that are equal, with the midrank of the group: 3c·(2·others)² + c(c² − 1).</summary>
    private static UInt128 Squares(int count, ulong twiceOthers)
    {
        ulong c = (uint)count;
        return c == 0 ? 0 : (UInt128)(3 * c) * ((UInt128)twiceOthers * twiceOthers) + (UInt128)c * ((UInt128)c * c - 1);
    }
}

using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Whether counts are corrected for being whole numbers.</summary>
public enum Continuity
{
    /// <summary>Pearson's statistic as it is.</summary>
    None,

    /// <summary>Yates' correction, which applies to tables of two by two only.</summary>
    Yates,
}

/// <summary>Tests of the counts of two samples over the same categories.</summary>
public static class ContingencyTests
{
    /// <summary>Pearson's χ² test of homogeneity; categories that neither sample has are left out.</summary>
    /// <remarks>
    /// Σ(O − E)²/E against χ² with K − 1 degrees of freedom, as SciPy's <c>chi2_contingency</c>. With expected counts below five the probability is
    /// rough; <see cref="Fisher"/> is exact for two categories. One occupied category leaves it undefined.
    /// </remarks>
    public static TestReading ChiSquare(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, Continuity continuity = Continuity.None)
    {
        Throw.IfDifferent(nameof(current), current.Length, reference.Length, "categories, as in the reference");
        double n = Counts.Total(reference, nameof(reference)), m = Counts.Total(current, nameof(current));
        int occupied = 0;
        foreach ((long a, long b) in Pairs(reference, current))
            if (a + b > 0) occupied++;
        if (occupied < 2) return new(0, double.NaN, PValueMethod.Undefined);
        double sum = 0;
        foreach ((long a, long b) in Pairs(reference, current))
        {
            if (a + b == 0) continue;
            double expected = (a + b) * (n / (n + m)), gap = Math.Abs(a - expected);
            if (continuity == Continuity.Yates && occupied == 2) gap -= Math.Min(0.5, gap);
            sum += gap * gap * (1 / expected + 1 / (a + b - expected));
        }

        return new(sum, Monitoring.ChiSquare.Tail(occupied - 1, sum), PValueMethod.Asymptotic);
    }

    /// <summary>Pearson's χ² test with rare categories taken together, so that its probability can be believed at any counts.</summary>
    /// <remarks>
    /// The rarest categories, by both samples together, become one until each expected count is five or more (Cochran 1954); where two
    /// categories are left and one is rare still, the probability is Fisher's.
    /// </remarks>
    internal static TestReading OfCategories(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        const double FewestExpected = 5;
        Throw.IfDifferent(nameof(current), current.Length, reference.Length, "categories, as in the reference");
        double n = Counts.Total(reference, nameof(reference)), m = Counts.Total(current, nameof(current)), share = Math.Min(n, m) / (n + m);
        (long A, long B)[] pairs = [.. Pairs(reference, current).Where(pair => pair.A + pair.B > 0).OrderBy(pair => pair.A + pair.B)];
        (long A, long B) rare = default;
        int pooled = 0;
        while (pooled < pairs.Length - 1 && (Expected(pairs[pooled]) < FewestExpected || (pooled > 0 && Expected(rare) < FewestExpected)))
        {
            rare = (rare.A + pairs[pooled].A, rare.B + pairs[pooled].B);
            pooled++;
        }

        (long A, long B)[] kept = pooled == 0 ? pairs : [rare, .. pairs.AsSpan(pooled)];
        TestReading test = ChiSquare([.. kept.Select(pair => pair.A)], [.. kept.Select(pair => pair.B)]);
        return kept.Length == 2 && Expected(kept[0]) < FewestExpected
            ? test with { PValue = Fisher(kept[0].A, kept[1].A, kept[0].B, kept[1].B).PValue, Method = PValueMethod.Exact }
            : test;

        double Expected((long A, long B) pair) => (pair.A + pair.B) * share;
    }

    /// <summary>Fisher's exact test of two by two counts, two-sided; the statistic is the odds ratio of the sample.</summary>
    /// <remarks>The probability adds all tables with the same margins that are no more likely than this one, as SciPy's <c>fisher_exact</c>.</remarks>
    /// <param name="referenceHits">Reference rows with the property.</param>
    /// <param name="referenceOthers">Reference rows without.</param>
    /// <param name="currentHits">Current rows with the property.</param>
    /// <param name="currentOthers">Current rows without.</param>
    public static TestReading Fisher(long referenceHits, long referenceOthers, long currentHits, long currentOthers)
    {
        foreach (long count in (ReadOnlySpan<long>)[referenceHits, referenceOthers, currentHits, currentOthers])
            if (count is < 0 or > int.MaxValue / 4) Throw.OutOfRange(nameof(referenceHits), count, "counts from 0 to 536,870,911");
        long n = referenceHits + referenceOthers, hits = referenceHits + currentHits, all = n + currentHits + currentOthers;
        double odds = (double)referenceHits * currentOthers / ((double)referenceOthers * currentHits);
        if (n == 0 || n == all || hits == 0 || hits == all) return new(double.NaN, 1, PValueMethod.Exact);
        long least = Math.Max(0, hits - (all - n)), most = Math.Min(hits, n);
        double here = LogShare(referenceHits, n, hits, all), sum = 0;
        // Terms are added from the tails inwards, smallest first; a table as likely as this one may differ in the last digits.
        double limit = here + 1e-7;
        for (long k = least; k <= most && LogShare(k, n, hits, all) is double term && term <= limit; k++) sum += Math.Exp(term);
        for (long k = most; k >= least && LogShare(k, n, hits, all) is double term && term <= limit; k--) sum += Math.Exp(term);
        return new(odds, Math.Min(sum, 1), PValueMethod.Exact);
    }

    private static double LogShare(long k, long n, long hits, long all) =>
        SpecialFunctions.BinomialLn((int)hits, (int)k) + SpecialFunctions.BinomialLn((int)(all - hits), (int)(n - k)) - SpecialFunctions.BinomialLn((int)all, (int)n);

    private static (long A, long B)[] Pairs(ReadOnlySpan<long> reference, ReadOnlySpan<long> current)
    {
        (long, long)[] pairs = new (long, long)[reference.Length];
        for (int i = 0; i < pairs.Length; i++) pairs[i] = (reference[i], current[i]);
        return pairs;
    }
}

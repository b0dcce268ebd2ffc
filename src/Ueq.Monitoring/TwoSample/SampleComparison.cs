using System.Buffers;
using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Two samples of one signal compared: distances, the tests that hang on them, and the summaries of both.</summary>
/// <remarks>
/// Probabilities hold for independent rows. Ties make the Kolmogorov–Smirnov probability an upper bound. Conventions are SciPy's (1.10):
/// <list type="bullet">
/// <item>Kolmogorov–Smirnov, two-sided: exact up to 10,000 values in the larger sample, beyond that the one-sample distribution at size nm/(n + m).</item>
/// <item>Cramér–von Mises: exact up to 20 values in the larger sample, asymptotic beyond; undefined for a sample of one value.</item>
/// <item>Anderson–Darling: interpolated, never below 0.001 nor above 0.25, where the published table ends.</item>
/// <item>Mann–Whitney, two-sided: asymptotic with corrections for ties and continuity (SciPy's <c>method="asymptotic"</c>).</item>
/// </list>
/// </remarks>
public sealed record SampleComparison
{
    private SampleComparison(SampleDistances distances, SampleSummary reference, SampleSummary current)
    {
        (int n, int m) = (distances.ReferenceCount, distances.CurrentCount);
        Distances = distances;
        Reference = reference;
        Current = current;
        WassersteinScaled = distances.Wasserstein == 0 ? 0 : distances.Wasserstein / reference.StandardDeviation;
        KolmogorovSmirnov = Math.Max(n, m) <= SmirnovDistribution.MostExact
            ? new(distances.KolmogorovSmirnov, SmirnovDistribution.Exact(distances.KolmogorovSmirnov, n, m), PValueMethod.Exact)
            : new(distances.KolmogorovSmirnov, SmirnovDistribution.Asymptotic(distances.KolmogorovSmirnov, n, m), PValueMethod.Asymptotic);
        CramerVonMises = Math.Min(n, m) < 2
            ? new(distances.CramerVonMises, double.NaN, PValueMethod.Undefined)
            : Math.Max(n, m) <= CramerVonMisesDistribution.MostExact
                ? new(distances.CramerVonMises, CramerVonMisesDistribution.Exact(distances.RankSquares, n, m), PValueMethod.Exact)
                : new(distances.CramerVonMises, CramerVonMisesDistribution.Asymptotic(distances.CramerVonMises, n, m), PValueMethod.Asymptotic);
        AndersonDarling = double.IsNaN(distances.AndersonDarling)
            ? new(double.NaN, double.NaN, PValueMethod.Undefined)
            : new(distances.AndersonDarling, AndersonDarlingScale.PValue(distances.AndersonDarling), PValueMethod.Interpolated);
        MannWhitney = OfRanks(distances);
    }

    /// <summary>The distances themselves.</summary>
    public SampleDistances Distances { get; }

    /// <summary>The reference sample.</summary>
    public SampleSummary Reference { get; }

    /// <summary>The current sample.</summary>
    public SampleSummary Current { get; }

    /// <summary>Wasserstein-1 in standard deviations of the reference (dividing by n); infinite where the reference has one value and the current another.</summary>
    public double WassersteinScaled { get; }

    /// <summary>Kolmogorov–Smirnov: any difference, most powerful in the middle.</summary>
    public TestReading KolmogorovSmirnov { get; }

    /// <summary>Cramér–von Mises: any difference, averaged over the whole range.</summary>
    public TestReading CramerVonMises { get; }

    /// <summary>Anderson–Darling: any difference, with weight on the tails.</summary>
    public TestReading AndersonDarling { get; }

    /// <summary>Mann–Whitney: whether one sample tends to be larger.</summary>
    public TestReading MannWhitney { get; }

    /// <summary>Compares samples in any order; neither is changed.</summary>
    /// <exception cref="ArgumentException">A sample is empty, or holds a value that is not finite; the message says where.</exception>
    public static SampleComparison Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        SampleCheck.Finite(reference, nameof(reference));
        SampleCheck.Finite(current, nameof(current));
        double[] first = ArrayPool<double>.Shared.Rent(reference.Length), second = ArrayPool<double>.Shared.Rent(current.Length);
        try
        {
            reference.CopyTo(first);
            current.CopyTo(second);
            SampleDistances.SortBoth(first.AsMemory(0, reference.Length), second.AsMemory(0, current.Length));
            return OfAscending(first.AsSpan(0, reference.Length), second.AsSpan(0, current.Length));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(first);
            ArrayPool<double>.Shared.Return(second);
        }
    }

    /// <summary>Compares samples in ascending order.</summary>
    /// <exception cref="ArgumentException">A sample is empty, not ascending, or holds a value that is not finite; the message says where.</exception>
    public static SampleComparison OfSorted(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        SampleCheck.Ascending(reference, nameof(reference));
        SampleCheck.Ascending(current, nameof(current));
        return OfAscending(reference, current);
    }

    private static SampleComparison OfAscending(ReadOnlySpan<double> reference, ReadOnlySpan<double> current) =>
        new(SortedMerge.Of(reference, current), SampleSummary.From(reference), SampleSummary.From(current));

    private static TestReading OfRanks(SampleDistances d)
    {
        double n = d.ReferenceCount, m = d.CurrentCount, all = n + m, product = n * m;
        double larger = Math.Max(d.MannWhitney, product - d.MannWhitney);
        double variance = product / 12 * (all + 1 - (all > 1 ? d.Ties / (all * (all - 1)) : 0));
        if (!(variance > 0)) return new(d.MannWhitney, double.NaN, PValueMethod.Undefined);
        double z = (larger - product / 2 - 0.5) / Math.Sqrt(variance);
        return new(d.MannWhitney, Math.Min(1, SpecialFunctions.Erfc(z / Math.Sqrt(2))), PValueMethod.Asymptotic);
    }
}

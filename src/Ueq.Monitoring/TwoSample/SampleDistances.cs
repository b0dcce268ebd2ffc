using System.Buffers;

namespace Ueq.Monitoring;

/// <summary>How far two samples lie apart, in every figure that hangs on their order: one sort of each and one merge.</summary>
/// <remarks>
/// <para>
/// With n reference and m current values, N = n + m, and F and G their distribution functions:
/// Kolmogorov–Smirnov max|F − G|; Wasserstein-1 ∫|F − G|; energy √(2∫(F − G)²), as SciPy's <c>energy_distance</c>; Cramér–von Mises T of
/// Anderson (1962) with midranks; Anderson–Darling the standardised k-sample A² of Scholz and Stephens (1987) with midranks, as SciPy's
/// <c>anderson_ksamp</c>; Mann–Whitney U of the reference, ties counting one half.
/// </para>
/// <para>Ranks and distances of distribution functions are added up in integers, so ties and the order of arrival leave no rounding.</para>
/// </remarks>
public readonly record struct SampleDistances
{
    /// <summary>Number of reference values, n.</summary>
    public int ReferenceCount { get; internal init; }

    /// <summary>Number of current values, m.</summary>
    public int CurrentCount { get; internal init; }

    /// <summary>Largest distance of the two distribution functions: 0 to 1.</summary>
    public double KolmogorovSmirnov { get; internal init; }

    /// <summary>The smallest value at which the distance is largest.</summary>
    public double KolmogorovSmirnovAt { get; internal init; }

    /// <summary>Area between the two distribution functions, in the unit of the values.</summary>
    public double Wasserstein { get; internal init; }

    /// <summary>Energy distance, in the root of the unit of the values.</summary>
    public double Energy { get; internal init; }

    /// <summary>Cramér–von Mises T.</summary>
    public double CramerVonMises { get; internal init; }

    /// <summary>Anderson–Darling A², less its mean and divided by its standard deviation under no change; NaN for fewer than four values or one distinct.</summary>
    public double AndersonDarling { get; internal init; }

    /// <summary>Number of pairs in which the reference value is larger, ties counting one half.</summary>
    public double MannWhitney { get; internal init; }

    /// <summary>Σ(t³ − t) over groups of t equal values of the two samples together; 0 without ties.</summary>
    public double Ties { get; internal init; }

    /// <summary>12·(n·Σ(r − i)² + m·Σ(s − j)²) of midranks: the exact integer behind Cramér–von Mises.</summary>
    internal Int128 RankSquares { get; init; }

    /// <summary>The distances of samples in any order; neither is changed.</summary>
    /// <exception cref="ArgumentException">A sample is empty, or holds a value that is not finite; the message says where.</exception>
    public static SampleDistances Of(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        SampleCheck.Finite(reference, nameof(reference));
        SampleCheck.Finite(current, nameof(current));
        double[] first = ArrayPool<double>.Shared.Rent(reference.Length), second = ArrayPool<double>.Shared.Rent(current.Length);
        try
        {
            reference.CopyTo(first);
            current.CopyTo(second);
            SortBoth(first.AsMemory(0, reference.Length), second.AsMemory(0, current.Length));
            return SortedMerge.Of(first.AsSpan(0, reference.Length), second.AsSpan(0, current.Length));
        }
        finally
        {
            ArrayPool<double>.Shared.Return(first);
            ArrayPool<double>.Shared.Return(second);
        }
    }

    /// <summary>The distances of samples in ascending order; allocates nothing.</summary>
    /// <exception cref="ArgumentException">A sample is empty, not ascending, or holds a value that is not finite; the message says where.</exception>
    public static SampleDistances OfSorted(ReadOnlySpan<double> reference, ReadOnlySpan<double> current)
    {
        SampleCheck.Ascending(reference, nameof(reference));
        SampleCheck.Ascending(current, nameof(current));
        return SortedMerge.Of(reference, current);
    }

    internal static void SortBoth(Memory<double> first, Memory<double> second)
    {
        const int WorthAThread = 50_000;
        if (Math.Min(first.Length, second.Length) >= WorthAThread) Parallel.Invoke(() => RadixSort.Ascending(first.Span), () => RadixSort.Ascending(second.Span));
        else
        {
            RadixSort.Ascending(first.Span);
            RadixSort.Ascending(second.Span);
        }
    }
}

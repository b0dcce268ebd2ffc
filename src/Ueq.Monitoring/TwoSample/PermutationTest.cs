using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>How a test by permutations is made.</summary>
public sealed record PermutationOptions
{
    /// <summary>How often labels are shuffled, B: 19 to 1,000,000. Default: 999, so that the smallest probability is 0.001.</summary>
    public int Permutations { get; init; } = 999;

    /// <summary>Names the shuffles; the same seed gives the same answer.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (Permutations is < 19 or > 1_000_000) Throw.OutOfRange(nameof(Permutations), Permutations, "19 to 1,000,000 permutations");
    }
}

/// <summary>A distance of a current sample from a reference sample; larger means further apart.</summary>
public delegate double SampleStatistic(ReadOnlySpan<double> reference, ReadOnlySpan<double> current);

/// <summary>A test of any distance of two samples, by shuffling which value belongs to which.</summary>
public static class PermutationTest
{
    /// <summary>(1 + b)/(1 + B), where b of B shuffles are at least as far apart as the samples are.</summary>
    /// <remarks>The true size of the test is never above the probability it states, at any n, with or without ties.</remarks>
    /// <param name="reference">Values in any order.</param>
    /// <param name="current">Values in any order.</param>
    /// <param name="figure">Which distance is tested, such as <c>d => d.Energy</c>; larger means further apart.</param>
    /// <param name="options">How many permutations, and their seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two permutations.</param>
    public static TestReading Of(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> current, Func<SampleDistances, double> figure,
        PermutationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(figure);
        return OfStatistic(reference, current, (then, now) => figure(SortedMerge.Of(then, now)), options, progress, cancellation);
    }

    /// <summary>(1 + b)/(1 + B), where b of B shuffles are at least as far apart as the samples are.</summary>
    /// <inheritdoc cref="Of" path="/remarks"/>
    /// <param name="reference">Values in any order.</param>
    /// <param name="current">Values in any order.</param>
    /// <param name="statistic">The distance; it is given both samples in ascending order.</param>
    /// <param name="options">How many permutations, and their seed.</param>
    /// <param name="progress">Told the share that is done.</param>
    /// <param name="cancellation">Stops between two permutations.</param>
    public static TestReading OfStatistic(
        ReadOnlySpan<double> reference, ReadOnlySpan<double> current, SampleStatistic statistic,
        PermutationOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(statistic);
        options ??= new PermutationOptions();
        options.Validate();
        double[] first = reference.ToArray(), second = current.ToArray(), pooled = [.. first, .. second];
        SampleCheck.Finite(first, nameof(reference));
        SampleCheck.Finite(second, nameof(current));
        RadixSort.Ascending(first);
        RadixSort.Ascending(second);
        RadixSort.Ascending(pooled);
        double seen = statistic(first, second);
        // The pooled order never changes: only who belongs to the smaller sample does, and only that is drawn.
        (double[] fewer, double[] more) = first.Length < second.Length ? (first, second) : (second, first);
        int[] places = [.. Enumerable.Range(0, pooled.Length)];
        bool[] drawn = new bool[pooled.Length];
        int least = 0;
        for (int b = 0; b < options.Permutations; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            Rng rng = Rng.Stream(options.Seed, (ulong)b);
            for (int k = 0; k < fewer.Length; k++)
            {
                int other = k + rng.NextIndex(places.Length - k);
                (places[k], places[other]) = (places[other], places[k]);
                drawn[places[k]] = true;
            }

            int i = 0, j = 0;
            for (int k = 0; k < pooled.Length; k++)
            {
                if (drawn[k]) fewer[i++] = pooled[k];
                else more[j++] = pooled[k];
            }

            Array.Clear(drawn);
            if (AtLeast(statistic(first, second), seen)) least++;
            progress?.Report((b + 1.0) / options.Permutations);
        }

        return new(seen, (1.0 + least) / (1 + options.Permutations), PValueMethod.Permutation);
    }

    /// <summary>Whether a shuffled figure reaches the one seen; equal ones may differ in the last digits by the order of additions.</summary>
    internal static bool AtLeast(double shuffled, double seen) => shuffled >= seen || shuffled.AlmostEqualRelative(seen, 1e-12);
}

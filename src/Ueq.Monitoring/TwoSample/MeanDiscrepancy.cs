using System.Numerics.Tensors;

namespace Ueq.Monitoring;

/// <summary>How many rows a comparison of many columns uses, and how it is tested.</summary>
public sealed record MultivariateOptions
{
    /// <summary>The most rows of each sample that are used; more are thinned at random: 20 to 5,000. Default: 500.</summary>
    /// <remarks>Memory and time grow with the square of the rows in <see cref="MeanDiscrepancy"/>.</remarks>
    public int MostRows { get; init; } = 500;

    /// <summary>How often labels are shuffled: 19 to 1,000,000. Default: 499.</summary>
    public int Permutations { get; init; } = 499;

    /// <summary>Parts of the cross-fit of <see cref="ClassifierTest"/>: 2 to 20. Default: 5.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>Share of the reference's variance that <see cref="ReconstructionError"/> keeps: inside (0, 1). Default: 0.9.</summary>
    public double KeptVariance { get; init; } = 0.9;

    /// <summary>Names every random choice; the same seed gives the same answer.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        if (MostRows is < 20 or > 5000) Throw.OutOfRange(nameof(MostRows), MostRows, "20 to 5,000 rows");
        if (Permutations is < 19 or > 1_000_000) Throw.OutOfRange(nameof(Permutations), Permutations, "19 to 1,000,000 permutations");
        if (Folds is < 2 or > 20) Throw.OutOfRange(nameof(Folds), Folds, "2 to 20 folds");
        if (!(KeptVariance is > 0 and < 1)) Throw.OutOfRange(nameof(KeptVariance), KeptVariance, "a share strictly between 0 and 1");
    }
}

/// <summary>Maximum mean discrepancy of two samples of many columns (Gretton et al. 2012): any difference of the joint distributions.</summary>
/// <remarks>
/// The unbiased estimate of MMD² with the kernel exp(−‖x − y‖²/2h²), where h is the median distance of the pooled rows; columns are
/// standardised by the pooled rows first. The kernel matrix is made once; a permutation needs only the sum over one block of it, since row
/// sums give the others. The estimate may be negative when nothing changed.
/// </remarks>
public static class MeanDiscrepancy
{
    /// <summary>MMD² and its probability by permutations.</summary>
    /// <exception cref="ArgumentException">Columns differ, there are fewer than two rows, or a value is not finite; the message says where.</exception>
    public static TestReading Of(
        FeatureMatrix reference, FeatureMatrix current, MultivariateOptions? options = null, IProgress<double>? progress = null, CancellationToken cancellation = default)
    {
        options ??= new MultivariateOptions();
        options.Validate();
        SampleCheck.Matrix(reference, reference.Columns, 2, nameof(reference));
        SampleCheck.Matrix(current, reference.Columns, 2, nameof(current));
        PooledRows rows = PooledRows.Of(reference, current, options.MostRows, options.Seed);
        int n = rows.ReferenceRows, all = rows.Rows;
        float[] kernel = Kernel(rows, cancellation);
        double[] rowSums = new double[all];
        double total = 0;
        for (int i = 0; i < all; i++) total += rowSums[i] = TensorPrimitives.Sum<float>(kernel.AsSpan(i * all, all));
        int[] order = [.. Enumerable.Range(0, all)];
        double seen = Estimate(kernel, rowSums, total, order.AsSpan(0, n), all);
        int least = 0;
        for (int b = 0; b < options.Permutations; b++)
        {
            cancellation.ThrowIfCancellationRequested();
            Rng rng = Rng.Stream(options.Seed, 1 + (ulong)b);
            rng.Shuffle(order.AsSpan());
            if (PermutationTest.AtLeast(Estimate(kernel, rowSums, total, order.AsSpan(0, n), all), seen)) least++;
            progress?.Report((b + 1.0) / options.Permutations);
        }

        return new(seen, (1.0 + least) / (1 + options.Permutations), PValueMethod.Permutation);
    }

    /// <summary>From the sum over the block of the first sample; the diagonal of the kernel is left at 0.</summary>
    private static double Estimate(float[] kernel, double[] rowSums, double total, ReadOnlySpan<int> first, int all)
    {
        double inside = 0, rows = 0;
        foreach (int i in first)
        {
            rows += rowSums[i];
            ReadOnlySpan<float> row = kernel.AsSpan(i * all, all);
            float sum = 0;
            foreach (int j in first) sum += row[j];
            inside += sum;
        }

        double n = first.Length, m = all - first.Length, across = rows - inside, others = total - 2 * across - inside;
        return inside / (n * (n - 1)) + others / (m * (m - 1)) - 2 * across / (n * m);
    }

    private static float[] Kernel(PooledRows rows, CancellationToken cancellation)
    {
        int all = rows.Rows;
        float[] kernel = new float[checked(all * all)];
        List<float> distances = new(all * (all - 1) / 2);
        for (int i = 0; i < all; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            for (int j = 0; j < i; j++)
            {
                float distance = TensorPrimitives.Distance(rows.Row(i), rows.Row(j));
                kernel[i * all + j] = kernel[j * all + i] = distance * distance;
                distances.Add(distance);
            }
        }

        distances.Sort();
        float median = distances[distances.Count / 2];
        // All rows equal: any width gives the same kernel.
        float scale = median > 0 ? -1 / (2 * median * median) : -1;
        for (int i = 0; i < kernel.Length; i++) kernel[i] = i % (all + 1) == 0 ? 0 : MathF.Exp(kernel[i] * scale);
        return kernel;
    }
}

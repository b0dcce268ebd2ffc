namespace Ueq.Monitoring;

/// <summary>How a comparison of binned counts is made.</summary>
public sealed record BinnedOptions
{
    /// <summary>Counts added to every bin of both samples before shares are taken: 0 or more. Default: 0, the raw shares.</summary>
    /// <remarks>Without any, an empty bin makes PSI and Kullback–Leibler infinite. One a bin (Laplace) keeps PSI's critical value true.</remarks>
    public double PseudoCount { get; init; }

    /// <summary>How often PSI stays below its critical value when nothing changed. Default: 95 %.</summary>
    public Coverage Coverage { get; init; } = new(0.95);

    internal void Validate()
    {
        if (!(PseudoCount >= 0 && double.IsFinite(PseudoCount))) Throw.OutOfRange(nameof(PseudoCount), PseudoCount, "0 or more counts per bin");
    }
}

/// <summary>How far the counts of two samples in the same bins lie apart.</summary>
/// <remarks>
/// With the shares p of the reference and q of the current sample over K bins, logarithms natural: PSI Σ(p − q)·ln(p/q), which is symmetric;
/// Kullback–Leibler Σp·ln(p/q); Jensen–Shannon distance √(½KL(p‖½(p+q)) + ½KL(q‖½(p+q))); Hellinger √(½Σ(√p − √q)²); total variation ½Σ|p − q|.
/// Bins that are empty in both samples count for nothing, in K neither.
/// </remarks>
public readonly record struct BinnedComparison
{
    /// <summary>Population stability index; infinite where a bin is empty in one sample and there is no pseudo-count.</summary>
    public double Psi { get; private init; }

    /// <summary>What PSI stays below by chance: (1/n + 1/m)·χ² with K − 1 degrees of freedom; NaN where fewer than two bins are occupied.</summary>
    public double PsiCritical { get; private init; }

    /// <summary>Jensen–Shannon distance: 0 to √ln 2.</summary>
    public double JensenShannon { get; private init; }

    /// <summary>Hellinger distance: 0 to 1.</summary>
    public double Hellinger { get; private init; }

    /// <summary>Kullback–Leibler divergence of the reference from the current sample, in nats.</summary>
    public double KullbackLeibler { get; private init; }

    /// <summary>Total variation distance: 0 to 1.</summary>
    public double TotalVariation { get; private init; }

    /// <summary>Bins that are occupied in one sample or both.</summary>
    public int Bins { get; private init; }

    /// <summary>Compares counts bin by bin.</summary>
    /// <exception cref="ArgumentException">The numbers of bins differ, a count is negative, or a sample is empty; the message says where.</exception>
    public static BinnedComparison Of(ReadOnlySpan<long> reference, ReadOnlySpan<long> current, BinnedOptions? options = null)
    {
        options ??= new BinnedOptions();
        options.Validate();
        Throw.IfDifferent(nameof(current), current.Length, reference.Length, "bins, as in the reference");
        long n = Counts.Total(reference, nameof(reference)), m = Counts.Total(current, nameof(current));
        int bins = 0;
        for (int b = 0; b < reference.Length; b++)
            if (reference[b] + current[b] > 0) bins++;
        double extra = options.PseudoCount, allReference = n + extra * bins, allCurrent = m + extra * bins;
        double psi = 0, divergence = 0, shannon = 0, roots = 0, variation = 0;
        for (int b = 0; b < reference.Length; b++)
        {
            if (reference[b] + current[b] == 0) continue;
            double p = (reference[b] + extra) / allReference, q = (current[b] + extra) / allCurrent, middle = (p + q) / 2;
            psi += (p - q) * Math.Log(p / q);
            if (p > 0) divergence += p * Math.Log(p / q);
            shannon += (p > 0 ? p * Math.Log(p / middle) : 0) + (q > 0 ? q * Math.Log(q / middle) : 0);
            double root = Math.Sqrt(p) - Math.Sqrt(q);
            roots += root * root;
            variation += Math.Abs(p - q);
        }

        return new BinnedComparison
        {
            Psi = psi,
            PsiCritical = bins < 2 ? double.NaN : (1.0 / n + 1.0 / m) * ChiSquare.Critical(bins - 1, 1 - options.Coverage.Value),
            JensenShannon = Math.Sqrt(Math.Max(0, shannon / 2)),
            Hellinger = Math.Sqrt(roots / 2),
            KullbackLeibler = divergence,
            TotalVariation = variation / 2,
            Bins = bins,
        };
    }
}

/// <summary>Bins at the quantiles of a reference sample, and how values fall into them.</summary>
/// <remarks>
/// Edges interpolate linearly between order statistics (type 7, NumPy's default); bin b holds edge[b−1] &lt; x ≤ edge[b], the outer bins are
/// open. Equal edges collapse, so ties never split and there may be fewer bins than asked for. Where the reference has fewer distinct values than
/// bins, each of them is a bin; a reference of one value has three, for below, it and above.
/// </remarks>
public sealed class QuantileBins
{
    private readonly double[] _edges;

    /// <summary>Bins of about equal counts of the reference.</summary>
    /// <param name="reference">Values in ascending order.</param>
    /// <param name="bins">How many: 2 or more. Deciles are usual.</param>
    public QuantileBins(ReadOnlySpan<double> reference, int bins = 10)
    {
        SampleCheck.Ascending(reference, nameof(reference));
        if (bins < 2) Throw.OutOfRange(nameof(bins), bins, "two bins or more");
        List<double> edges = [];
        for (int i = 1; i < reference.Length && edges.Count < bins; i++)
            if (reference[i] != reference[i - 1]) edges.Add(reference[i - 1]);
        if (edges.Count >= bins)
        {
            edges.Clear();
            for (int b = 1; b < bins; b++)
            {
                double place = (double)b / bins * (reference.Length - 1);
                int below = (int)place;
                double low = reference[below], edge = below + 1 < reference.Length ? low + (place - below) * (reference[below + 1] - low) : low;
                if (edge < reference[^1] && (edges.Count == 0 || edge > edges[^1])) edges.Add(edge);
            }
        }

        _edges = edges.Count == 0 && reference[0] == reference[^1] ? [Math.BitDecrement(reference[0]), reference[0]] : [.. edges];
    }

    /// <summary>Number of bins.</summary>
    public int Count => _edges.Length + 1;

    /// <summary>Upper edges of all bins but the last, ascending.</summary>
    public IReadOnlyList<double> Edges => _edges;

    /// <summary>How many values fall into each bin.</summary>
    /// <param name="sample">Values in ascending order.</param>
    /// <param name="destination">One count a bin.</param>
    public void CountSorted(ReadOnlySpan<double> sample, Span<long> destination)
    {
        SampleCheck.Ascending(sample, nameof(sample));
        Throw.IfDifferent(nameof(destination), destination.Length, Count, "counts, one per bin");
        int from = 0;
        for (int b = 0; b < destination.Length; b++)
        {
            int to = b < _edges.Length ? After(sample, from, _edges[b]) : sample.Length;
            destination[b] = to - from;
            from = to;
        }
    }

    /// <summary>Place of the first value above an edge.</summary>
    private static int After(ReadOnlySpan<double> sorted, int from, double edge)
    {
        int low = from, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (sorted[middle] <= edge) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}

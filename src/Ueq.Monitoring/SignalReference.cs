using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ueq.Monitoring;

/// <summary>What a signal measures.</summary>
public enum SignalKind
{
    /// <summary>One feature as the model sees it, after encoding.</summary>
    Feature,

    /// <summary>The model's prediction: a number, or the index of the most probable class.</summary>
    Prediction,

    /// <summary>The width of the interval, or the number of labels in the set.</summary>
    Size,

    /// <summary>How far the truth lay from the middle of the interval, in half widths: known when labels arrive.</summary>
    Score,

    /// <summary>The coverage that labels show; of alarms only, no reference has it.</summary>
    Coverage,
}

/// <summary>Whether a reference can tell anything about change.</summary>
public enum SignalContent
{
    /// <summary>The reference holds several values.</summary>
    Informative,

    /// <summary>The reference holds one value up to rounding, such as the width of a method whose intervals are all equally wide.</summary>
    OneValue,

    /// <summary>The reference holds no finite value.</summary>
    NoValues,
}

/// <summary>How one signal was distributed when the model was calibrated: bins with exact counts, and moments.</summary>
/// <remarks>
/// Bin b holds the values x with edge[b−1] &lt; x ≤ edge[b]; the outer bins are open. Edges are order statistics at the K-quantiles
/// (K = 50), or every distinct value where there are no more than K. Equal edges collapse, so that ties never split.
/// A reference of one value v has the edges v ∓ 1e-9·|v|, and all its values in the middle bin.
/// </remarks>
public sealed class SignalReference
{
    /// <summary>The most bins a reference has.</summary>
    internal const int MostBins = 50;

    /// <summary>The fewest values that make a reference while the service runs.</summary>
    internal const int FewestRows = 100;

    private const double Rounding = 1e-9;
    private readonly double[] _edges;
    private readonly double[] _paddedEdges;
    private readonly long[] _counts;
    private readonly long[] _all;
    private readonly long[] _seasons;

    internal SignalReference(
        string name, SignalKind kind, SignalContent content, SampleSummary summary, int missing, int unbounded, double[] edges, long[] counts,
        long[]? seasons = null)
    {
        _all = [.. counts, missing, unbounded];
        _seasons = seasons ?? _all;
        Name = name;
        Kind = kind;
        Content = content;
        Summary = summary;
        Missing = missing;
        Unbounded = unbounded;
        _edges = edges;
        _paddedEdges = [.. edges, .. Enumerable.Repeat(double.PositiveInfinity, -edges.Length & 3)];
        _counts = counts;
    }

    /// <summary>Name of the column, with <c>=category</c> where a column became one feature per category; <c>prediction</c>; <c>size</c>.</summary>
    public string Name { get; }

    /// <summary>What the signal measures.</summary>
    public SignalKind Kind { get; }

    /// <summary>Whether the reference can tell anything about change.</summary>
    public SignalContent Content { get; }

    /// <summary>Count, mean, standard deviation, extremes and quartiles of the finite values.</summary>
    public SampleSummary Summary { get; }

    /// <summary>Number of missing values (NaN).</summary>
    public int Missing { get; }

    /// <summary>Number of infinite values: for sizes, the intervals that could not say.</summary>
    public int Unbounded { get; }

    /// <summary>Number of rows: finite, missing and unbounded.</summary>
    public int Rows => Summary.Count + Missing + Unbounded;

    /// <summary>Upper edges of all bins but the last, ascending.</summary>
    public IReadOnlyList<double> Edges => _edges;

    /// <summary>Exact number of finite values in each bin; one more than there are edges.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>Number of bins with those for missing and for infinite values, which come last.</summary>
    internal int Bins => _counts.Length + 2;

    /// <summary>Number of seasons that are told apart: 168 hours of the week, or one.</summary>
    public int Seasons => _seasons.Length / Bins;

    /// <summary>Exact number of values in each bin, missing and infinite ones included.</summary>
    internal ReadOnlySpan<long> AllCounts => _all;

    /// <summary>Exact number of values in each bin, missing and infinite ones included, in one season.</summary>
    internal ReadOnlySpan<long> SeasonCounts(int season) => _seasons.AsSpan(season * Bins, Bins);

    /// <summary>The bin of any value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int BinOrBeyond(double value) => double.IsFinite(value) ? BinOf(value) : double.IsNaN(value) ? _counts.Length : _counts.Length + 1;

    /// <summary>The bin of a finite value.</summary>
    internal int BinOf(double value)
    {
        // All edges are compared: a few vectors cost less than a search whose every step waits for the one before.
        ref double first = ref MemoryMarshal.GetArrayDataReference(_paddedEdges);
        Vector256<double> values = Vector256.Create(value);
        Vector256<long> below = default;
        for (nuint i = 0; i < (nuint)_paddedEdges.Length; i += 4)
            below -= Vector256.LessThan(Vector256.LoadUnsafe(ref first, i), values).AsInt64();
        return (int)Vector256.Sum(below);
    }

    /// <summary>The reference of the values of one signal, told apart by season.</summary>
    internal static SignalReference From(string name, SignalKind kind, ReadOnlySpan<double> values, ReadOnlySpan<int> seasons, int count)
    {
        SignalReference all = From(name, kind, values.ToArray());
        if (count == 1) return all;
        long[] perSeason = new long[count * all.Bins];
        for (int i = 0; i < values.Length; i++) perSeason[seasons[i] * all.Bins + all.BinOrBeyond(values[i])]++;
        return new(name, kind, all.Content, all.Summary, all.Missing, all.Unbounded, all._edges, all._counts, perSeason);
    }

    /// <summary>The reference of the values of one signal, which are reordered.</summary>
    internal static SignalReference From(string name, SignalKind kind, Span<double> values)
    {
        int missing = 0, unbounded = 0, finite = 0;
        foreach (double value in values)
        {
            if (double.IsNaN(value)) missing++;
            else if (double.IsInfinity(value)) unbounded++;
            else values[finite++] = value;
        }

        Span<double> ascending = values[..finite];
        ascending.Sort();
        SampleSummary summary = SampleSummary.From(ascending);
        SignalContent content = finite == 0 ? SignalContent.NoValues : IsOneValue(summary) ? SignalContent.OneValue : SignalContent.Informative;
        double[] edges = content switch
        {
            SignalContent.NoValues => [],
            SignalContent.OneValue => Around(summary),
            _ => EdgesOf(ascending),
        };
        long[] counts = new long[edges.Length + 1];
        SignalReference empty = new(name, kind, content, summary, missing, unbounded, edges, counts);
        foreach (double value in ascending) counts[empty.BinOf(value)]++;
        return new(name, kind, content, summary, missing, unbounded, edges, counts);
    }

    private static bool IsOneValue(SampleSummary summary) =>
        summary.Maximum - summary.Minimum <= Rounding * Math.Max(Math.Abs(summary.Minimum), Math.Abs(summary.Maximum));

    private static double[] Around(SampleSummary summary)
    {
        double slack = Math.Max(Rounding * Math.Abs(summary.Median), double.Epsilon);
        return [Math.Max(Math.BitDecrement(summary.Minimum - slack), double.MinValue), Math.Min(summary.Maximum + slack, double.MaxValue)];
    }

    private static double[] EdgesOf(ReadOnlySpan<double> ascending)
    {
        List<double> edges = [];
        for (int i = 1; i < ascending.Length && edges.Count < MostBins; i++)
            if (ascending[i] != ascending[i - 1]) edges.Add(ascending[i - 1]);
        if (edges.Count < MostBins) return [.. edges];

        edges.Clear();
        for (int b = 1; b < MostBins; b++)
        {
            double edge = ascending[(int)(((long)b * ascending.Length + MostBins - 1) / MostBins) - 1];
            if (edge != ascending[^1] && (edges.Count == 0 || edges[^1] != edge)) edges.Add(edge);
        }

        return [.. edges];
    }
}

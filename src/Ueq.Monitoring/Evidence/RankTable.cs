namespace Ueq.Monitoring;

/// <summary>How often each bin was seen so far, in a Fenwick tree: a rank among all earlier values costs O(log K).</summary>
internal sealed class RankTable
{
    private readonly long[] _tree;
    private readonly long[] _counts;
    private long _total;

    public RankTable(int bins)
    {
        _tree = new long[bins + 1];
        _counts = new long[bins];
    }

    public long Total => _total;

    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The smoothed conformal p-value of one more value, which is counted.</summary>
    /// <remarks>p = (#{greater} + u·#{equal, itself included}) / t. On exchangeable values the p are independent and uniform (Vovk et al. 2003).</remarks>
    public double Next(int bin, double u)
    {
        long upTo = 0;
        for (int i = bin + 1; i > 0; i &= i - 1) upTo += _tree[i];
        long greater = _total - upTo;
        long equal = ++_counts[bin];
        for (int i = bin + 1; i < _tree.Length; i += i & -i) _tree[i]++;
        return (greater + u * equal) / ++_total;
    }

    /// <summary>Replaces the counts.</summary>
    public void Reset(ReadOnlySpan<long> counts)
    {
        Array.Clear(_tree);
        _total = 0;
        counts.CopyTo(_counts);
        for (int bin = 0; bin < counts.Length; bin++)
        {
            _total += counts[bin];
            int node = bin + 1;
            _tree[node] += counts[bin];
            int parent = node + (node & -node);
            if (parent < _tree.Length) _tree[parent] += _tree[node];
        }
    }
}

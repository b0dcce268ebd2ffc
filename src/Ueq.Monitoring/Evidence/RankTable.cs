using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Ueq.Monitoring;

/// <summary>How often each bin was seen so far, and the rank of one more value among all earlier ones.</summary>
/// <remarks>
/// A few bins keep how many values lie above each, and a new value adds one to all below its own: sixteen vectors at most and no
/// branch, where a Fenwick tree (1994) takes two walks whose lengths no processor can predict. Many bins keep the tree: O(log K).
/// </remarks>
internal sealed class RankTable
{
    private const int FewBins = 64;
    private static readonly int Lanes = Vector256<long>.Count;
    private readonly long[] _counts;
    private readonly long[] _above = [];
    private readonly long[] _tree = [];
    private long _total;

    public RankTable(int bins)
    {
        _counts = new long[bins];
        if (bins <= FewBins) _above = new long[(bins + Lanes - 1) / Lanes * Lanes];
        else _tree = new long[bins + 1];
    }

    public long Total => _total;

    public ReadOnlySpan<long> Counts => _counts;

    /// <summary>The smoothed conformal p-value of one more value, which is counted.</summary>
    /// <remarks>p = (#{greater} + u·#{equal, itself included}) / t. On exchangeable values the p are independent and uniform (Vovk et al. 2003).</remarks>
    public double Next(int bin, double u)
    {
        long equal = ++_counts[bin];
        long greater = _above.Length > 0 ? NextOfFew(bin) : NextOfMany(bin);
        return (greater + u * equal) / ++_total;
    }

    /// <summary>Replaces the counts.</summary>
    public void Reset(ReadOnlySpan<long> counts)
    {
        counts.CopyTo(_counts);
        _total = 0;
        foreach (long count in counts) _total += count;
        if (_above.Length > 0) ResetFew();
        else ResetMany();
    }

    private void ResetFew()
    {
        long above = 0;
        for (int bin = _counts.Length - 1; bin >= 0; bin--)
        {
            _above[bin] = above;
            above += _counts[bin];
        }
    }

    private void ResetMany()
    {
        Array.Clear(_tree);
        for (int bin = 0; bin < _counts.Length; bin++)
        {
            int node = bin + 1;
            _tree[node] += _counts[bin];
            int parent = node + (node & -node);
            if (parent < _tree.Length) _tree[parent] += _tree[node];
        }
    }

    // The length of the array is a whole number of vectors; what lies beyond the last bin is never read.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long NextOfFew(int bin)
    {
        long greater = _above[bin];
        ref long first = ref MemoryMarshal.GetArrayDataReference(_above);
        Vector256<long> place = Vector256.Create(0L, 1, 2, 3), own = Vector256.Create((long)bin), step = Vector256.Create(4L);
        for (nuint i = 0; i < (nuint)_above.Length; i += 4)
        {
            // A comparison that holds is −1 in its lane.
            (Vector256.LoadUnsafe(ref first, i) - Vector256.LessThan(place, own)).StoreUnsafe(ref first, i);
            place += step;
        }

        return greater;
    }

    private long NextOfMany(int bin)
    {
        long upTo = 0;
        for (int i = bin + 1; i > 0; i &= i - 1) upTo += _tree[i];
        for (int i = bin + 1; i < _tree.Length; i += i & -i) _tree[i]++;
        return _total - upTo;
    }
}

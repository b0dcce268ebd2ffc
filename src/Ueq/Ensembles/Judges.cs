using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ueq.Numerics;

namespace Ueq.Ensembles;

/// <summary>The training rows of a bootstrap in the order of their out-of-bag residuals: what makes an interval of the members' answers.</summary>
/// <remarks>
/// <para>
/// The interval's ends are the k-th smallest of μ₋ᵢ + Rᵢ and the k-th largest of μ₋ᵢ − Rᵢ. Every μ₋ᵢ is a mean of q or more members, so it
/// lies between the mean of the q lowest and the mean of the q highest answers. Rows whose residual differs from the k-th smallest
/// residual by more than the distance w of those two means are on a known side of both ends, and only the others are looked at.
/// </para>
/// Immutable and thread-safe.
/// </remarks>
internal sealed class Judges
{
    // Values of a byte: sums of members are looked up eight members at a time.
    private const int ByteValues = 256;

    // Sums of members round; rows this close to the edge of the window are looked at too.
    private const double Slack = 1e-9;

    private readonly double[] _residuals;
    private readonly double[] _inverseCounts;
    private readonly byte[] _bits;
    private readonly int _stride;
    private readonly int _leastMembers;

    public Judges(Bags bags, double[] residuals)
    {
        int[] order = [.. Enumerable.Range(0, residuals.Length).Where(i => double.IsFinite(residuals[i]))];
        Array.Sort([.. order.Select(i => residuals[i])], order);
        _stride = bags.Stride;
        _residuals = new double[order.Length];
        _inverseCounts = new double[order.Length];
        _bits = new byte[(long)order.Length * _stride];
        _leastMembers = bags.Members;
        for (int i = 0; i < order.Length; i++)
        {
            int count = bags.OutOfBag(order[i]);
            _leastMembers = Math.Min(_leastMembers, count);
            _residuals[i] = residuals[order[i]];
            _inverseCounts[i] = 1.0 / count;
            bags.Row(order[i]).CopyTo(_bits.AsSpan(i * _stride));
        }
    }

    /// <summary>Number of rows with a finite residual.</summary>
    public int Count => _residuals.Length;

    /// <summary>Numbers of scratch that <see cref="Interval"/> needs.</summary>
    public int Scratch(int members) => members + _stride * ByteValues + 2 * Count;

    /// <summary>The interval of one row from its members' answers, for a rank among all training rows.</summary>
    public Interval Interval(ReadOnlySpan<double> answers, int rank, Span<double> scratch)
    {
        // A row that cannot judge counts as an infinite residual: a rank among those is past the end.
        if (rank > Count) return Ueq.Interval.Unbounded;
        Span<double> sorted = scratch[..answers.Length], sums = scratch.Slice(answers.Length, _stride * ByteValues);
        answers.CopyTo(sorted);
        sorted.Sort();
        double lowest = Mean(sorted[.._leastMembers]), highest = Mean(sorted[^_leastMembers..]);
        double reach = highest - lowest + Slack * (Math.Abs(lowest) + Math.Abs(highest)), middle = _residuals[rank - 1];
        int from = FirstAtLeast(middle - reach), to = FirstAtLeast(Math.BitIncrement(middle + reach));

        SubsetSums(answers, sums);
        Span<double> low = scratch.Slice(answers.Length + sums.Length, to - from), high = scratch.Slice(answers.Length + sums.Length + to - from, to - from);
        ref double table = ref MemoryMarshal.GetReference(sums);
        for (int i = from; i < to; i++)
        {
            double sum = 0;
            for (int b = 0; b < _stride; b++) sum += Unsafe.Add(ref table, b * ByteValues + _bits[i * _stride + b]);
            double mean = sum * _inverseCounts[i];
            low[i - from] = mean - _residuals[i];
            high[i - from] = mean + _residuals[i];
        }

        // All rows before the window count as below; the k-th largest of m values is the (m + 1 − k)-th smallest.
        int inside = rank - from;
        double lower = OrderStatistics.Select(low, low.Length + 1 - inside), upper = OrderStatistics.Select(high, inside);
        // The two ends come from different rows and can cross where residuals are small; the middle contains the empty set.
        return lower <= upper ? new Interval(lower, upper) : new Interval((lower + upper) / 2, (lower + upper) / 2);
    }

    // For each byte of membership and each of its 256 values: the sum over the members whose bit is NOT set. One lookup then
    // stands for eight members, so that a training row costs members/8 additions.
    private static void SubsetSums(ReadOnlySpan<double> answers, Span<double> sums)
    {
        for (int b = 0; b * ByteValues < sums.Length; b++)
        {
            Span<double> table = sums.Slice(b * ByteValues, ByteValues);
            ReadOnlySpan<double> eight = answers[(b * 8)..Math.Min(b * 8 + 8, answers.Length)];
            table[ByteValues - 1] = 0;
            for (int value = ByteValues - 2; value >= 0; value--)
            {
                int absent = System.Numerics.BitOperations.TrailingZeroCount(~value);
                table[value] = table[value | 1 << absent] + (absent < eight.Length ? eight[absent] : 0);
            }
        }
    }

    private static double Mean(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum / values.Length;
    }

    private int FirstAtLeast(double value)
    {
        int low = 0, high = _residuals.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_residuals[middle] >= value) high = middle;
            else low = middle + 1;
        }

        return low;
    }
}

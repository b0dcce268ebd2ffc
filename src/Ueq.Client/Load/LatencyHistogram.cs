using System.Numerics;

namespace Ueq.Client.Load;

/// <summary>Counts of times in buckets that grow with the time: any percentile to within 0.8 %, in memory that does not grow. Safe from any number of threads.</summary>
/// <remarks>
/// As an HDR histogram: 128 buckets per doubling, of nanoseconds. Times from 0 to 2⁴⁴ ns, five hours; longer ones count as that.
/// </remarks>
public sealed class LatencyHistogram
{
    private const int SubBits = 7;
    private const int Sub = 1 << SubBits;
    private const int MostBits = 44;

    private readonly long[] _counts = new long[(MostBits - SubBits + 1) * Sub];
    private long _count, _sum, _max;

    /// <summary>Number of times.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The longest time, exact; zero without times.</summary>
    public TimeSpan Max => Span(Interlocked.Read(ref _max));

    /// <summary>The mean, exact; zero without times.</summary>
    public TimeSpan Mean => Count is > 0 and var count ? Span(Interlocked.Read(ref _sum) / count) : TimeSpan.Zero;

    /// <summary>Adds a time; a negative one counts as zero.</summary>
    public void Add(TimeSpan time)
    {
        long nanoseconds = (long)Math.Clamp(time.TotalNanoseconds, 0, (1L << MostBits) - 1);
        Interlocked.Increment(ref _counts[Bucket(nanoseconds)]);
        Interlocked.Increment(ref _count);
        Interlocked.Add(ref _sum, nanoseconds);
        long max = Interlocked.Read(ref _max);
        while (nanoseconds > max)
        {
            long seen = Interlocked.CompareExchange(ref _max, nanoseconds, max);
            if (seen == max) break;
            max = seen;
        }
    }

    /// <summary>Adds all times of another histogram.</summary>
    public void Merge(LatencyHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        for (int i = 0; i < _counts.Length; i++) Interlocked.Add(ref _counts[i], Interlocked.Read(ref other._counts[i]));
        Interlocked.Add(ref _count, other.Count);
        Interlocked.Add(ref _sum, Interlocked.Read(ref other._sum));
        long max = Interlocked.Read(ref other._max);
        if (max > Interlocked.Read(ref _max)) Interlocked.Exchange(ref _max, max);
    }

    /// <summary>The time that a share of the times does not exceed: the upper end of its bucket, at most <see cref="Max"/>; zero without times.</summary>
    /// <param name="share">From 0 to 1, such as 0.99.</param>
    public TimeSpan Percentile(double share)
    {
        Expect.Range(nameof(share), share, 0, 1);
        long rank = Math.Max(1, (long)Math.Ceiling(share * Count)), seen = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            seen += Interlocked.Read(ref _counts[i]);
            if (seen >= rank) return Span(Math.Min(End(i), Interlocked.Read(ref _max)));
        }

        return Max;
    }

    /// <summary>Number of times in ranges that begin at these ends, the first at zero and the last without an end.</summary>
    /// <param name="ends">Where ranges end, rising.</param>
    /// <returns>One more than there are ends. A bucket counts where its upper end lies.</returns>
    public long[] Between(IReadOnlyList<TimeSpan> ends)
    {
        ArgumentNullException.ThrowIfNull(ends);
        long[] counts = new long[ends.Count + 1];
        long max = Interlocked.Read(ref _max);
        for (int i = 0; i < _counts.Length; i++)
        {
            if (Interlocked.Read(ref _counts[i]) is not (> 0 and var count)) continue;
            int range = 0;
            while (range < ends.Count && Span(Math.Min(End(i), max)) > ends[range]) range++;
            counts[range] += count;
        }

        return counts;
    }

    private static int Bucket(long value)
    {
        if (value < Sub) return (int)value;
        int shift = 63 - BitOperations.LeadingZeroCount((ulong)value) - SubBits;
        return (shift << SubBits) + (int)(value >> shift);
    }

    // The largest value of a bucket.
    private static long End(int bucket)
    {
        if (bucket < 2 * Sub) return bucket;
        int shift = (bucket >> SubBits) - 1;
        return (((long)(bucket & (Sub - 1)) + Sub + 1) << shift) - 1;
    }

    private static TimeSpan Span(long nanoseconds) => TimeSpan.FromTicks((nanoseconds + 50) / TimeSpan.NanosecondsPerTick);
}

namespace Ueq.Monitoring;

/// <summary>Counts by the hour of an event, of the last ninety days before the latest one.</summary>
internal sealed class HourCounts
{
    public const int Hours = 90 * 24;

    private readonly long[] _counts = new long[Hours];
    private long _latest = -1;

    public static long HourOf(DateTimeOffset at) => Math.Max(0, at.ToUnixTimeSeconds() / 3600);

    public void Add(long hour, long count)
    {
        Advance(hour);
        if (hour > _latest - Hours) _counts[hour % Hours] += count;
    }

    /// <summary>The sum from one hour to another, both included.</summary>
    public long Sum(long from, long to)
    {
        long sum = 0;
        for (long hour = Math.Max(from, Math.Max(_latest - Hours + 1, 0)); hour <= Math.Min(to, _latest); hour++) sum += _counts[hour % Hours];
        return sum;
    }

    /// <summary>The larger of two counts of the same events, hour by hour.</summary>
    public void Join(HourCounts other)
    {
        if (other._latest < 0) return;
        Advance(other._latest);
        for (long hour = Math.Max(Math.Max(_latest, other._latest) - Hours + 1, 0); hour <= other._latest; hour++)
            if (hour > other._latest - Hours) _counts[hour % Hours] = Math.Max(_counts[hour % Hours], other._counts[hour % Hours]);
    }

    public void Save(TallyWriter state)
    {
        state.Whole(_latest + 1);
        state.Counts(_counts);
    }

    public void Restore(ref TallyReader state, string place)
    {
        _latest = state.Count(place + ".latest", 1L << 40) - 1;
        state.Counts(_counts, place);
    }

    private void Advance(long hour)
    {
        if (hour <= _latest) return;
        if (_latest < 0 || hour - _latest >= Hours) Array.Clear(_counts);
        else for (long h = _latest + 1; h <= hour; h++) _counts[h % Hours] = 0;
        _latest = hour;
    }
}

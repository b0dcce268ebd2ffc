namespace Ueq.Monitoring;

/// <summary>Counts of times in bins that grow by a twelfth of an octave, from a millisecond to about thirty years; sketches add up exactly.</summary>
internal sealed class LagSketch
{
    private const int PerOctave = 12;
    private const int Bins = 40 * PerOctave;
    private const double Least = 1e-3;

    private readonly long[] _counts = new long[Bins];

    public long Count { get; private set; }

    public void Add(TimeSpan lag)
    {
        double octaves = Math.Log2(Math.Max(lag.TotalSeconds, Least) / Least);
        _counts[Math.Min((int)(octaves * PerOctave), Bins - 1)]++;
        Count++;
    }

    public void Merge(LagSketch other)
    {
        for (int b = 0; b < Bins; b++) _counts[b] += other._counts[b];
        Count += other.Count;
    }

    /// <summary>A time that about this share of times lies below, within 3 %; <c>null</c> without any.</summary>
    public TimeSpan? Quantile(double share)
    {
        if (Count == 0) return null;
        long rank = Math.Max((long)Math.Ceiling(share * Count), 1), below = 0;
        int bin = 0;
        while ((below += _counts[bin]) < rank) bin++;
        return TimeSpan.FromSeconds(Least * Math.Pow(2, (bin + 0.5) / PerOctave));
    }

    public void Save(TallyWriter state) => state.Counts(_counts);

    public void Restore(ref TallyReader state, string place)
    {
        state.Counts(_counts, place);
        Count = _counts.Sum();
    }
}

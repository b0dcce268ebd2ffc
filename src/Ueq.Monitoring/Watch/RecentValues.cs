namespace Ueq.Monitoring;

/// <summary>The bins and seasons of the latest values of one signal, with a count per bin.</summary>
internal sealed class RecentValues(int bins, int window)
{
    // A place holds season · 64 + bin.
    private const int SeasonStep = 64;
    private readonly ushort[] _ring = new ushort[window];
    private readonly double[] _values = new double[window];
    private readonly int[] _counts = new int[bins];
    private long _added;

    public int Count => (int)Math.Min(_added, _ring.Length);

    /// <summary>Counts per bin of all values held.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>The values themselves, the latest last.</summary>
    public double[] Values()
    {
        double[] values = new double[Count];
        for (int i = 0; i < values.Length; i++) values[i] = _values[(_added - values.Length + i) % _values.Length];
        return values;
    }

    public void Add(int season, int bin, double value)
    {
        int place = (int)(_added % _ring.Length);
        if (_added >= _ring.Length) _counts[_ring[place] % SeasonStep]--;
        _ring[place] = (ushort)(season * SeasonStep + bin);
        _values[place] = value;
        _counts[bin]++;
        _added++;
    }

    public void Clear()
    {
        _added = 0;
        Array.Clear(_counts);
    }

    /// <summary>Counts the latest values per bin, and per season.</summary>
    /// <returns>How many there are: <paramref name="most"/>, or all.</returns>
    public int Latest(int most, Span<int> perBin, Span<int> perSeason)
    {
        int count = Math.Min(most, Count);
        perBin.Clear();
        perSeason.Clear();
        for (long i = _added - count; i < _added; i++)
        {
            int value = _ring[i % _ring.Length];
            perBin[value % SeasonStep]++;
            perSeason[value / SeasonStep]++;
        }

        return count;
    }

    public void Write(BinaryWriter file)
    {
        file.Write(Count);
        for (long i = _added - Count; i < _added; i++)
        {
            file.Write(_ring[i % _ring.Length]);
            file.Write(_values[i % _ring.Length]);
        }
    }

    public void Read(StateReader file, int seasons)
    {
        Clear();
        int count = file.Int32("recent values", 0, _ring.Length);
        for (int i = 0; i < count; i++)
        {
            int value = file.UInt16();
            if (value % SeasonStep >= _counts.Length || value / SeasonStep >= seasons)
                throw file.Damaged($"recent value {i}", $"there is no season and bin {value}");
            Add(value / SeasonStep, value % SeasonStep, file.Number());
        }
    }
}

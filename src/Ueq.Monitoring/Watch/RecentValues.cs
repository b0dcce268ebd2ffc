using System.Numerics.Tensors;

namespace Ueq.Monitoring;

/// <summary>The bins and seasons of the latest values of one signal, with a count per bin.</summary>
internal sealed class RecentValues(int bins, int window)
{
    // A place holds season · 64 + bin.
    private const int SeasonStep = 64;
    private readonly ushort[] _ring = new ushort[window];
    private readonly double[] _values = new double[window];
    private readonly int[] _counts = new int[bins];
    private int _next;

    public int Count { get; private set; }

    /// <summary>Counts per bin of all values held.</summary>
    public ReadOnlySpan<int> Counts => _counts;

    /// <summary>The values themselves, the latest last.</summary>
    public double[] Values()
    {
        double[] values = new double[Count];
        for (int i = 0; i < values.Length; i++) values[i] = _values[Place(i)];
        return values;
    }

    public void Add(int season, int bin, double value)
    {
        int place = _next;
        if (Count == _ring.Length) _counts[_ring[place] % SeasonStep]--;
        else Count++;
        _ring[place] = (ushort)(season * SeasonStep + bin);
        _values[place] = value;
        _counts[bin]++;
        // A remainder would cost more than all the rest.
        _next = place + 1 == _ring.Length ? 0 : place + 1;
    }

    public void Clear()
    {
        _next = Count = 0;
        Array.Clear(_counts);
    }

    /// <summary>Counts the latest values per bin, and per season.</summary>
    /// <returns>How many there are: <paramref name="most"/>, or all.</returns>
    public int Latest(int most, Span<int> perBin, Span<int> perSeason)
    {
        int count = Math.Min(most, Count);
        if (count == Count && perSeason.Length == 1)
        {
            _counts.CopyTo(perBin);
            perSeason[0] = count;
            return count;
        }

        perBin.Clear();
        perSeason.Clear();
        for (int i = Count - count; i < Count; i++)
        {
            int value = _ring[Place(i)];
            perBin[value % SeasonStep]++;
            perSeason[value / SeasonStep]++;
        }

        return count;
    }

    /// <summary>How many of the latest values lie in each equal share of their own season's reference: alike where nothing changed.</summary>
    /// <remarks>A value of a bin counts by parts in all the shares that the bin spans. A season that the reference never saw counts evenly.</remarks>
    public void RanksWithinSeasons(SignalReference reference, int most, Span<double> ranks)
    {
        ranks.Clear();
        int count = Math.Min(most, Count);
        for (int i = Count - count; i < Count; i++)
        {
            int value = _ring[Place(i)];
            ReadOnlySpan<long> counts = reference.SeasonCounts(value / SeasonStep);
            long total = TensorPrimitives.Sum(counts), below = TensorPrimitives.Sum(counts[..(value % SeasonStep)]), inside = counts[value % SeasonStep];
            double from = total == 0 ? 0 : (double)below / total, to = total == 0 ? 1 : (double)(below + inside) / total;
            Spread(from * ranks.Length, to * ranks.Length, ranks);
        }
    }

    private static void Spread(double from, double to, Span<double> ranks)
    {
        if (to - from < 1e-9)
        {
            ranks[Math.Min((int)from, ranks.Length - 1)]++;
            return;
        }

        for (int r = (int)from; r < ranks.Length && r < to; r++) ranks[r] += (Math.Min(r + 1, to) - Math.Max(r, from)) / (to - from);
    }

    public void Write(BinaryWriter file)
    {
        file.Write(Count);
        for (int i = 0; i < Count; i++)
        {
            file.Write(_ring[Place(i)]);
            file.Write(_values[Place(i)]);
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

    // Of the i-th value held, the first being the oldest.
    private int Place(int i)
    {
        int place = _next - Count + i;
        return place < 0 ? place + _ring.Length : place;
    }
}

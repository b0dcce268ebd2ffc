namespace Ueq.Monitoring;

/// <summary>A detector that is given normal scores of ranks instead of values, so that its false alarms do not depend on how values are distributed.</summary>
/// <remarks>
/// Each value gets its rank among the reference and the values since, p = (#{greater} + u·#{equal, itself included})/t, and the detector
/// Φ⁻¹(1 − p). While nothing changes and values do not depend on each other, these scores are independent standard normals, exactly, for any
/// distribution and a reference of any size (Vovk et al. 2003): ranks grow, ties are broken by chance. Among values since
/// the reference only the gap of the reference counts, which keeps memory at its size. <see cref="NullCalibration.OfRanks"/> finds the limit. A small
/// reference costs no false alarms but delay, and what lasts becomes usual. A drift clears the detector and keeps the ranks; <see cref="Clear"/> both.
/// </remarks>
public sealed class RankedDetector : ILimitDetector
{
    // Normal scores end where the distance of doubles from one does.
    private const double Least = 1.0 / (1UL << 53);
    private readonly ILimitDetector _inner;
    private readonly double[] _values, _breakers;
    private readonly RankTable _ranks;
    private readonly long[] _start;
    private readonly ulong _seed;
    private Rng _rng;

    /// <summary>A detector of normal scores.</summary>
    /// <param name="inner">Takes standard normals, such as a chart whose reference has mean 0 and standard deviation 1.</param>
    /// <param name="reference">Values while nothing changes, in any order: finite, one or more.</param>
    /// <param name="seed">Names the draws that break ties.</param>
    /// <exception cref="ArgumentException">A value of the reference is not finite, or there is none; the message says where.</exception>
    public RankedDetector(ILimitDetector inner, ReadOnlySpan<double> reference, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(inner);
        SampleCheck.Finite(reference, nameof(reference));
        _inner = inner;
        _seed = seed;
        _values = reference.ToArray();
        RadixSort.Ascending(_values);
        _breakers = Breakers(_values, seed);
        // A value of the reference between two gaps; values since are counted in gaps alone.
        _start = new long[2 * _values.Length + 1];
        for (int place = 1; place < _start.Length; place += 2) _start[place] = 1;
        _ranks = new RankTable(_start.Length);
        Begin();
    }

    /// <inheritdoc/>
    public DetectorState State => _inner.State;

    /// <inheritdoc/>
    public long Count => _inner.Count;

    /// <inheritdoc/>
    public double Statistic => _inner.Statistic;

    /// <inheritdoc/>
    public double Limit => _inner.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Finite(value);
        double p = _ranks.Next(2 * Gap(value, _rng.NextUniform()), _rng.NextUniform());
        return _inner.Add(NormalQuantile.Upper(Math.Clamp(p, Least, 1 - Least)));
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _inner.Clear();
        Begin();
    }

    private void Begin()
    {
        _ranks.Reset(_start);
        _rng = Rng.Stream(_seed, 0);
    }

    /// <summary>How many values of the reference lie below: of equal ones those that lost the draw.</summary>
    private int Gap(double value, double breaker)
    {
        int low = 0, high = _values.Length;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_values[middle] < value || (_values[middle] == value && _breakers[middle] < breaker)) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    /// <summary>A draw per value, ascending among equal ones: each tie is broken once, so that ranks stay exchangeable.</summary>
    private static double[] Breakers(double[] ascending, ulong seed)
    {
        double[] breakers = new double[ascending.Length];
        Rng rng = Rng.Stream(seed, 1);
        foreach (ref double breaker in breakers.AsSpan()) breaker = rng.NextUniform();
        for (int first = 0, next; first < ascending.Length; first = next)
        {
            next = first + 1;
            while (next < ascending.Length && ascending[next] == ascending[first]) next++;
            breakers.AsSpan(first, next - first).Sort();
        }

        return breakers;
    }
}

using System.Runtime.CompilerServices;

namespace Ueq.Monitoring;

/// <summary>How <see cref="Adwin"/> cuts its window.</summary>
public sealed record AdwinOptions
{
    /// <summary>Bound of the test of one cut, δ: inside (0, 1). Default: 0.002.</summary>
    public double Delta { get; init; } = 0.002;

    /// <summary>Cuts are tried every so many values: 1 or more. Default: 32.</summary>
    public int Clock { get; init; } = 32;

    /// <summary>Buckets of one size before two are merged: 1 to 64. Default: 5.</summary>
    public int MostBuckets { get; init; } = 5;

    /// <summary>Fewest values on each side of a cut: 1 or more. Default: 5.</summary>
    public int ShortestWindow { get; init; } = 5;

    /// <summary>No cut is tried before there are more values than this: 0 or more. Default: 10.</summary>
    public int GracePeriod { get; init; } = 10;

    internal void Validate()
    {
        DetectorCheck.Probability(nameof(Delta), Delta);
        if (Clock < 1) Throw.OutOfRange(nameof(Clock), Clock, "1 value or more");
        if (MostBuckets is < 1 or > 64) Throw.OutOfRange(nameof(MostBuckets), MostBuckets, "1 to 64 buckets");
        if (ShortestWindow < 1) Throw.OutOfRange(nameof(ShortestWindow), ShortestWindow, "1 value or more");
        if (GracePeriod < 0) Throw.OutOfRange(nameof(GracePeriod), GracePeriod, "0 values or more");
    }
}

/// <summary>ADWIN (Bifet and Gavaldà 2007): a window that grows while its mean stays and is cut where two parts of it differ.</summary>
/// <remarks>
/// The window is kept as sums over buckets of 1, 2, 4 … values, at most <see cref="AdwinOptions.MostBuckets"/> of each size, so memory grows with
/// its logarithm. Every operation is in the order of river 0.22 and later, to the last bit. Its bound assumes values in [0, 1].
/// </remarks>
public sealed class Adwin : IDriftDetector
{
    // 2⁴⁰ values do not come.
    private const int MostRows = 41;
    private readonly double _delta;
    private readonly int _clock, _mostBuckets, _shortest, _grace, _stride;

    // Row r holds buckets of 2^r values, oldest first.
    private readonly double[] _totals, _variances;
    private readonly int[] _counts = new int[MostRows];
    private int _rows = 1, _tick;
    private double _width, _total, _variance;

    /// <summary>A detector that has seen nothing.</summary>
    public Adwin(AdwinOptions? options = null)
    {
        options ??= new AdwinOptions();
        options.Validate();
        (_delta, _clock, _mostBuckets, _shortest, _grace) = (options.Delta, options.Clock, options.MostBuckets, options.ShortestWindow, options.GracePeriod);
        _stride = _mostBuckets + 1;
        _totals = new double[MostRows * _stride];
        _variances = new double[MostRows * _stride];
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <summary>Values in the window.</summary>
    public long Count => (long)_width;

    /// <summary>Mean of the window; 0 when it is empty.</summary>
    public double Mean => _width == 0 ? 0 : _total / _width;

    /// <summary>Sum of the window.</summary>
    public double Total => _total;

    /// <summary>Sum of squared deviations from the mean of the window.</summary>
    public double SquaredDeviations => _variance;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Finite(value);
        if (State == DetectorState.Drift) Clear();
        Insert(value);
        bool changed = ++_tick == _clock && Detect();
        if (_tick == _clock) _tick = 0;
        return State = changed ? DetectorState.Drift : _width > _grace ? DetectorState.Stable : DetectorState.Learning;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        Array.Clear(_counts);
        (_rows, _tick, _width, _total, _variance) = (1, 0, 0, 0, 0);
        State = DetectorState.Learning;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Insert(double value)
    {
        int count = _counts[0];
        _totals[count] = value;
        _variances[count] = 0;
        _counts[0] = ++count;
        double before = _width;
        _width = before + 1;
        if (before > 0)
        {
            double deviation = value - _total / before;
            _variance += before * deviation * deviation / _width;
        }

        _total += value;
        if (count > _mostBuckets) Compress();
    }

    private void Compress()
    {
        double size = 1;
        for (int row = 0; _counts[row] > _mostBuckets; row++, size *= 2)
        {
            int at = row * _stride, next = at + _stride;
            double u1 = _totals[at], u2 = _totals[at + 1], mu1 = u1 / size, mu2 = u2 / size;
            double between = size * 0.5 * (mu1 - mu2) * (mu1 - mu2);
            int place = next + _counts[row + 1]++;
            _totals[place] = u1 + u2;
            _variances[place] = _variances[at] + _variances[at + 1] + between;
            int kept = _counts[row] -= 2;
            _totals.AsSpan(at + 2, kept).CopyTo(_totals.AsSpan(at));
            _variances.AsSpan(at + 2, kept).CopyTo(_variances.AsSpan(at));
            if (row + 1 == _rows) _rows++;
        }
    }

    private bool Detect()
    {
        if (!(_width > _grace)) return false;
        bool changed = false;
        while (CutsAnywhere())
        {
            changed = true;
            Drop();
        }

        return changed;
    }

    /// <summary>Whether some cut, oldest first, tells two different means.</summary>
    private bool CutsAnywhere()
    {
        double n0 = 0, n1 = _width, u0 = 0, u1 = _total;
        double deltaPrime = Math.Log(2 * Math.Log(_width) / _delta), variance = _variance / _width, shortest = _shortest;
        for (int row = _rows - 1; row >= 0; row--)
        {
            double size = 1L << row;
            int at = row * _stride, count = _counts[row];
            for (int k = 0; k < count; k++)
            {
                double total = _totals[at + k];
                n0 += size;
                n1 -= size;
                u0 += total;
                u1 -= total;
                if (row == 0 && k == count - 1) return false;
                if (n1 < shortest || n0 < shortest) continue;
                double reciprocals = 1 / (n0 - shortest + 1) + 1 / (n1 - shortest + 1);
                double epsilon = Math.Sqrt(2 * reciprocals * variance * deltaPrime) + 2.0 / 3.0 * deltaPrime * reciprocals;
                if (Math.Abs(u0 / n0 - u1 / n1) > epsilon) return true;
            }
        }

        return false;
    }

    /// <summary>Forgets the oldest bucket.</summary>
    private void Drop()
    {
        int row = _rows - 1, at = row * _stride;
        double n = 1L << row, u = _totals[at], mu = u / n;
        _width -= n;
        _total -= u;
        double mean = _total / _width;
        _variance -= _variances[at] + n * _width * (mu - mean) * (mu - mean) / (n + _width);
        int kept = --_counts[row];
        _totals.AsSpan(at + 1, kept).CopyTo(_totals.AsSpan(at));
        _variances.AsSpan(at + 1, kept).CopyTo(_variances.AsSpan(at));
        if (kept == 0) _rows--;
    }
}

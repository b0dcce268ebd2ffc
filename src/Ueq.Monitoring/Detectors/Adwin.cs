using System.Numerics;
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
    private readonly int _clock, _mostBuckets, _grace, _mask, _stride;
    private readonly double _shortest;

    // Row r is a ring of buckets of 2^r values, oldest first: sum, then squared deviations.
    private readonly double[] _buckets;
    private readonly int[] _starts = new int[MostRows], _counts = new int[MostRows];
    private int _rows = 1, _tick;
    private double _width, _total, _variance;

    /// <summary>A detector that has seen nothing.</summary>
    public Adwin(AdwinOptions? options = null)
    {
        options ??= new AdwinOptions();
        options.Validate();
        (_delta, _clock, _mostBuckets, _shortest, _grace) = (options.Delta, options.Clock, options.MostBuckets, options.ShortestWindow, options.GracePeriod);
        _stride = (int)BitOperations.RoundUpToPowerOf2((uint)_mostBuckets + 1);
        _mask = _stride - 1;
        _buckets = new double[2 * MostRows * _stride];
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
        double before = _width;
        _width = before + 1;
        if (before > 0)
        {
            double deviation = value - _total / before;
            _variance += before * deviation * deviation / _width;
        }

        _total += value;
        Append(0, value, 0);
        if (_counts[0] > _mostBuckets) Merge();
        if (++_tick == _clock)
        {
            _tick = 0;
            if (Detect()) return State = DetectorState.Drift;
        }

        return State = _width > _grace ? DetectorState.Stable : DetectorState.Learning;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        Array.Clear(_counts);
        (_rows, _tick, _width, _total, _variance) = (1, 0, 0, 0, 0);
        State = DetectorState.Learning;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref double Bucket(int row, int k) => ref _buckets[2 * (row * _stride + ((_starts[row] + k) & _mask))];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Append(int row, double total, double variance)
    {
        ref double bucket = ref Bucket(row, _counts[row]++);
        bucket = total;
        Unsafe.Add(ref bucket, 1) = variance;
    }

    /// <summary>Makes one bucket of the oldest two wherever there are too many of a size.</summary>
    private void Merge()
    {
        // Division by a power of two is exact either way.
        double size = 1, share = 1;
        for (int row = 0; _counts[row] > _mostBuckets; row++, size *= 2, share *= 0.5)
        {
            ref double first = ref Bucket(row, 0);
            ref double second = ref Bucket(row, 1);
            double between = first * share - second * share;
            Append(row + 1, first + second, Unsafe.Add(ref first, 1) + Unsafe.Add(ref second, 1) + size * 0.5 * between * between);
            _starts[row] = (_starts[row] + 2) & _mask;
            _counts[row] -= 2;
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
        // More than the rounding of either way to compare the means.
        const double Slack = 1e-15;
        double n0 = 0, n1 = _width, u0 = 0, u1 = _total, shortest = _shortest;
        double deltaPrime = Math.Log(2 * Math.Log(_width) / _delta), variance = _variance / _width, twice = 2 * variance * deltaPrime * (1 - 1e-9);
        for (int row = _rows - 1; row >= 0; row--)
        {
            double size = 1L << row;
            // After the newest value there is nothing to compare with.
            int count = row == 0 ? _counts[0] - 1 : _counts[row];
            for (int k = 0; k < count; k++)
            {
                double total = Bucket(row, k);
                n0 += size;
                n1 -= size;
                u0 += total;
                u1 -= total;
                if (n1 < shortest || n0 < shortest) continue;
                // Without a division or a root: far from a cut, as nearly always, the first summand of epsilon alone says so.
                double a = n0 - shortest + 1, b = n1 - shortest + 1, left = u0 * n1, right = u1 * n0, product = n0 * n1;
                double apart = Math.Abs(left - right) + Slack * (Math.Abs(left) + Math.Abs(right));
                if (apart * apart * (a * b) < twice * (a + b) * (product * product)) continue;
                double reciprocals = 1 / a + 1 / b;
                double epsilon = Math.Sqrt(2 * reciprocals * variance * deltaPrime) + 2.0 / 3.0 * deltaPrime * reciprocals;
                if (Math.Abs(u0 / n0 - u1 / n1) > epsilon) return true;
            }
        }

        return false;
    }

    /// <summary>Forgets the oldest bucket.</summary>
    private void Drop()
    {
        int row = _rows - 1;
        ref double oldest = ref Bucket(row, 0);
        double n = 1L << row, u = oldest, mu = u / n;
        _width -= n;
        _total -= u;
        double mean = _total / _width;
        _variance -= Unsafe.Add(ref oldest, 1) + n * _width * (mu - mean) * (mu - mean) / (n + _width);
        _starts[row] = (_starts[row] + 1) & _mask;
        _counts[row]--;
        // With one bucket a size, the rows before may be empty too.
        while (_rows > 1 && _counts[_rows - 1] == 0) _rows--;
    }
}

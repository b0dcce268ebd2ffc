namespace Ueq.Plots;

/// <summary>A stream of any length as a limited number of points: memory does not grow with the rows.</summary>
/// <remarks>
/// Starts with one row per point; whenever all places are taken, neighbours are merged two by two and a point stands for twice as many
/// rows. Every point but the last stands for the same number of rows. Single-writer; <see cref="Add"/> allocates nothing.
/// </remarks>
public sealed class Trace
{
    private readonly Moments[] _points;
    private readonly int _rowsPerValue;
    private int _closed;
    private long _width = 1;

    /// <summary>A trace that has seen nothing.</summary>
    /// <param name="points">The most points it may become: an even number from 2 to 100,000.</param>
    /// <param name="rowsPerValue">How many rows each value stands for: 1 or more.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range, or the number of points is odd.</exception>
    public Trace(int points = 400, int rowsPerValue = 1)
    {
        if (rowsPerValue < 1) Throw.OutOfRange(nameof(rowsPerValue), rowsPerValue, "one row or more per value");
        _rowsPerValue = rowsPerValue;
        if (points is < 2 or > 100_000 || points % 2 != 0) Throw.OutOfRange(nameof(points), points, "an even number of points from 2 to 100,000");
        _points = new Moments[points];
    }

    /// <summary>Rows seen so far.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes the value of the next row or rows; one that is not finite counts as rows only.</summary>
    public void Add(double value)
    {
        if (_closed == _points.Length) Halve();
        _points[_closed].Add(value);
        Rows += _rowsPerValue;
        if (_points[_closed].Values == _width) _closed++;
    }

    /// <summary>The points so far, in order.</summary>
    public IReadOnlyList<TracePoint> Read()
    {
        bool open = _closed < _points.Length && _points[_closed].Values > 0;
        TracePoint[] points = new TracePoint[_closed + (open ? 1 : 0)];
        for (int i = 0; i < points.Length; i++) points[i] = _points[i].Point(1 + i * _width * _rowsPerValue, _rowsPerValue);
        return points;
    }

    private void Halve()
    {
        int half = _points.Length / 2;
        for (int i = 0; i < half; i++) _points[i] = Moments.Of(_points[2 * i], _points[2 * i + 1]);
        Array.Clear(_points, half, half);
        _closed = half;
        _width *= 2;
    }

    /// <summary>Count, mean, sum of squared deviations (Welford 1962; merged as in Chan, Golub and LeVeque 1979) and extremes.</summary>
    private struct Moments
    {
        private long _count;
        private double _mean, _squares, _minimum, _maximum;

        public long Values { get; private set; }

        public void Add(double value)
        {
            Values++;
            if (!double.IsFinite(value)) return;
            _minimum = _count == 0 ? value : Math.Min(_minimum, value);
            _maximum = _count == 0 ? value : Math.Max(_maximum, value);
            double distance = value - _mean;
            _mean += distance / ++_count;
            _squares += distance * (value - _mean);
        }

        public static Moments Of(in Moments a, in Moments b)
        {
            Moments both = a._count == 0 ? b : a;
            both.Values = a.Values + b.Values;
            if (a._count == 0 || b._count == 0) return both;
            double distance = b._mean - a._mean, count = a._count + b._count;
            both._count = a._count + b._count;
            both._mean = a._mean + distance * (b._count / count);
            both._squares = a._squares + b._squares + distance * distance * (a._count * (b._count / count));
            both._minimum = Math.Min(a._minimum, b._minimum);
            both._maximum = Math.Max(a._maximum, b._maximum);
            return both;
        }

        public readonly TracePoint Point(long firstRow, int rowsPerValue) => _count == 0
            ? new(firstRow, Values * rowsPerValue, 0, double.NaN, double.NaN, double.NaN, double.NaN)
            : new(firstRow, Values * rowsPerValue, _count, _mean, Math.Sqrt(_squares / _count), _minimum, _maximum);
    }
}

namespace Ueq.Monitoring;

/// <summary>The rows of one open window of one signal: counts per reference bin and moments.</summary>
internal sealed class SignalWindow(SignalReference reference)
{
    private readonly int[] _counts = new int[reference.Counts.Count];
    // Moments are kept about the reference mean, or a large mean would cancel the variance away.
    private readonly double _centre = double.IsFinite(reference.Summary.Mean) ? reference.Summary.Mean : 0;
    private double _sum, _squares;

    public ReadOnlySpan<int> Counts => _counts;

    public int Finite { get; private set; }

    public int Missing { get; private set; }

    public int Unbounded { get; private set; }

    public double Mean => Finite == 0 ? double.NaN : _centre + _sum / Finite;

    public double StandardDeviation =>
        Finite == 0 ? double.NaN : Math.Sqrt(Math.Max(0, _squares / Finite - _sum / Finite * (_sum / Finite)));

    public void Add(double value)
    {
        if (double.IsFinite(value))
        {
            Finite++;
            _counts[reference.BinOf(value)]++;
            double distance = value - _centre;
            _sum += distance;
            _squares += distance * distance;
        }
        else if (double.IsNaN(value)) Missing++;
        else Unbounded++;
    }

    public void CopyFrom(SignalWindow other)
    {
        other._counts.CopyTo(_counts, 0);
        (Finite, Missing, Unbounded) = (other.Finite, other.Missing, other.Unbounded);
        (_sum, _squares) = (other._sum, other._squares);
    }

    public void Clear()
    {
        Array.Clear(_counts);
        Finite = Missing = Unbounded = 0;
        _sum = _squares = 0;
    }
}

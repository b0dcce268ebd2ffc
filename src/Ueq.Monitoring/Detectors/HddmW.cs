namespace Ueq.Monitoring;

/// <summary>HDDM with weighted averages (Frías-Blanco et al. 2014): two fading means of a stream of shares, compared by McDiarmid's bound.</summary>
/// <remarks>
/// Takes values in [0, 1], usually 1 for an error and 0 for none. As river, including that a fading mean of exactly 0 counts as not begun.
/// </remarks>
public sealed class HddmW : IDriftDetector
{
    private readonly HddmOptions _options;
    private readonly double _drift, _warning;
    private Fading _all, _lowFirst, _lowSecond, _highFirst, _highSecond;
    private double _lowCut, _highCut;

    /// <summary>A detector that has seen nothing.</summary>
    public HddmW(HddmOptions? options = null)
    {
        _options = options ?? new HddmOptions();
        _options.Validate();
        _drift = Math.Log(1 / _options.DriftBound);
        _warning = Math.Log(1 / _options.WarningBound);
        Clear();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Share(value, "a value from 0 to 1, such as 1 for an error");
        if (State == DetectorState.Drift) Clear();
        Count++;
        double weight = _options.Weight;
        _all.Add(value, weight);
        double bound = Bound(_all.Independence, _drift);
        if (_all.Mean + bound < _lowCut)
        {
            _lowCut = _all.Mean + bound;
            _lowFirst = _all;
            _lowSecond = Fading.New;
        }
        else _lowSecond.Add(value, weight);

        State = Apart(_lowFirst, _lowSecond, _drift) ? DetectorState.Drift : Apart(_lowFirst, _lowSecond, _warning) ? DetectorState.Warning : DetectorState.Stable;
        if (_all.Mean - bound > _highCut)
        {
            _highCut = _all.Mean - bound;
            _highFirst = _all;
            _highSecond = Fading.New;
        }
        else _highSecond.Add(value, weight);

        if (_options.Direction != DriftDirection.Both || State == DetectorState.Drift) return State;
        if (Apart(_highSecond, _highFirst, _drift)) State = DetectorState.Drift;
        else if (Apart(_highSecond, _highFirst, _warning)) State = DetectorState.Warning;
        return State;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _all = _lowFirst = _lowSecond = _highFirst = _highSecond = Fading.New;
        (_lowCut, _highCut, Count) = (double.PositiveInfinity, double.NegativeInfinity, 0);
        State = DetectorState.Learning;
    }

    private static double Bound(double independence, double logarithm) => Math.Sqrt(independence * logarithm / 2);

    private static bool Apart(in Fading smaller, in Fading larger, double logarithm) =>
        smaller.Begun && larger.Begun && larger.Mean - smaller.Mean > Bound(smaller.Independence + larger.Independence, logarithm);

    private struct Fading
    {
        public double Mean, Independence;
        public bool Begun;

        public static Fading New => new() { Independence = 1 };

        public void Add(double value, double weight)
        {
            Mean = Mean == 0 ? value : weight * value + (1.0 - weight) * Mean;
            Independence = weight * weight + (1 - weight) * (1 - weight) * Independence;
            Begun = true;
        }
    }
}

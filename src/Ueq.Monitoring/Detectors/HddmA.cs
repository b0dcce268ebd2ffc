namespace Ueq.Monitoring;

/// <summary>HDDM with averages (Frías-Blanco et al. 2014): two means of a stream of shares, compared by Hoeffding's bound.</summary>
/// <remarks>
/// Takes values in [0, 1], usually 1 for an error and 0 for none. The part up to the cut that bounds the mean lowest is compared with all
/// values. As river, including its test of falls, which does not take back a warning.
/// </remarks>
public sealed class HddmA : IDriftDetector
{
    private readonly HddmOptions _options;
    private readonly double _bound, _drift, _warning;
    private Part _low, _high, _all;

    /// <summary>A detector that has seen nothing.</summary>
    public HddmA(HddmOptions? options = null)
    {
        _options = options ?? new HddmOptions();
        _options.Validate();
        _bound = Math.Log(1 / _options.DriftBound);
        _drift = Math.Log(2 / _options.DriftBound);
        _warning = Math.Log(2 / _options.WarningBound);
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count => (long)_all.Count;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Share(value, "a value from 0 to 1, such as 1 for an error");
        if (State == DetectorState.Drift) Clear();
        _all.Count++;
        _all.Mean += 1.0 / _all.Count * (value - _all.Mean);
        if (_low.Count == 0) _low = _all;
        if (_high.Count == 0) _high = _all;
        double here = Bound(_all.Count);
        if (_low.Mean + Bound(_low.Count) >= _all.Mean + here) _low = _all;
        if (_high.Mean - Bound(_high.Count) <= _all.Mean - here) _high = _all;
        State = Apart(_low, _all.Mean - _low.Mean, _drift) ? DetectorState.Drift
            : Apart(_low, _all.Mean - _low.Mean, _warning) ? DetectorState.Warning : DetectorState.Stable;
        if (_options.Direction == DriftDirection.Both && State != DetectorState.Drift)
        {
            if (Apart(_high, _high.Mean - _all.Mean, _drift)) State = DetectorState.Drift;
            else if (Apart(_high, _high.Mean - _all.Mean, _warning)) State = DetectorState.Warning;
        }

        return State;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _low = _high = _all = default;
        State = DetectorState.Learning;
    }

    private double Bound(double count) => Math.Sqrt(1.0 / (2 * count) * _bound);

    private bool Apart(Part cut, double difference, double logarithm)
    {
        if (cut.Count == _all.Count) return false;
        double m = (_all.Count - cut.Count) / cut.Count * (1.0 / _all.Count);
        return difference >= Math.Sqrt(m / 2 * logarithm);
    }

    private struct Part
    {
        public double Count, Mean;
    }
}

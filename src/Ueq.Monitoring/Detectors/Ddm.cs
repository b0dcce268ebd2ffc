namespace Ueq.Monitoring;

/// <summary>How <see cref="Ddm"/> judges.</summary>
public sealed record DdmOptions
{
    /// <summary>Values before anything is said: 1 or more. Default: 30.</summary>
    public int Warmup { get; init; } = 30;

    /// <summary>Standard deviations above the best error rate from which a warning is given: positive. Default: 2.</summary>
    public double WarningLimit { get; init; } = 2;

    /// <summary>Standard deviations above the best error rate from which drift is said: at least the warning's. Default: 3.</summary>
    public double Limit { get; init; } = 3;

    internal void Validate()
    {
        if (Warmup < 1) Throw.OutOfRange(nameof(Warmup), Warmup, "1 value or more");
        DetectorCheck.Positive(nameof(WarningLimit), WarningLimit, "a positive number of standard deviations");
        if (!(Limit >= WarningLimit)) Throw.OutOfRange(nameof(Limit), Limit, $"at least the warning's {WarningLimit} standard deviations");
    }
}

/// <summary>DDM (Gama et al. 2004): the error rate of a classifier against the best it has had.</summary>
/// <remarks>
/// Takes 1 for an error and 0 for none. With p the rate of n values and s = √(p(1 − p)/n): drift when p + s is more than three of the smallest
/// s above the smallest p. As river; where the smallest s is 0 any error is infinitely far.
/// </remarks>
public sealed class Ddm : ILimitDetector
{
    private readonly DdmOptions _options;
    private double _rate, _leastRate, _leastDeviation, _least;

    /// <summary>A detector that has seen nothing.</summary>
    public Ddm(DdmOptions? options = null)
    {
        _options = options ?? new DdmOptions();
        _options.Validate();
        Clear();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <summary>The error rate so far.</summary>
    public double Rate => _rate;

    /// <summary>How many of the smallest standard deviations the rate plus its own lies above the best rate.</summary>
    public double Statistic { get; private set; }

    /// <inheritdoc/>
    public double Limit => _options.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Share(value, "1 for an error or 0 for none");
        if (State == DetectorState.Drift) Clear();
        Count++;
        _rate += 1.0 / Count * (value - _rate);
        double deviation = Math.Sqrt(Math.Max(0, _rate * (1 - _rate) / Count)), sum = _rate + deviation;
        if (Count <= _options.Warmup) return State = DetectorState.Learning;
        if (sum <= _least) (_leastRate, _leastDeviation, _least) = (_rate, deviation, _rate + deviation);
        double above = sum - _leastRate;
        Statistic = _leastDeviation > 0 ? above / _leastDeviation : above > 0 ? double.PositiveInfinity : 0;
        // The comparisons are river's own, since a quotient would round otherwise.
        return State = sum > _leastRate + _options.Limit * _leastDeviation ? DetectorState.Drift
            : sum > _leastRate + _options.WarningLimit * _leastDeviation ? DetectorState.Warning : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        (Count, _rate, Statistic) = (0, 0, 0);
        (_leastRate, _leastDeviation, _least) = (double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        State = DetectorState.Learning;
    }
}

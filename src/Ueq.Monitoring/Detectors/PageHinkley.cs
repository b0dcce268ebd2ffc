namespace Ueq.Monitoring;

/// <summary>How <see cref="PageHinkley"/> judges.</summary>
public sealed record PageHinkleyOptions
{
    /// <summary>Values before anything is said: 1 or more. Default: 30.</summary>
    public int Warmup { get; init; } = 30;

    /// <summary>Change of the mean that is let pass, in the unit of the values: 0 or more. Default: 0.005.</summary>
    public double Delta { get; init; } = 0.005;

    /// <summary>Drift is said above this sum, in the unit of the values: positive. Default: 50.</summary>
    public double Limit { get; init; } = 50;

    /// <summary>What remains of the sums from value to value: inside (0, 1]. Default: 0.9999.</summary>
    public double Fading { get; init; } = 1 - 0.0001;

    /// <summary>Which way a change must go. Default: both.</summary>
    public DriftDirection Direction { get; init; }

    internal void Validate()
    {
        if (Warmup < 1) Throw.OutOfRange(nameof(Warmup), Warmup, "1 value or more");
        if (!(Delta >= 0 && double.IsFinite(Delta))) Throw.OutOfRange(nameof(Delta), Delta, "0 or more");
        DetectorCheck.Positive(nameof(Limit), Limit, "a positive sum");
        if (!(Fading is > 0 and <= 1)) Throw.OutOfRange(nameof(Fading), Fading, "a number above 0 and at most 1");
    }
}

/// <summary>The test of Page (1954) and Hinkley on the running mean, with fading sums, as river has it.</summary>
/// <remarks>
/// With x̄ the mean so far: I = f·I + (x − x̄) − δ and D = f·D + (x − x̄) + δ; the figure is I − min I upwards, max D − D downwards, the larger of both.
/// Its limit is in the unit of the values; <see cref="StandardisedDetector"/> makes it one of standard deviations.
/// </remarks>
public sealed class PageHinkley : ILimitDetector
{
    private readonly PageHinkleyOptions _options;
    private double _mean, _increase, _decrease, _least = double.PositiveInfinity, _most = -1;

    /// <summary>A detector that has seen nothing.</summary>
    public PageHinkley(PageHinkleyOptions? options = null)
    {
        _options = options ?? new PageHinkleyOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <inheritdoc/>
    public double Statistic { get; private set; }

    /// <inheritdoc/>
    public double Limit => _options.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Finite(value);
        if (State == DetectorState.Drift) Clear();
        Count++;
        _mean += 1.0 / Count * (value - _mean);
        double deviation = value - _mean;
        _increase = _options.Fading * _increase + deviation - _options.Delta;
        _decrease = _options.Fading * _decrease + deviation + _options.Delta;
        _least = Math.Min(_least, _increase);
        _most = Math.Max(_most, _decrease);
        double up = _increase - _least, down = _most - _decrease;
        if (Count < _options.Warmup) return State = DetectorState.Learning;
        Statistic = _options.Direction switch { DriftDirection.Up => up, DriftDirection.Down => down, _ => Math.Max(up, down) };
        return State = Statistic > _options.Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        (Count, _mean, _increase, _decrease, _least, _most, Statistic) = (0, 0, 0, 0, double.PositiveInfinity, -1, 0);
        State = DetectorState.Learning;
    }
}

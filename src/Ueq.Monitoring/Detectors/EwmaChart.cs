namespace Ueq.Monitoring;

/// <summary>How <see cref="EwmaChart"/> judges.</summary>
public sealed record EwmaOptions
{
    /// <summary>Where the values lie; <c>null</c> takes it from the first <see cref="Warmup"/> values of the stream. Default: null.</summary>
    public ChartReference? Reference { get; init; }

    /// <summary>Values from which the reference is taken when none is given: 2 or more. Default: 30.</summary>
    public int Warmup { get; init; } = 30;

    /// <summary>Weight of the newest value: inside (0, 1]. Default: 0.1.</summary>
    public double Weight { get; init; } = 0.1;

    /// <summary>Drift is said beyond this number of the average's standard deviations: positive. Default: 4.</summary>
    public double Limit { get; init; } = 4;

    /// <summary>Which way a change must go. Default: both.</summary>
    public DriftDirection Direction { get; init; }

    internal void Validate()
    {
        ChartCheck.Validate(Reference, Warmup);
        if (!(Weight is > 0 and <= 1)) Throw.OutOfRange(nameof(Weight), Weight, "a weight above 0 and at most 1");
        DetectorCheck.Positive(nameof(Limit), Limit, "a positive number of standard deviations");
    }
}

/// <summary>The control chart of the exponentially weighted moving average (Roberts 1959) on standardised values.</summary>
/// <remarks>
/// Z = w·z + (1 − w)·Z from 0; the figure is Z over its standard deviation √(w/(2 − w)·(1 − (1 − w)^2t)). Mean and standard deviation are known or frozen
/// after the first values; a reference that follows the stream would hide what is looked for.
/// </remarks>
public sealed class EwmaChart : ILimitDetector
{
    private readonly EwmaOptions _options;
    private ChartStart _start;
    private double _average, _forgotten = 1;

    /// <summary>A detector that has seen nothing.</summary>
    public EwmaChart(EwmaOptions? options = null)
    {
        _options = options ?? new EwmaOptions();
        _options.Validate();
        _start = new ChartStart(_options.Reference);
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count => _start.Count;

    /// <inheritdoc/>
    public double Statistic { get; private set; }

    /// <inheritdoc/>
    public double Limit => _options.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Finite(value);
        if (State == DetectorState.Drift) Clear();
        if (!_start.Knows(value, _options.Warmup, out double z)) return State = DetectorState.Learning;
        double weight = _options.Weight, kept = 1 - weight;
        _average = weight * z + kept * _average;
        _forgotten *= kept * kept;
        double scaled = _average / Math.Sqrt(weight / (2 - weight) * (1 - _forgotten));
        Statistic = _options.Direction switch { DriftDirection.Up => scaled, DriftDirection.Down => -scaled, _ => Math.Abs(scaled) };
        return State = Statistic > _options.Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _start = new ChartStart(_options.Reference);
        (_average, _forgotten, Statistic) = (0, 1, 0);
        State = DetectorState.Learning;
    }
}

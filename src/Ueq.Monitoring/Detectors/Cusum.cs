namespace Ueq.Monitoring;

/// <summary>Against what <see cref="Cusum"/> and <see cref="EwmaChart"/> hold values.</summary>
/// <param name="Mean">Mean of the values while nothing changes.</param>
/// <param name="StandardDeviation">Their standard deviation: positive.</param>
public readonly record struct ChartReference(double Mean, double StandardDeviation)
{
    /// <summary>Mean and standard deviation (dividing by n − 1) of values; the standard deviation is 0 where all are the same, which no chart takes.</summary>
    /// <param name="values">Values while nothing changes: two or more.</param>
    /// <exception cref="ArgumentException">A value is not finite, or there are fewer than two; the message says where.</exception>
    public static ChartReference From(ReadOnlySpan<double> values)
    {
        SampleCheck.Finite(values, nameof(values));
        if (values.Length < 2) throw new ArgumentException("Expected two values or more, got one.", nameof(values));
        double mean = 0, squares = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double before = values[i] - mean;
            mean += before / (i + 1);
            squares += before * (values[i] - mean);
        }

        return new(mean, Math.Sqrt(squares / (values.Length - 1)));
    }
}

/// <summary>How <see cref="Cusum"/> judges.</summary>
public sealed record CusumOptions
{
    /// <summary>Where the values lie; <c>null</c> takes it from the first <see cref="Warmup"/> values of the stream. Default: null.</summary>
    public ChartReference? Reference { get; init; }

    /// <summary>Values from which the reference is taken when none is given: 2 or more. Default: 30.</summary>
    public int Warmup { get; init; } = 30;

    /// <summary>Standard deviations that are let pass, usually half of the change that matters: 0 or more. Default: 0.5.</summary>
    public double Slack { get; init; } = 0.5;

    /// <summary>Drift is said above this sum, in standard deviations: positive. Default: 5.</summary>
    /// <remarks>
    /// With slack ½ a Gaussian stream alarms every 465 values or so at 5 where mean and standard deviation are known exactly; where they are those
    /// of 1,000 values every 430, of 200 every 350, and other distributions alarm more often still. In a <see cref="RankedDetector"/>, with <see cref="NullCalibration.OfRanks"/>, none does.
    /// </remarks>
    public double Limit { get; init; } = 5;

    /// <summary>Which way a change must go. Default: both.</summary>
    public DriftDirection Direction { get; init; }

    internal void Validate()
    {
        ChartCheck.Validate(Reference, Warmup);
        if (!(Slack >= 0 && double.IsFinite(Slack))) Throw.OutOfRange(nameof(Slack), Slack, "0 or more standard deviations");
        DetectorCheck.Positive(nameof(Limit), Limit, "a positive number of standard deviations");
    }
}

/// <summary>The tabular cumulative sum of Page (1954) on standardised values.</summary>
/// <remarks>
/// With z = (x − mean)/sd and slack k: U = max(0, U + z − k), D = max(0, D − z − k); the figure is the larger of both. Where no reference is given, mean
/// and standard deviation (dividing by n − 1) of the first values are frozen, and the last of them is the first to be judged, as river does.
/// </remarks>
public sealed class Cusum : ILimitDetector
{
    private readonly CusumOptions _options;
    private ChartStart _start;
    private double _up, _down;

    /// <summary>A detector that has seen nothing.</summary>
    public Cusum(CusumOptions? options = null)
    {
        _options = options ?? new CusumOptions();
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
        _up = Math.Max(0, _up + z - _options.Slack);
        _down = Math.Max(0, _down - z - _options.Slack);
        Statistic = _options.Direction switch { DriftDirection.Up => _up, DriftDirection.Down => _down, _ => Math.Max(_up, _down) };
        return State = Statistic > _options.Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _start = new ChartStart(_options.Reference);
        _up = _down = Statistic = 0;
        State = DetectorState.Learning;
    }
}

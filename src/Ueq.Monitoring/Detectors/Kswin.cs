namespace Ueq.Monitoring;

/// <summary>How <see cref="Kswin"/> compares its window.</summary>
public sealed record KswinOptions
{
    /// <summary>Probability of the test of one value: inside (0, 1). Default: 0.005.</summary>
    /// <remarks>There is a test for every value, so false alarms come about every few hundred values at the default.</remarks>
    public double Probability { get; init; } = 0.005;

    /// <summary>Values in the window: at least twice <see cref="Recent"/>, at most 10,000. Default: 100.</summary>
    public int Window { get; init; } = 100;

    /// <summary>Newest values of the window, compared with as many drawn from the rest: 2 or more. Default: 30.</summary>
    public int Recent { get; init; } = 30;

    /// <summary>Names the draws.</summary>
    public ulong Seed { get; init; }

    internal void Validate()
    {
        DetectorCheck.Probability(nameof(Probability), Probability);
        if (Recent < 2) Throw.OutOfRange(nameof(Recent), Recent, "2 values or more");
        if (Window < 2 * Recent || Window > 10_000) Throw.OutOfRange(nameof(Window), Window, $"{2 * Recent} (twice the recent values) to 10,000 values");
    }
}

/// <summary>KSWIN (Raab et al. 2020): Kolmogorov–Smirnov between the newest values of a window and as many drawn from its rest.</summary>
/// <remarks>
/// As river: drift when the exact probability is at most <see cref="KswinOptions.Probability"/> and the distance above 0.1. The draws are those of
/// <see cref="Rng"/>, not of Python, so single alarms may differ from river's by a few values. A value after a drift starts afresh.
/// </remarks>
public sealed class Kswin : ILimitDetector
{
    private readonly KswinOptions _options;
    private readonly double[] _window, _recent, _drawn;
    private readonly int[] _places;
    private Rng _rng;
    private int _next;

    /// <summary>A detector that has seen nothing.</summary>
    public Kswin(KswinOptions? options = null)
    {
        _options = options ?? new KswinOptions();
        _options.Validate();
        _window = new double[_options.Window];
        _recent = new double[_options.Recent];
        _drawn = new double[_options.Recent];
        _places = new int[_options.Window - _options.Recent];
        // Of two samples of r values each distance is a multiple of 1/r: the largest that is no drift is found once.
        int most = (int)(0.1 * _options.Recent);
        while (most < _options.Recent && SmirnovDistribution.Exact((most + 1.0) / _options.Recent, _options.Recent, _options.Recent) > _options.Probability) most++;
        Limit = (most + 0.5) / _options.Recent;
        Clear();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <summary>The Kolmogorov–Smirnov distance after the last value.</summary>
    public double Statistic { get; private set; }

    /// <summary>Halfway between the largest distance that is no drift and the next.</summary>
    public double Limit { get; }

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Finite(value);
        if (State == DetectorState.Drift) Clear();
        Count++;
        _window[_next] = value;
        if (++_next == _window.Length) _next = 0;
        if (Count < _window.Length) return State = DetectorState.Learning;
        // Oldest first: the window starts at the place that is written next.
        int old = _places.Length;
        for (int k = 0; k < _recent.Length; k++)
        {
            int drawn = k + _rng.NextIndex(old - k);
            (_places[k], _places[drawn]) = (_places[drawn], _places[k]);
            _drawn[k] = At(_places[k]);
            _recent[k] = At(old + k);
        }

        Statistic = Distance();
        return State = Statistic > Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        (Count, _next, Statistic) = (0, 0, 0);
        for (int k = 0; k < _places.Length; k++) _places[k] = k;
        _rng = Rng.Stream(_options.Seed, 0);
        State = DetectorState.Learning;
    }

    private double At(int place)
    {
        int at = _next + place;
        return _window[at < _window.Length ? at : at - _window.Length];
    }

    private double Distance()
    {
        _recent.AsSpan().Sort();
        _drawn.AsSpan().Sort();
        int i = 0, j = 0, widest = 0, size = _recent.Length;
        while (i < size && j < size)
        {
            double value = Math.Min(_recent[i], _drawn[j]);
            while (i < size && _recent[i] == value) i++;
            while (j < size && _drawn[j] == value) j++;
            widest = Math.Max(widest, Math.Abs(i - j));
        }

        return (double)widest / size;
    }
}

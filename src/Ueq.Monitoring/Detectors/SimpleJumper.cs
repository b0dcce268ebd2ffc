namespace Ueq.Monitoring;

/// <summary>How <see cref="SimpleJumper"/> bets.</summary>
public sealed record SimpleJumperOptions
{
    /// <summary>Share of the capital that is divided anew before each bet: inside (0, 1]. Default: 0.01.</summary>
    public double JumpRate { get; init; } = 0.01;

    /// <summary>Drift is said above this capital: above 1. Default: 100, which a fair game reaches with probability 1 % at most, ever.</summary>
    public double Limit { get; init; } = 100;

    internal void Validate()
    {
        if (!(JumpRate is > 0 and <= 1)) Throw.OutOfRange(nameof(JumpRate), JumpRate, "a share above 0 and at most 1");
        if (!(Limit > 1)) Throw.OutOfRange(nameof(Limit), Limit, "a capital above 1");
    }
}

/// <summary>The simple jumper martingale (Vovk et al. 2021): a gambler who bets that p-values are not uniform.</summary>
/// <remarks>
/// Takes conformal p-values in [0, 1]. Three accounts bet 1 + e(p − ½) with e of −1, 0 and 1; before each bet a share of the capital is divided
/// evenly among them. Under exchangeability the capital is a martingale from 1, so it exceeds c with probability 1/c at most.
/// </remarks>
public sealed class SimpleJumper : ILimitDetector
{
    private readonly SimpleJumperOptions _options;
    private double _less, _same, _more;

    /// <summary>A gambler with a capital of 1.</summary>
    public SimpleJumper(SimpleJumperOptions? options = null)
    {
        _options = options ?? new SimpleJumperOptions();
        _options.Validate();
        Clear();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <summary>The capital.</summary>
    public double Statistic { get; private set; }

    /// <inheritdoc/>
    public double Limit => _options.Limit;

    /// <inheritdoc/>
    public DetectorState Add(double value)
    {
        DetectorCheck.Share(value, "a p-value from 0 to 1");
        if (State == DetectorState.Drift) Clear();
        Count++;
        double kept = 1 - _options.JumpRate, divided = _options.JumpRate / 3 * Statistic, edge = value - 0.5;
        _less = (kept * _less + divided) * (1 - edge);
        _same = kept * _same + divided;
        _more = (kept * _more + divided) * (1 + edge);
        Statistic = _less + _same + _more;
        return State = Statistic > _options.Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        _less = _same = _more = 1.0 / 3;
        (Count, Statistic) = (0, 1);
        State = DetectorState.Learning;
    }
}

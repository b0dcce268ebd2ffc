namespace Ueq.Monitoring;

/// <summary>How ratios are added up.</summary>
public enum RatioRule
{
    /// <summary>W = r·max(1, W): the evidence since the most likely change.</summary>
    Cusum,

    /// <summary>R = r·(1 + R): the evidence of all possible changes together (Shiryaev and Roberts).</summary>
    ShiryaevRoberts,
}

/// <summary>How <see cref="LikelihoodRatioDetector"/> judges.</summary>
public sealed record LikelihoodRatioOptions
{
    /// <summary>How ratios are added up. Default: Shiryaev–Roberts.</summary>
    public RatioRule Rule { get; init; } = RatioRule.ShiryaevRoberts;

    /// <summary>Drift is said above this evidence: positive. Default: 1,000.</summary>
    /// <remarks>With Shiryaev–Roberts false alarms come no sooner than every so many values on average, if ratios average 1 without change.</remarks>
    public double Limit { get; init; } = 1000;

    internal void Validate() => DetectorCheck.Positive(nameof(Limit), Limit, "a positive evidence");
}

/// <summary>A detector of change from likelihood ratios or other bets whose mean is at most 1 while nothing changes.</summary>
public sealed class LikelihoodRatioDetector : ILimitDetector
{
    private readonly LikelihoodRatioOptions _options;

    /// <summary>A detector that has seen nothing.</summary>
    public LikelihoodRatioDetector(LikelihoodRatioOptions? options = null)
    {
        _options = options ?? new LikelihoodRatioOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    public DetectorState State { get; private set; }

    /// <inheritdoc/>
    public long Count { get; private set; }

    /// <summary>The evidence so far.</summary>
    public double Statistic { get; private set; }

    /// <inheritdoc/>
    public double Limit => _options.Limit;

    /// <summary>Takes one ratio: how much likelier the value is after a change than before, 0 or more.</summary>
    /// <exception cref="ArgumentException">The ratio is negative or not finite.</exception>
    public DetectorState Add(double value)
    {
        if (!(value >= 0 && double.IsFinite(value))) Throw.OutOfRange(nameof(value), value, "a ratio of 0 or more");
        if (State == DetectorState.Drift) Clear();
        Count++;
        Statistic = value * (_options.Rule == RatioRule.Cusum ? Math.Max(1, Statistic) : 1 + Statistic);
        return State = Statistic > _options.Limit ? DetectorState.Drift : DetectorState.Stable;
    }

    /// <inheritdoc/>
    public void Clear()
    {
        (Count, Statistic) = (0, 0);
        State = DetectorState.Learning;
    }
}

using Ueq.Conformal;

namespace Ueq.Online;

/// <summary>Adaptive conformal inference over a calibration: intervals whose level follows the truths that arrive.</summary>
/// <remarks>
/// First <see cref="Predict"/>, then <see cref="OnlinePrediction.Observe"/> on what it gave: a truth without a prediction before it cannot be
/// said, and one prediction learns one truth. Truths may come late and in any order; some may never come. What is promised is
/// <see cref="AdaptiveLevel"/>'s: a share over time, for any stream; nothing about single rows. The scores are those of the calibration: where errors outgrow them, the share is kept by unbounded answers
/// (<see cref="OnlineReading.Unbounded"/>), and the model wants a new calibration. Not thread-safe.
/// </remarks>
public sealed class AdaptiveConformal
{
    private readonly IntervalCalibration _calibration;

    /// <summary>Intervals of a calibration at a level that begins at <paramref name="target"/>.</summary>
    public AdaptiveConformal(IntervalCalibration calibration, Coverage target, AdaptiveOptions options)
        : this(calibration, new AdaptiveLevel(target, options))
    {
    }

    /// <summary>Intervals of a calibration at a level that has been learned before.</summary>
    public AdaptiveConformal(IntervalCalibration calibration, AdaptiveLevel level)
    {
        ArgumentNullException.ThrowIfNull(calibration);
        ArgumentNullException.ThrowIfNull(level);
        _calibration = calibration;
        Level = level;
    }

    /// <summary>What is learned.</summary>
    public AdaptiveLevel Level { get; }

    /// <summary>The interval of a band at the level of this moment.</summary>
    /// <exception cref="ArgumentException">An end of the band is not a number, or its scale is not positive and finite.</exception>
    public OnlinePrediction Predict(Band band)
    {
        if (Check.Fault(band) is { } fault) Throw.Argument(nameof(band), $"Expected {fault}.");
        OnlineLevel now = Level.Now;
        return new OnlinePrediction(Level, now.Apply(_calibration, band), now.Miss);
    }
}

/// <summary>An interval that waits for its truth.</summary>
public sealed class OnlinePrediction
{
    private readonly AdaptiveLevel _level;
    private bool _isObserved;

    internal OnlinePrediction(AdaptiveLevel level, Interval interval, double miss)
    {
        _level = level;
        Interval = interval;
        Miss = miss;
    }

    /// <summary>The answer.</summary>
    public Interval Interval { get; }

    /// <summary>The miss that it was made at.</summary>
    public double Miss { get; }

    /// <summary>Has the level learn the truth.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The truth is not finite.</exception>
    /// <exception cref="InvalidOperationException">It has learned it already.</exception>
    public void Observe(double y)
    {
        if (_isObserved) throw new InvalidOperationException("This prediction has its truth already; each counts once.");
        _level.Add(Interval, y);
        _isObserved = true;
    }
}

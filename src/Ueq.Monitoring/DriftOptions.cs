namespace Ueq.Monitoring;

/// <summary>How live rows are compared with the reference.</summary>
public sealed record DriftOptions
{
    /// <summary>Rows per window (the guide's <c>window_size</c>): 20 to 1,000,000. Default: 100.</summary>
    /// <remarks>With fewer than 20 rows no bin holds enough expected values to be tested.</remarks>
    public int WindowSize { get; init; } = 100;

    /// <summary>Where the guide's status turns to <c>warning</c> (the guide's <c>drift_threshold</c>): positive. Default: 0.1.</summary>
    /// <remarks>It is compared with the guide's drift score and with nothing else: a fixed threshold alarms on noise, so no alert hangs on it.</remarks>
    public double DriftThreshold { get; init; } = 0.1;

    /// <summary>Probability that a window without any drift alarms, over all signals together: 1e-9 to 0.5. Default: 0.001.</summary>
    /// <remarks>One false alarm is expected every 1/probability windows: at the default, every 1,000 windows or 100,000 rows.</remarks>
    public double FalseAlarmProbability { get; init; } = 0.001;

    internal void Validate()
    {
        if (WindowSize is < 20 or > 1_000_000) Throw.OutOfRange(nameof(WindowSize), WindowSize, "20 to 1,000,000 rows per window");
        if (!(DriftThreshold > 0 && double.IsFinite(DriftThreshold))) Throw.OutOfRange(nameof(DriftThreshold), DriftThreshold, "a positive, finite drift score");
        if (!(FalseAlarmProbability is >= 1e-9 and <= 0.5))
            Throw.OutOfRange(nameof(FalseAlarmProbability), FalseAlarmProbability, "a probability between 1e-9 and 0.5");
    }
}

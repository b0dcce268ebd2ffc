namespace Ueq.Monitoring;

/// <summary>How <see cref="HddmA"/> and <see cref="HddmW"/> judge.</summary>
public sealed record HddmOptions
{
    /// <summary>Bound of the drift test: inside (0, 1). Default: 0.001.</summary>
    public double DriftBound { get; init; } = 0.001;

    /// <summary>Bound of the warning test: from the drift's to 1. Default: 0.005.</summary>
    public double WarningBound { get; init; } = 0.005;

    /// <summary>Weight of the newest value, for <see cref="HddmW"/> only: inside (0, 1). Default: 0.05.</summary>
    public double Weight { get; init; } = 0.05;

    /// <summary>Whether growth is told, or falls too; falls alone are not. Default: up.</summary>
    public DriftDirection Direction { get; init; } = DriftDirection.Up;

    internal void Validate()
    {
        DetectorCheck.Probability(nameof(DriftBound), DriftBound);
        DetectorCheck.Probability(nameof(WarningBound), WarningBound);
        if (WarningBound < DriftBound) Throw.OutOfRange(nameof(WarningBound), WarningBound, $"at least the drift's bound {DriftBound}");
        DetectorCheck.Probability(nameof(Weight), Weight);
        if (Direction == DriftDirection.Down) throw new ArgumentException("Expected up or both: HDDM has no test of falls alone. Give 1 − x for x.", nameof(Direction));
    }
}

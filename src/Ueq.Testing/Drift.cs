namespace Ueq.Testing;

/// <summary>How and when a stream changes.</summary>
public sealed record Drift
{
    /// <summary>A stream that never changes.</summary>
    public static Drift None { get; } = new();

    /// <summary>All features are larger by <paramref name="shift"/> standard deviations from a row on.</summary>
    public static Drift Sudden(int row, double shift) => new() { Row = row, FeatureShift = shift };

    /// <summary>All features grow, over a number of rows, by <paramref name="shift"/> standard deviations.</summary>
    public static Drift Gradual(int row, int length, double shift) => new() { Row = row, Length = length, FeatureShift = shift };

    /// <summary>The first row that is different, 0 or more; the largest integer: none. Default: none.</summary>
    public int Row { get; init; } = int.MaxValue;

    /// <summary>Rows over which the change grows evenly until it is whole, 0 or more; 0: at once. Default: 0.</summary>
    public int Length { get; init; }

    /// <summary>By how many standard deviations the mean of every feature changes, −1,000 to 1,000. Default: 0.</summary>
    public double FeatureShift { get; init; }

    /// <summary>What is added to the target, its features as they were: a change of concept. −1e100 to 1e100. Default: 0.</summary>
    public double TargetShift { get; init; }

    /// <summary>What the noise of the target is multiplied by, above 0 to 1,000. Default: 1.</summary>
    public double NoiseFactor { get; init; } = 1;

    /// <summary>Whether there is a row from which on something is different.</summary>
    public bool Changes => Row < int.MaxValue && (FeatureShift != 0 || TargetShift != 0 || NoiseFactor != 1);

    internal void Validate()
    {
        Throw.IfOutside(nameof(Row), Row, 0, int.MaxValue);
        Throw.IfOutside(nameof(Length), Length, 0, int.MaxValue);
        Throw.IfOutside(nameof(FeatureShift), FeatureShift, -1000, 1000);
        Throw.IfOutside(nameof(TargetShift), TargetShift, -1e100, 1e100);
        Throw.IfOutside(nameof(NoiseFactor), NoiseFactor, double.Epsilon, 1000);
    }

    /// <summary>How much of the change has come at a row: 0 before, 1 when it is whole.</summary>
    internal double Share(int row) => !Changes || row < Row ? 0 : row - Row >= Length ? 1 : (row - Row + 1.0) / (Length + 1.0);
}

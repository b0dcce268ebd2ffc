namespace Ueq.Monitoring;

/// <summary>What labels say of an arm against the control.</summary>
public enum ExperimentVerdict
{
    /// <summary>It is the control.</summary>
    Control,

    /// <summary>There are too few labels, or of losses too few misses, to say anything.</summary>
    TooFewLabels,

    /// <summary>The labels are of too few users.</summary>
    TooFewUsers,

    /// <summary>No difference has been shown, which is not to say that there is none.</summary>
    NoDifferenceShown,

    /// <summary>More coverage, less width or less loss than the control's.</summary>
    Better,

    /// <summary>Less coverage, more width or more loss than the control's.</summary>
    Worse,
}

/// <summary>One figure of an arm.</summary>
/// <param name="Mean">Its mean; NaN without labels.</param>
/// <param name="Bounds">Bounds of the mean that hold at all times together.</param>
/// <param name="Difference">Its mean less the control's; NaN of the control and without labels.</param>
/// <param name="DifferenceBounds">Bounds of the difference that hold at all times together, of all comparisons of the experiment at once.</param>
/// <param name="Verdict">What the bounds of the difference say.</param>
public readonly record struct FigureReading(double Mean, Interval Bounds, double Difference, Interval DifferenceBounds, ExperimentVerdict Verdict);

/// <summary>One arm of an experiment as its labels show it.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Labels">Labels.</param>
/// <param name="Unbounded">Labels whose answer was unbounded: they have no width and no loss.</param>
/// <param name="UserGroups">Buckets of users with a label: 1 to 256.</param>
/// <param name="Coverage">Share of labels inside their answer.</param>
/// <param name="Width">Width of the intervals, or size of the sets.</param>
/// <param name="Loss">Winkler's score, or share of wrong predictions.</param>
public sealed record ArmReading(string Arm, long Labels, long Unbounded, int UserGroups, FigureReading Coverage, FigureReading Width, FigureReading Loss);

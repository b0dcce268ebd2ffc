namespace Ueq.Monitoring;

/// <summary>Whether an answer contained the truth.</summary>
public enum LabelOutcome
{
    /// <summary>The truth lay inside the interval, or in the label set.</summary>
    Covered,

    /// <summary>It did not.</summary>
    Missed,
}

/// <summary>An answer and the truth that arrived for it.</summary>
/// <param name="IssuedAt">When the answer was given.</param>
/// <param name="ArrivedAt">When the truth arrived.</param>
/// <param name="Group">The group that its coverage is followed in; <c>null</c> for none.</param>
/// <param name="Coverage">The coverage that the answer promised.</param>
/// <param name="Prediction">The prediction, or the index of the most probable class.</param>
/// <param name="Answer">The interval; of a label set (0, number of labels), so that its width is the size.</param>
/// <param name="Y">The truth, or the index of the true class.</param>
/// <param name="Outcome">Whether the answer contained the truth.</param>
public readonly record struct LabelledAnswer(
    DateTimeOffset IssuedAt, DateTimeOffset ArrivedAt, string? Group, Coverage Coverage, double Prediction, Interval Answer, double Y, LabelOutcome Outcome)
{
    /// <summary>Number of classes, so that a set of all of them is known to say nothing; 0 of a regression.</summary>
    public int Classes { get; init; }

    /// <summary>Whether every truth lies inside: an interval without a finite end, or a set of all classes.</summary>
    internal bool SaysNothing => !Answer.IsBounded || (Classes > 0 && Answer.Upper >= Classes);
}

using Ueq.Versions;

namespace Ueq.Monitoring;

/// <summary>What labels have shown of an arm, as sums that can be added up over replicas and time.</summary>
/// <remarks>
/// The loss of a regression is Winkler's score at the coverage that the answer promised, of a classification 1 for a wrong prediction and else
/// 0. Gains are differences to the control's answer to the same row, of arms that are compared row by row; else 0. Widths, losses and their
/// gains are of answers whose interval is bounded and not empty.
/// </remarks>
public readonly record struct OutcomeSums
{
    // Beyond this a square is no number.
    private const double Largest = 1e150;

    /// <summary>Labels.</summary>
    public long Labels { get; init; }

    /// <summary>Labels that lay inside their answer.</summary>
    public long Covered { get; init; }

    /// <summary>Labels whose answer was bounded and not empty.</summary>
    public long Bounded { get; init; }

    /// <summary>Sum of the widths of intervals, or sizes of sets.</summary>
    public double Width { get; init; }

    /// <summary>Sum of their squares.</summary>
    public double WidthSquares { get; init; }

    /// <summary>Sum of the losses.</summary>
    public double Loss { get; init; }

    /// <summary>Sum of their squares.</summary>
    public double LossSquares { get; init; }

    /// <summary>Rows that this arm covered and the control did not, less the other way.</summary>
    public double CoveredGain { get; init; }

    /// <summary>Rows that one of the two covered and the other did not.</summary>
    public double CoveredGainSquares { get; init; }

    /// <summary>Sum of the differences of widths.</summary>
    public double WidthGain { get; init; }

    /// <summary>Sum of their squares.</summary>
    public double WidthGainSquares { get; init; }

    /// <summary>Sum of the differences of losses.</summary>
    public double LossGain { get; init; }

    /// <summary>Sum of their squares.</summary>
    public double LossGainSquares { get; init; }

    /// <summary>The sums of one label.</summary>
    public static OutcomeSums Of(in LabelledAnswer label, ModelTask task)
    {
        (double width, double loss) = Figures(label, task);
        int covered = label.Outcome == LabelOutcome.Covered ? 1 : 0;
        return IsNumber(width, loss)
            ? new OutcomeSums { Labels = 1, Covered = covered, Bounded = 1, Width = width, WidthSquares = width * width, Loss = loss, LossSquares = loss * loss }
            : new OutcomeSums { Labels = 1, Covered = covered };
    }

    /// <summary>The sums of one label of a row that two arms have answered: of the control, and of the other.</summary>
    public static (OutcomeSums Control, OutcomeSums Arm) OfPair(in LabelledAnswer control, in LabelledAnswer arm, ModelTask task)
    {
        OutcomeSums one = Of(control, task), other = Of(arm, task);
        double covered = other.Covered - one.Covered;
        other = other with { CoveredGain = covered, CoveredGainSquares = covered * covered };
        if (one.Bounded == 0 || other.Bounded == 0) return (one, other);
        double width = other.Width - one.Width, loss = other.Loss - one.Loss;
        return (one, other with { WidthGain = width, WidthGainSquares = width * width, LossGain = loss, LossGainSquares = loss * loss });
    }

    /// <summary>Both together.</summary>
    public OutcomeSums Add(in OutcomeSums other) => new()
    {
        Labels = Labels + other.Labels,
        Covered = Covered + other.Covered,
        Bounded = Bounded + other.Bounded,
        Width = Width + other.Width,
        WidthSquares = WidthSquares + other.WidthSquares,
        Loss = Loss + other.Loss,
        LossSquares = LossSquares + other.LossSquares,
        CoveredGain = CoveredGain + other.CoveredGain,
        CoveredGainSquares = CoveredGainSquares + other.CoveredGainSquares,
        WidthGain = WidthGain + other.WidthGain,
        WidthGainSquares = WidthGainSquares + other.WidthGainSquares,
        LossGain = LossGain + other.LossGain,
        LossGainSquares = LossGainSquares + other.LossGainSquares,
    };

    private static bool IsNumber(double width, double loss) => Math.Abs(width) < Largest && Math.Abs(loss) < Largest;

    private static (double Width, double Loss) Figures(in LabelledAnswer label, ModelTask task)
    {
        Interval answer = label.Answer;
        if (task == ModelTask.Classification) return (answer.Width, label.Prediction == label.Y ? 0 : 1);
        double beyond = Math.Max(0, Math.Max(answer.Lower - label.Y, label.Y - answer.Upper));
        return (answer.Width, answer is { IsBounded: true, IsEmpty: false } ? answer.Width + 2 / label.Coverage.Miss * beyond : double.PositiveInfinity);
    }
}

/// <summary>What labels have shown of one arm.</summary>
/// <param name="Arm">The arm.</param>
/// <param name="Buckets">The sums by bucket: a bucket holds all rows of its users, of whom there may be several.</param>
public sealed record ArmOutcomes(string Arm, IReadOnlyList<OutcomeSums> Buckets);

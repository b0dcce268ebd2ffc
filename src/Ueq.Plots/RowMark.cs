namespace Ueq.Plots;

/// <summary>What happened at a row.</summary>
public enum MarkKind
{
    /// <summary>A monitor raised an alarm.</summary>
    Alarm,

    /// <summary>A signal was found to be as the reference again.</summary>
    Recovery,

    /// <summary>The guarantee of a signal was found not to hold: serial dependence.</summary>
    Void,

    /// <summary>A change that is known from elsewhere.</summary>
    KnownChange,
}

/// <summary>A moment of a stream that a figure marks with a vertical line.</summary>
/// <param name="Row">The row at which it happened, counted as the figure counts rows.</param>
/// <param name="Kind">What happened.</param>
public readonly record struct RowMark(long Row, MarkKind Kind);

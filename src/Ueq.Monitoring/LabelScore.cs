namespace Ueq.Monitoring;

/// <summary>How far a truth lay from what was said: the signal that labels bring.</summary>
public static class LabelScore
{
    /// <summary>The score of a truth outside its label set.</summary>
    public const double Missed = 2;

    /// <summary>The score of a truth inside its label set.</summary>
    public const double Inside = 0;

    /// <summary>|y − middle| / half width: at most 1 exactly when the interval covers.</summary>
    /// <returns>0 for an interval without an end; +∞ for a miss of an interval without width, and for an empty one.</returns>
    public static double Of(Interval interval, double y)
    {
        if (!interval.IsBounded || interval.IsEmpty) return interval.Contains(y) ? 0 : double.PositiveInfinity;
        double half = interval.Width / 2, distance = Math.Abs(y - (interval.Lower + half));
        return distance == 0 ? 0 : distance / half;
    }
}

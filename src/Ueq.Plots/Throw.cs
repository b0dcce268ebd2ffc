using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ueq.Plots;

/// <summary>The one place of this room that words mistakes: value, what was expected, where.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void OutOfRange(string parameter, double value, string expected) =>
        throw new ArgumentOutOfRangeException(parameter, value, string.Create(CultureInfo.InvariantCulture, $"Expected {expected}, got {value:R}."));

    public static void IfDifferent(string parameter, long length, long expected, string what)
    {
        if (length != expected) throw new ArgumentException($"Expected {expected} {what}, got {length}.", parameter);
    }

    public static void IfNone(string parameter, long count, string what)
    {
        if (count == 0) throw new ArgumentException($"Expected one {what} or more, got none.", parameter);
    }

    public static void IfNotFinite(ReadOnlySpan<double> values, string parameter, string what)
    {
        for (int row = 0; row < values.Length; row++)
            if (!double.IsFinite(values[row])) OutOfRange(parameter, values[row], $"a finite {what} in row {row}");
    }

    public static void IfNotAnInterval(ReadOnlySpan<Interval> intervals, string parameter)
    {
        for (int row = 0; row < intervals.Length; row++)
        {
            Interval interval = intervals[row];
            if (double.IsNaN(interval.Lower) || double.IsNaN(interval.Upper)) OutOfRange(parameter, double.NaN, $"an interval in row {row}");
        }
    }
}

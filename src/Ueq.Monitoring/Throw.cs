using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ueq.Monitoring;

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

    public static InvalidDataException Damaged(string place, string problem, Exception? cause = null) =>
        new($"The drift reference is damaged at {place}: {problem}", cause);

    public static InvalidDataException DamagedEstimator(string place, string problem, Exception? cause = null) =>
        new($"The label-free estimator is damaged at {place}: {problem}", cause);
}

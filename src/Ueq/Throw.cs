using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ueq;

/// <summary>The one place that words the caller's mistakes: value, what was expected, where.</summary>
internal static class Throw
{
    [DoesNotReturn]
    public static void OutOfRange(string parameter, double value, string expected) =>
        throw new ArgumentOutOfRangeException(parameter, value, $"Expected {expected}, got {Say(value)}.");

    [DoesNotReturn]
    public static void OutOfRange(string parameter, double value, string expected, string place) =>
        throw new ArgumentOutOfRangeException(parameter, value, $"Expected {expected} at {place}, got {Say(value)}.");

    [DoesNotReturn]
    public static void Length(string parameter, long length, string expected) =>
        throw new ArgumentException($"Expected {expected}, got {length}.", parameter);

    [DoesNotReturn]
    public static void Argument(string parameter, string message) => throw new ArgumentException(message, parameter);

    /// <summary>Every value of a target or score must be finite.</summary>
    public static void IfNotFinite(ReadOnlySpan<double> values, string parameter, string what)
    {
        for (int i = 0; i < values.Length; i++)
            if (!double.IsFinite(values[i])) OutOfRange(parameter, values[i], $"a finite {what}", $"row {i}");
    }

    public static void IfDifferent(string parameter, long length, long expected, string what)
    {
        if (length != expected) Length(parameter, length, $"{expected} {what}");
    }

    private static string Say(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

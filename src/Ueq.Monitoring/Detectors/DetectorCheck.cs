using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Ueq.Monitoring;

/// <summary>What detectors ask of a value.</summary>
internal static class DetectorCheck
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Finite(double value)
    {
        if (!double.IsFinite(value)) Refuse(value, "a finite value");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Share(double value, string expected)
    {
        if (!(value is >= 0 and <= 1)) Refuse(value, expected);
    }

    public static void Positive(string name, double value, string expected)
    {
        if (!(value > 0)) Throw.OutOfRange(name, value, expected);
    }

    public static void Probability(string name, double value)
    {
        if (!(value is > 0 and < 1)) Throw.OutOfRange(name, value, "a number strictly between 0 and 1");
    }

    [DoesNotReturn]
    private static void Refuse(double value, string expected) =>
        throw new ArgumentOutOfRangeException(nameof(value), value, string.Create(CultureInfo.InvariantCulture, $"Expected {expected}, got {value:R}."));
}

using System.Globalization;

namespace Ueq.Testing;

/// <summary>The one place that words the caller's mistakes, and numbers.</summary>
internal static class Throw
{
    public static void IfOutside(string parameter, double value, double from, double to)
    {
        if (!(value >= from && value <= to))
            throw new ArgumentOutOfRangeException(parameter, value, $"Expected {parameter} from {Say(from)} to {Say(to)}, got {Say(value)}.");
    }

    /// <summary>Rows to hold laws on: enough of them to be sliced, and legal ones.</summary>
    public static void IfTooPlain(FeatureMatrix rows)
    {
        if (rows.Rows < 4) throw new ArgumentException($"Expected four rows or more to hold laws on, got {rows.Rows}.", nameof(rows));
        ReadOnlySpan<float> values = rows.Values;
        for (int i = 0; i < values.Length; i++)
            if (float.IsInfinity(values[i])) throw new ArgumentException($"Expected legal features, got an infinite one at row {i / rows.Columns}, column {i % rows.Columns}.", nameof(rows));
    }

    public static string Say(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Ueq.Monitoring;

/// <summary>What every comparison of samples asks of its input.</summary>
internal static class SampleCheck
{
    public static void Finite(ReadOnlySpan<double> sample, string parameter)
    {
        if (sample.IsEmpty) throw new ArgumentException("Expected one value or more, got none.", parameter);
        for (int i = 0; i < sample.Length; i++)
            if (!double.IsFinite(sample[i])) throw NotFinite(sample[i], i, parameter);
    }

    public static void Ascending(ReadOnlySpan<double> sample, string parameter)
    {
        if (sample.IsEmpty) throw new ArgumentException("Expected one value or more, got none.", parameter);
        if (!double.IsFinite(sample[0])) throw NotFinite(sample[0], 0, parameter);
        for (int i = 1; i < sample.Length; i++)
        {
            // Not >= also catches NaN.
            if (!(sample[i] >= sample[i - 1]))
            {
                throw double.IsNaN(sample[i])
                    ? NotFinite(sample[i], i, parameter)
                    : new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"Expected ascending values, got {sample[i]:R} after {sample[i - 1]:R} at index {i}."), parameter);
            }
        }

        if (!double.IsFinite(sample[^1])) throw NotFinite(sample[^1], sample.Length - 1, parameter);
    }

    public static void Matrix(FeatureMatrix x, int columns, int leastRows, string parameter)
    {
        Throw.IfDifferent(parameter, x.Columns, columns, "columns, the same in both samples");
        if (x.Rows < leastRows) throw new ArgumentException($"Expected {leastRows} rows or more, got {x.Rows}.", parameter);
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
            {
                throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                    $"Expected finite values, got {values[i]} in row {i / x.Columns}, column {i % x.Columns}; leave such rows out or fill them."), parameter);
            }
        }
    }

    private static ArgumentException NotFinite(double value, int index, string parameter) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Expected finite values, got {value} at index {index}; count missing values apart."), parameter);
}

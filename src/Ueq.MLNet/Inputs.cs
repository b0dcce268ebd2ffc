using System.Globalization;

namespace Ueq.MLNet;

/// <summary>What is checked of the caller's rows and targets, worded in one place.</summary>
internal static class Inputs
{
    public static void CheckColumns(FeatureMatrix x, int width, string? source = null)
    {
        if (x.Columns != width && x.Rows > 0)
            throw new ArgumentException($"Expected {width} features per row, as {(source is null ? "when the model was fitted" : $"{source} was matched to")}, got {x.Columns}.", nameof(x));
    }

    /// <summary>Every feature must be a finite number, or NaN where missing values are accepted.</summary>
    public static void CheckFeatures(FeatureMatrix x, bool acceptsMissing)
    {
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            if (float.IsFinite(value) || (acceptsMissing && float.IsNaN(value))) continue;
            string expected = acceptsMissing ? "a finite number or NaN" : "a finite number (this kind of model accepts no missing value)";
            throw new ArgumentException(
                $"Expected {expected} at row {i / x.Columns}, column {i % x.Columns}, got {value.ToString("R", CultureInfo.InvariantCulture)}.", nameof(x));
        }
    }

    /// <summary>Whether any feature takes two different values, so that there is something to learn from.</summary>
    public static bool Vary(FeatureMatrix x)
    {
        ReadOnlySpan<float> first = x.Row(0);
        for (int i = 1; i < x.Rows; i++)
        {
            ReadOnlySpan<float> row = x.Row(i);
            for (int c = 0; c < row.Length; c++)
                if (!row[c].Equals(first[c])) return true;
        }

        return false;
    }

    public static void CheckLength(string parameter, int length, long expected, string what)
    {
        if (length != expected) throw new ArgumentException($"Expected {expected} {what}, got {length}.", parameter);
    }

    public static void CheckTargets(FeatureMatrix x, ReadOnlySpan<double> y)
    {
        if (x.Columns == 0) throw new ArgumentException("Expected one feature or more, got none.", nameof(x));
        CheckLength(nameof(y), y.Length, x.Rows, "targets, one per row");
        const int FewestRows = 2;
        if (y.Length < FewestRows)
            throw new AssumptionException(Assumption.EnoughRows, $"Expected {FewestRows} rows or more to fit a model, got {y.Length}.");
        for (int i = 0; i < y.Length; i++)
        {
            if (!double.IsFinite(y[i])) throw new ArgumentOutOfRangeException(nameof(y), y[i], $"Expected a finite target at row {i}, got {y[i]}.");
        }
    }

    public static void CheckClasses(ReadOnlySpan<double> y, int classes)
    {
        for (int i = 0; i < y.Length; i++)
        {
            if (!(y[i] >= 0 && y[i] < classes && y[i] == Math.Floor(y[i])))
                throw new ArgumentOutOfRangeException(nameof(y), y[i], $"Expected a class index from 0 to {classes - 1} at row {i}, got {y[i]}.");
        }
    }

    public static void CheckRange(string name, double value, double from, double to)
    {
        if (!(value >= from && value <= to))
            throw new ArgumentOutOfRangeException(name, value, $"Expected {name} from {from.ToString(CultureInfo.InvariantCulture)} to {to.ToString(CultureInfo.InvariantCulture)}, got {value.ToString("R", CultureInfo.InvariantCulture)}.");
    }

    public static AssumptionException NotFinite(double value, int row) => new(
        Assumption.FiniteAnswers, $"Expected a finite answer of the model at row {row}, got {value.ToString("R", CultureInfo.InvariantCulture)}.");
}

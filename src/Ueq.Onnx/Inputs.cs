using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Ueq.Onnx;

/// <summary>What is checked of the caller's rows, worded in one place.</summary>
internal static class Inputs
{
    public static void CheckColumns(FeatureMatrix x, int width, string source)
    {
        if (x.Columns != width && x.Rows > 0)
            throw new ArgumentException($"Expected {width} features per row, as {source} reads, got {x.Columns}.", nameof(x));
    }

    public static void CheckLength(string parameter, int length, long expected, string what)
    {
        if (length != expected) throw new ArgumentException($"Expected {expected} {what}, got {length}.", parameter);
    }

    /// <summary>Every feature must be a finite number, or NaN where missing values are handed on.</summary>
    public static void CheckFeatures(FeatureMatrix x, MissingValues missing)
    {
        ReadOnlySpan<float> values = x.Values;
        if (AllFinite(values)) return;
        for (int i = 0; i < values.Length; i++)
        {
            float value = values[i];
            if (float.IsFinite(value) || (missing == MissingValues.Allowed && float.IsNaN(value))) continue;
            string expected = missing == MissingValues.Allowed ? "a finite number or NaN" : "a finite number (set Missing to hand NaN to the model)";
            throw new ArgumentException($"Expected {expected} at row {i / x.Columns}, column {i % x.Columns}, got {Say(value)}.", nameof(x));
        }
    }

    public static ArgumentException NotWhole(float x, int row, int column, string input) =>
        new($"Expected a whole number at row {row}, column {column} for the input '{input}', got {Say(x)}.", nameof(x));

    public static ArgumentException TooLarge(float x, int row, int column, string input) =>
        new($"Expected a number of at most ±65504 at row {row}, column {column} for the float16 input '{input}', got {Say(x)}.", nameof(x));

    public static void CheckRange(string name, double value, double from, double to)
    {
        if (!(value >= from && value <= to))
            throw new ArgumentOutOfRangeException(name, value, $"Expected {name} from {Say(from)} to {Say(to)}, got {Say(value)}.");
    }

    /// <summary>Every answer must be finite.</summary>
    public static void CheckAnswers(ReadOnlySpan<double> answers, string source)
    {
        for (int i = 0; i < answers.Length; i++)
        {
            if (!double.IsFinite(answers[i]))
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected a finite answer of {source} at row {i}, got {Say(answers[i])}.");
        }
    }

    public static string Say(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    // x − x is 0 for finite numbers and NaN for all others.
    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        ReadOnlySpan<Vector<float>> vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        Vector<float> sum = Vector<float>.Zero;
        foreach (Vector<float> vector in vectors) sum += vector - vector;
        if (!Vector.EqualsAll(sum, Vector<float>.Zero)) return false;
        foreach (float value in values[(vectors.Length * Vector<float>.Count)..])
            if (!float.IsFinite(value)) return false;
        return true;
    }
}

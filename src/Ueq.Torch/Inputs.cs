using System.Globalization;

namespace Ueq.Torch;

/// <summary>What is checked of the caller's rows, targets and options, worded in one place.</summary>
internal static class Inputs
{
    public static void CheckBatch(FeatureMatrix x, int features, string parameter, int places, int perRow)
    {
        CheckWidth(x, features);
        CheckLength(parameter, places, (long)x.Rows * perRow, $"places, {(perRow == 1 ? "one" : perRow)} per row");
        CheckFeatures(x);
    }

    public static void CheckBatch(FeatureMatrix x, int features, int means, int sigmas)
    {
        CheckWidth(x, features);
        CheckLength("mean", means, x.Rows, "places, one per row");
        CheckLength("sigma", sigmas, x.Rows, "places, one per row");
        CheckFeatures(x);
    }

    private static void CheckWidth(FeatureMatrix x, int features)
    {
        if (x.Columns != features && x.Rows > 0)
            throw new ArgumentException($"Expected {features} features per row, as the model takes, got {x.Columns}.", nameof(x));
    }

    public static void CheckFeatures(FeatureMatrix x)
    {
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                throw new ArgumentException(
                    $"Expected a finite number (a Torch module accepts no missing value) at row {i / x.Columns}, column {i % x.Columns}, got {Say(values[i])}.", nameof(x));
        }
    }

    public static void CheckTraining(FeatureMatrix x, ReadOnlySpan<double> y, int fewest)
    {
        if (x.Columns == 0) throw new ArgumentException("Expected one feature or more, got none.", nameof(x));
        CheckLength(nameof(y), y.Length, x.Rows, "targets, one per row");
        if (y.Length < fewest)
            throw new AssumptionException(Assumption.EnoughRows, $"Expected {fewest} rows or more to fit a model, got {y.Length}.");
        for (int i = 0; i < y.Length; i++)
            if (!double.IsFinite(y[i])) throw new ArgumentOutOfRangeException(nameof(y), y[i], $"Expected a finite target at row {i}, got {Say(y[i])}.");
        CheckFeatures(x);
    }

    public static void CheckLength(string parameter, int length, long expected, string what)
    {
        if (length != expected) throw new ArgumentException($"Expected {expected} {what}, got {length}.", parameter);
    }

    public static void CheckRange(string name, double value, double from, double to)
    {
        if (!(value >= from && value <= to))
            throw new ArgumentOutOfRangeException(name, value, $"Expected {name} from {Say(from)} to {Say(to)}, got {Say(value)}.");
    }

    /// <summary>The scale of an answer, made positive: a calibration divides by it.</summary>
    public static void CheckAnswer(double mean, double sigma, int row)
    {
        if (!double.IsFinite(mean) || !double.IsFinite(sigma))
            throw new AssumptionException(Assumption.FiniteAnswers, $"Expected a finite mean and sigma of the model at row {row}, got {Say(mean)} and {Say(sigma)}.");
    }

    /// <summary>A module's answers must be finite; <paramref name="columns"/> of them belong to a row, and the first row is <paramref name="start"/>.</summary>
    public static void CheckAnswers(ReadOnlySpan<float> answers, int columns, int start, string source)
    {
        for (int i = 0; i < answers.Length; i++)
        {
            if (!float.IsFinite(answers[i]))
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected a finite answer of {source} at row {start + i / columns}, got {Say(answers[i])}.");
        }
    }

    public static string Say(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

namespace Ueq;

/// <summary>The one home of the checks that batches share.</summary>
internal static class Check
{
    public static void Batch(FeatureMatrix x, int features, int predictions, int answers)
    {
        if (x.Rows > 0) Throw.IfDifferent(nameof(x), x.Columns, features, "features per row");
        Throw.IfDifferent(nameof(predictions), predictions, x.Rows, "predictions, one per row");
        Throw.IfDifferent(nameof(answers), answers, x.Rows, "answers, one per row");
    }

    public static void Training(FeatureMatrix x, ReadOnlySpan<double> y, int least)
    {
        Throw.IfDifferent(nameof(y), y.Length, x.Rows, "targets, one per row");
        Throw.IfNotFinite(y, nameof(y), "target");
        if (x.Rows < least) throw new AssumptionException(Assumption.EnoughRows, $"Expected {least} rows or more to fit on, got {x.Rows}.");
    }

    public static void Features(FeatureMatrix x, int features)
    {
        if (x.Rows > 0) Throw.IfDifferent(nameof(x), x.Columns, features, "features per row");
    }

    /// <summary>Linear models cannot take a missing value: names the row and the feature.</summary>
    public static void Finite(FeatureMatrix x)
    {
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0; i < values.Length; i++)
        {
            if (!float.IsFinite(values[i]))
                Throw.OutOfRange(nameof(x), values[i], "a finite feature", $"row {i / x.Columns}, feature {i % x.Columns}");
        }
    }
}

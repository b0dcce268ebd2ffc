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

    /// <summary>What is wrong with a band, as "what was expected, got what"; <c>null</c> when nothing is.</summary>
    public static string? Fault(Band band)
    {
        if (!(band.Scale > 0) || double.IsInfinity(band.Scale)) return FormattableString.Invariant($"a positive finite scale, got {band.Scale}");
        if (double.IsNaN(band.Lower) || double.IsPositiveInfinity(band.Lower)) return FormattableString.Invariant($"a lower end below +∞, got {band.Lower}");
        if (double.IsNaN(band.Upper) || double.IsNegativeInfinity(band.Upper)) return FormattableString.Invariant($"an upper end above −∞, got {band.Upper}");
        return band.Lower > band.Upper ? FormattableString.Invariant($"an upper end of at least {band.Lower}, the lower end, got {band.Upper}") : null;
    }

    /// <summary>A model's claims must be numbers: an interval around NaN would be an answer that says nothing and does not look it.</summary>
    public static void Answers(ReadOnlySpan<Band> bands, int firstRow)
    {
        for (int i = 0; i < bands.Length; i++)
        {
            if (Fault(bands[i]) is { } fault)
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected from the model {fault} at row {firstRow + i}.");
        }
    }

    /// <summary>A model's predictions must be finite; <paramref name="columns"/> of them belong to a row.</summary>
    public static void Answers(ReadOnlySpan<double> answers, int columns, string what)
    {
        for (int i = 0; i < answers.Length; i++)
        {
            if (!double.IsFinite(answers[i]))
                throw new AssumptionException(Assumption.FiniteAnswers, FormattableString.Invariant($"Expected a finite {what} from the model, got {answers[i]} at row {i / columns}."));
        }
    }

    /// <summary>Throws for the first member of an ensemble whose answer to a row is not finite.</summary>
    public static void Member(ReadOnlySpan<double> answers, int row)
    {
        for (int m = 0; m < answers.Length; m++)
        {
            if (!double.IsFinite(answers[m]))
                throw new AssumptionException(Assumption.FiniteAnswers, FormattableString.Invariant($"Expected finite predictions, got {answers[m]} from member {m} at row {row}."));
        }
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

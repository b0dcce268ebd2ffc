namespace Ueq;

/// <summary>What a calibrated regression model says of one row.</summary>
/// <param name="Value">The prediction.</param>
/// <param name="Interval">The interval at the level that was asked for.</param>
public readonly record struct IntervalPrediction(double Value, Interval Interval);

/// <summary>What a calibrated classification model says of one row.</summary>
/// <param name="Label">The most probable class.</param>
/// <param name="Labels">The classes that remain possible at the level that was asked for, in rising order.</param>
/// <param name="Probabilities">The probability of each class.</param>
public sealed record LabelPrediction(int Label, IReadOnlyList<int> Labels, IReadOnlyList<double> Probabilities);

/// <summary>Predictions as new arrays, for those who need no spans of their own.</summary>
public static class Predictions
{
    /// <summary>One prediction and interval per row.</summary>
    public static IntervalPrediction[] Predict(this IIntervalPredictor model, FeatureMatrix x, Coverage coverage)
    {
        ArgumentNullException.ThrowIfNull(model);
        double[] values = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, coverage, values, intervals);
        IntervalPrediction[] rows = new IntervalPrediction[x.Rows];
        for (int i = 0; i < rows.Length; i++) rows[i] = new IntervalPrediction(values[i], intervals[i]);
        return rows;
    }

    /// <summary>One label set per row.</summary>
    public static LabelPrediction[] Predict(this ILabelSetPredictor model, FeatureMatrix x, Coverage coverage)
    {
        ArgumentNullException.ThrowIfNull(model);
        int classes = model.Classes;
        double[] probabilities = new double[x.Rows * classes];
        ulong[] sets = new ulong[x.Rows * LabelSet.WordsFor(classes)];
        model.Predict(x, coverage, probabilities, sets);
        LabelPrediction[] rows = new LabelPrediction[x.Rows];
        for (int i = 0; i < rows.Length; i++)
        {
            LabelSet set = LabelSet.At(sets, i, classes);
            List<int> labels = new(set.Count);
            for (int label = 0; label < classes; label++)
                if (set.Contains(label)) labels.Add(label);
            double[] row = probabilities.AsSpan(i * classes, classes).ToArray();
            rows[i] = new LabelPrediction(Array.IndexOf(row, row.Max()), labels, row);
        }

        return rows;
    }
}

using Ueq.Conformal;

namespace Ueq.Online;

/// <summary>The level that answers are made at in adaptive conformal inference: a coverage, or what lies beyond its ends.</summary>
/// <param name="Miss">1 − coverage; at or below 0 answers are unbounded, at or above 1 empty.</param>
public readonly record struct OnlineLevel(double Miss)
{
    // A coverage is a decimal of fifteen digits: nearer to its ends there is none.
    private const double Least = 1e-15, Most = 1 - 1e-15;

    /// <summary>Whether answers hold every value.</summary>
    public bool IsUnbounded => Miss <= Least;

    /// <summary>Whether answers hold no value.</summary>
    public bool IsEmpty => Miss >= Most;

    /// <summary>The share of cases that answers are made for: 1 − miss, within 0 and 1.</summary>
    public double Share => IsUnbounded ? 1 : IsEmpty ? 0 : (double)(1m - (decimal)Miss);

    /// <summary>Writes a model's predictions and its intervals at this level.</summary>
    /// <param name="model">Any calibrated regression.</param>
    /// <param name="x">Rows × features.</param>
    /// <param name="predictions">One per row.</param>
    /// <param name="intervals">One per row; all unbounded or all empty beyond the ends.</param>
    public void Predict(IIntervalPredictor model, FeatureMatrix x, Span<double> predictions, Span<Interval> intervals)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Predict(x, Within, predictions, intervals);
        if (IsUnbounded) intervals.Fill(Interval.Unbounded);
        else if (IsEmpty) intervals.Fill(Interval.Empty);
    }

    /// <summary>Writes a model's probabilities and its label sets at this level.</summary>
    /// <param name="model">Any calibrated classification.</param>
    /// <param name="x">Rows × features.</param>
    /// <param name="probabilities">Rows × classes.</param>
    /// <param name="sets">One packed set per row; beyond the ends all have every label, or none.</param>
    public void Predict(ILabelSetPredictor model, FeatureMatrix x, Span<double> probabilities, Span<ulong> sets)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Predict(x, Within, probabilities, sets);
        if (IsEmpty) sets.Clear();
        if (!IsUnbounded) return;
        int words = LabelSet.WordsFor(model.Classes), rest = model.Classes & 63;
        sets.Fill(ulong.MaxValue);
        if (rest == 0) return;
        for (int last = words - 1; last < sets.Length; last += words) sets[last] = (1UL << rest) - 1;
    }

    /// <summary>The interval of a band at this level.</summary>
    internal Interval Apply(IntervalCalibration calibration, Band band) =>
        IsUnbounded ? Interval.Unbounded : IsEmpty ? Interval.Empty : calibration.Apply(band, new Coverage(Share));

    // Predictions are the same at any coverage.
    private Coverage Within => IsUnbounded || IsEmpty ? default : new Coverage(Share);
}

using Ueq.Versions;

namespace Ueq.MLNet;

/// <summary>A classification model fitted by ML.NET, by a trainer of ours or in a pipeline of a file. Immutable and safe to share between threads.</summary>
/// <remarks>
/// Two classes are one model of the second class; more are one model per class, normalised to sum 1, or one model of all. A class that
/// was absent from the training rows has probability 0. Nothing is allocated per row.
/// </remarks>
public sealed class MLNetClassifier : IClassPredictor, IStoredPredictor
{
    private readonly Fitted _fitted;
    private readonly int[] _present;

    /// <param name="fitted">Models of the classes that are present.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="present">Indices of the classes that occurred among the training rows, ascending.</param>
    internal MLNetClassifier(Fitted fitted, int classes, int[] present)
    {
        _fitted = fitted;
        _present = present;
        Classes = classes;
    }

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _fitted.Width;

    /// <summary>Whether a feature may be NaN.</summary>
    public bool AcceptsMissing => _fitted.AcceptsMissing;

    /// <inheritdoc/>
    public string Format => MLNetFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or a feature that it does not accept.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not a finite number.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        const int OnStack = 128;
        Inputs.CheckLength(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, $"places, {Classes} per row");
        _fitted.Check(x);
        probabilities.Clear();
        int outputs = _fitted.Output == OutputKind.Probabilities ? _present.Length : _fitted.Slots.Count;
        Span<double> scores = outputs <= OnStack ? stackalloc double[OnStack] : new double[outputs];
        scores = scores[..outputs];
        Scorer scorer = _fitted.Rent();
        for (int i = 0; i < x.Rows; i++)
        {
            scorer.Score(x.Row(i), scores);
            Spread(scores, probabilities.Slice(i * Classes, Classes), i);
        }

        _fitted.Return(scorer);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) =>
        StoredModel.Write(destination, new StoredModel.Header(0, 1, Classes, _present), _fitted);

    private void Spread(ReadOnlySpan<double> scores, Span<double> row, int index)
    {
        if (_present.Length == 1)
        {
            row[_present[0]] = 1;
            return;
        }

        // Indicator forests may leave [0, 1] by a rounding error.
        foreach (double score in scores)
            if (!double.IsFinite(score)) throw Inputs.NotFinite(score, index);
        _fitted.Pipeline?.CheckProbabilities(scores, index);
        if (scores.Length == 1)
        {
            double second = Math.Clamp(scores[0], 0, 1);
            row[_present[0]] = 1 - second;
            row[_present[1]] = second;
            return;
        }

        double sum = 0;
        for (int k = 0; k < scores.Length; k++) sum += Math.Max(scores[k], 0);
        // Every model says no: nothing is known, each class is as likely as another.
        for (int k = 0; k < scores.Length; k++) row[_present[k]] = sum > 0 ? Math.Max(scores[k], 0) / sum : 1.0 / scores.Length;
    }
}

using System.Numerics.Tensors;

namespace Ueq.Monitoring;

/// <summary>Confidence-based performance estimation (CBPE): what calibrated probabilities say about their own accuracy, without labels.</summary>
/// <remarks>
/// A prediction of a class with calibrated probability p is right with probability p, so the expected confusion matrix of rows needs
/// no labels (NannyML's CBPE). Probabilities are recalibrated on the reference, one class against the rest by isotonic regression,
/// where that lowers the calibration error on rows it was not fitted on. Immutable and thread-safe.
/// </remarks>
public sealed class ClassEstimator
{
    private const int Folds = 10;
    private const int ErrorBins = 10;

    private readonly IsotonicSteps?[] _steps;
    private readonly double _referenceError;

    internal ClassEstimator(int classes, IsotonicSteps?[] steps, double referenceError, int referenceRows, double referenceAccuracy)
    {
        Classes = classes;
        _steps = steps;
        _referenceError = referenceError;
        ReferenceRows = referenceRows;
        ReferenceAccuracy = referenceAccuracy;
    }

    /// <summary>Number of classes, two or more.</summary>
    public int Classes { get; }

    /// <summary>Number of rows it has learned from.</summary>
    public int ReferenceRows { get; }

    /// <summary>Share of the rows it has learned from whose most probable class was the true one.</summary>
    public double ReferenceAccuracy { get; }

    internal (IReadOnlyList<IsotonicSteps?> Steps, double ReferenceError) Parts => (_steps, _referenceError);

    /// <summary>Reads an estimator that <see cref="Save"/> has written.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another kind: names the place.</exception>
    public static ClassEstimator Restore(Stream source) => EstimatorFile.ReadClasses(source);

    /// <summary>Writes it as JSON.</summary>
    public void Save(Stream destination) => EstimatorFile.Write(destination, this);

    /// <summary>Whether the probabilities of a class are corrected before they are believed.</summary>
    public bool Corrects(int label)
    {
        if ((uint)label >= (uint)Classes) Throw.OutOfRange(nameof(label), label, $"a class index from 0 to {Classes - 1}");
        return _steps[label] is not null;
    }

    /// <summary>Learns how far probabilities can be believed from rows the model was not fitted on.</summary>
    /// <param name="probabilities">Rows × classes, row after row.</param>
    /// <param name="classes">Number of classes, two or more.</param>
    /// <param name="labels">The true class of each row.</param>
    /// <exception cref="ArgumentException">The lengths do not agree, or there are fewer than 20 rows.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A probability is outside [0, 1], or a label is no class; names the row.</exception>
    public static ClassEstimator From(ReadOnlySpan<double> probabilities, int classes, ReadOnlySpan<int> labels)
    {
        if (classes < 2) Throw.OutOfRange(nameof(classes), classes, "two classes or more");
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)labels.Length * classes, "probabilities, rows × classes");
        if (labels.Length < 2 * Folds) throw new ArgumentException($"Expected {2 * Folds} rows or more, got {labels.Length}.", nameof(labels));
        Check(probabilities, classes);
        for (int row = 0; row < labels.Length; row++)
            if ((uint)labels[row] >= (uint)classes) Throw.OutOfRange(nameof(labels), labels[row], $"a class index from 0 to {classes - 1} at row {row}");

        IsotonicSteps?[] steps = new IsotonicSteps?[classes];
        double[] p = new double[labels.Length], y = new double[labels.Length];
        // Of two classes one says all; the other is what is left.
        for (int label = classes == 2 ? 1 : 0; label < classes; label++)
        {
            for (int row = 0; row < p.Length; row++) (p[row], y[row]) = (probabilities[row * classes + label], labels[row] == label ? 1 : 0);
            if (Helps(p, y)) steps[label] = IsotonicSteps.Fit(p, y);
        }

        ClassEstimator estimator = new(classes, steps, 0, labels.Length, 0);
        double squares = 0, right = 0;
        double[] row1 = new double[classes];
        for (int row = 0; row < labels.Length; row++)
        {
            ReadOnlySpan<double> claimed = probabilities.Slice(row * classes, classes);
            if (TensorPrimitives.IndexOfMax(claimed) == labels[row]) right++;
            estimator.Believe(claimed, row1);
            double top = row1.Max();
            squares += top * (1 - top);
        }

        return new(classes, steps, Math.Sqrt(squares) / labels.Length, labels.Length, right / labels.Length);
    }

    /// <summary>The estimate for rows without labels.</summary>
    /// <param name="probabilities">Rows × classes, row after row.</param>
    /// <param name="predictions">The class that was answered for each row.</param>
    /// <exception cref="ArgumentException">The lengths do not agree, or there is no row.</exception>
    public ClassEstimate Estimate(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> predictions)
    {
        Throw.IfDifferent(nameof(probabilities), probabilities.Length, (long)predictions.Length * Classes, "probabilities, rows × classes");
        if (predictions.IsEmpty) throw new ArgumentException("Expected one row or more, got none.", nameof(predictions));
        Check(probabilities, Classes);
        int rows = predictions.Length;
        double[] believed = new double[Classes], raw = new double[rows], positive = new double[rows];
        double right = 0, variance = 0, truePositives = 0, falsePositives = 0, falseNegatives = 0;
        for (int row = 0; row < rows; row++)
        {
            int predicted = predictions[row];
            if ((uint)predicted >= (uint)Classes) Throw.OutOfRange(nameof(predictions), predicted, $"a class index from 0 to {Classes - 1} at row {row}");
            Believe(probabilities.Slice(row * Classes, Classes), believed);
            right += believed[predicted];
            variance += believed[predicted] * (1 - believed[predicted]);
            raw[row] = probabilities[row * Classes + 1];
            positive[row] = believed[1];
            if (predicted == 1) truePositives += believed[1];
            if (predicted == 1) falsePositives += 1 - believed[1];
            else falseNegatives += believed[1];
        }

        bool two = Classes == 2;
        return new ClassEstimate(
            LabelFreeAssumption.AssumesNoConceptShift, rows,
            new(right / rows, Math.Sqrt(variance / rows / rows + _referenceError * _referenceError)),
            two ? Area(raw, positive) : new(double.NaN, double.NaN),
            two ? truePositives / (truePositives + falsePositives) : double.NaN,
            two ? truePositives / (truePositives + falseNegatives) : double.NaN,
            two ? 2 * truePositives / (2 * truePositives + falsePositives + falseNegatives) : double.NaN);
    }

    private static void Check(ReadOnlySpan<double> probabilities, int classes)
    {
        for (int i = 0; i < probabilities.Length; i++)
            if (!(probabilities[i] is >= 0 and <= 1)) Throw.OutOfRange(nameof(probabilities), probabilities[i], $"a probability from 0 to 1 at row {i / classes}");
    }

    private void Believe(ReadOnlySpan<double> row, Span<double> believed)
    {
        if (Classes == 2)
        {
            believed[1] = _steps[1]?.Apply(row[1]) ?? row[1];
            believed[0] = 1 - believed[1];
            return;
        }

        double sum = 0;
        for (int label = 0; label < row.Length; label++) sum += believed[label] = _steps[label]?.Apply(row[label]) ?? row[label];
        for (int label = 0; label < row.Length; label++) believed[label] = sum > 0 ? believed[label] / sum : 1.0 / row.Length;
    }

    // The expected share of pairs that are in order; its error is that of Hanley and McNeil (1982).
    private static EstimatedFigure Area(double[] raw, double[] positive)
    {
        Array.Sort(raw, positive);
        double below = 0, pairs = 0, positives = 0, negatives = 0;
        for (int i = 0; i < raw.Length;)
        {
            double here = 0;
            int end = i;
            for (; end < raw.Length && raw[end] == raw[i]; end++) here += positive[end];
            double others = end - i - here;
            pairs += here * (below + others / 2);
            below += others;
            positives += here;
            negatives += others;
            i = end;
        }

        double area = pairs / (positives * negatives);
        if (!double.IsFinite(area)) return new(double.NaN, double.NaN);
        double both = area / (2 - area), twice = 2 * area * area / (1 + area);
        double variance = (area * (1 - area) + (positives - 1) * (both - area * area) + (negatives - 1) * (twice - area * area)) / (positives * negatives);
        return new(area, Math.Sqrt(Math.Max(variance, 0)));
    }

    // Folds go round by rows, so that each holds all times alike.
    private static bool Helps(double[] p, double[] y)
    {
        double[] corrected = new double[p.Length];
        for (int fold = 0; fold < Folds; fold++)
        {
            int[] fitted = [.. Enumerable.Range(0, p.Length).Where(i => i % Folds != fold)];
            IsotonicSteps steps = IsotonicSteps.Fit([.. fitted.Select(i => p[i])], [.. fitted.Select(i => y[i])]);
            for (int i = fold; i < p.Length; i += Folds) corrected[i] = steps.Apply(p[i]);
        }

        return CalibrationError(corrected, y) < CalibrationError(p, y);
    }

    private static double CalibrationError(double[] p, double[] y)
    {
        double[] sorted = [.. p], truths = [.. y];
        Array.Sort(sorted, truths);
        double error = 0;
        for (int bin = 0; bin < ErrorBins; bin++)
        {
            int from = (int)((long)bin * p.Length / ErrorBins), to = (int)((bin + 1L) * p.Length / ErrorBins);
            double gap = 0;
            for (int i = from; i < to; i++) gap += sorted[i] - truths[i];
            error += Math.Abs(gap);
        }

        return error / p.Length;
    }
}

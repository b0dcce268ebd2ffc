using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>An ONNX model that answers with a probability per class and row. Immutable and safe to share between threads.</summary>
/// <remarks>
/// Probabilities come as a tensor [rows, classes], as one column with the probability of the second of two classes, or as a sequence of
/// maps, as scikit-learn's exporter writes; the last is slower, since every row is an object of ONNX Runtime.
/// </remarks>
public sealed class OnnxClassifier : IClassPredictor, IStoredPredictor
{
    private readonly Runner _runner;
    private readonly OnnxClassValues _values;
    private readonly StoredOptions _stored;
    private readonly int _width;

    /// <summary>A predictor over a model.</summary>
    /// <exception cref="InvalidDataException">The model's inputs or outputs are not those of a classification, or it answers with labels only.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model, or the model leaves a choice to them.</exception>
    public OnnxClassifier(OnnxModel model, OnnxClassificationOptions? options = null)
    {
        options ??= new();
        if (!Enum.IsDefined(options.Values)) throw new ArgumentOutOfRangeException(nameof(options), options.Values, $"Expected a kind of values, got {options.Values}.");
        _runner = Outputs.Classes(model, options);
        _values = options.Values;
        TriedOutput output = _runner.Outputs[0];
        _width = output.Width;
        Classes = output.Labels is null ? Math.Max(2, _width) : _width;
        if (Classes < 2) throw new InvalidDataException($"{_runner.Source}: expected two classes or more from the output '{output.Name}', got {Classes}.");
        Labels = output.Labels ?? ClassLabels.Of(model, Classes);
        _stored = StoredOptions.From(options) with { Output = output.Name, Classes = Classes, Values = _values };
    }

    /// <summary>The model behind it.</summary>
    public OnnxModel Model => _runner.Model;

    /// <inheritdoc/>
    public int Classes { get; }

    /// <summary>The model's own names of the classes in their order, where it tells them.</summary>
    /// <remarks>It tells them by maps, by the attributes of its classifier, or by an entry <c>class_names</c> of its metadata: a JSON list or names with commas between.</remarks>
    public IReadOnlyList<string>? Labels { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Plan.Width;

    /// <inheritdoc/>
    public string Format => OnnxFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or a feature that it does not accept.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not a finite number.</exception>
    /// <exception cref="InvalidDataException">The model answers with something that is no probability.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Inputs.CheckLength(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, $"places, {Classes} per row");
        _runner.Check(x);
        Worker worker = _runner.Rent();
        for (int start = 0; start < x.Rows; start += _runner.Rows)
        {
            int rows = Math.Min(_runner.Rows, x.Rows - start);
            worker.Run(x, start, rows);
            Span<double> part = probabilities.Slice(start * Classes, rows * Classes);
            worker.ReadRows(part[..(rows * _width)]);
            if (_width != Classes) SpreadOut(part, rows);
        }

        _runner.Return(worker);
        for (int i = 0; i < x.Rows; i++) Finish(probabilities.Slice(i * Classes, Classes), i);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredModel.Write(destination, _stored, Model.Bytes);

    // From the last row to the first, since a row grows over the next one's place.
    private void SpreadOut(Span<double> part, int rows)
    {
        for (int i = rows - 1; i >= 0; i--)
        {
            double second = part[i];
            part[2 * i] = _values == OnnxClassValues.Logits ? 0 : 1 - second;
            part[2 * i + 1] = second;
        }
    }

    private void Finish(Span<double> row, int index)
    {
        // What sums of single-precision numbers leave.
        const double Tolerance = 1e-3;
        double sum = 0, least = double.PositiveInfinity, most = double.NegativeInfinity;
        foreach (double value in row)
        {
            if (!double.IsFinite(value))
                throw new AssumptionException(Assumption.FiniteAnswers, $"Expected a finite answer of {_runner.Source} at row {index}, got {Inputs.Say(value)}.");
            (sum, least, most) = (sum + value, Math.Min(least, value), Math.Max(most, value));
        }

        if (_values == OnnxClassValues.Logits)
        {
            Softmax(row, most);
            return;
        }

        if (least < -Tolerance || Math.Abs(sum - 1) > Tolerance)
            throw new InvalidDataException($"{_runner.Source}: expected probabilities with the sum 1 from the output '{_runner.Outputs[0].Name}' at row {index}, got {Inputs.Say(least)} to {Inputs.Say(most)} with the sum {Inputs.Say(sum)}; if these are logits, say so in the options.");
        for (int k = 0; k < row.Length; k++) row[k] = Math.Clamp(row[k], 0, 1);
    }

    private static void Softmax(Span<double> row, double most)
    {
        double sum = 0;
        for (int k = 0; k < row.Length; k++) sum += row[k] = Math.Exp(row[k] - most);
        for (int k = 0; k < row.Length; k++) row[k] /= sum;
    }
}

using System.Buffers;
using System.Globalization;
using Ueq.Versions;

namespace Ueq.Remote;

/// <summary>A remote model that answers with a probability per class and row. Immutable and safe to share between threads.</summary>
/// <remarks>
/// One number per row is the probability of the second of two classes. Probabilities that sum to 1 up to rounding (0.001) are divided by their sum.
/// It is stored as its address.
/// </remarks>
public sealed class RemoteClassifier : IClassPredictor, IStoredPredictor, IRemotePredictor
{
    private const double Rounding = 1e-3;
    private readonly AnswerPlan _answers;
    private readonly string? _output;

    /// <summary>A predictor over a model, which stays the caller's to dispose.</summary>
    /// <param name="model">The model.</param>
    /// <param name="classes">Number of classes; 0: as the model's metadata say.</param>
    /// <param name="output">Name of the output; <c>null</c>: its only one of floating-point numbers.</param>
    /// <exception cref="InvalidDataException">The model's outputs are not those of a classification.</exception>
    /// <exception cref="ArgumentException">The model leaves a choice of outputs, the chosen one is not there, or the number of classes is neither told nor right.</exception>
    public RemoteClassifier(RemoteModel model, int classes = 0, string? output = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (classes is < 0 or 1) throw new ArgumentOutOfRangeException(nameof(classes), classes, $"Expected two classes or more, or 0, got {classes}.");
        Model = model;
        (_output, int width) = Choose(model, output);
        if (width is 1) width = 2;
        if (width < 0 && classes == 0) throw new ArgumentException("Expected the number of classes, since the model's metadata do not tell it.", nameof(classes));
        if (width > 0 && classes > 0 && width != classes) throw new ArgumentException($"Expected {width} classes, as the model's metadata tell, got {classes}.", nameof(classes));
        Classes = width > 0 ? width : classes;
        IsBinary = model.Outputs.FirstOrDefault(tensor => tensor.Name == _output) is { } told && AnswerPlan.RowWidth(told) == 1;
        _answers = AnswerPlan.Classes(model, _output, IsBinary ? 1 : Classes);
    }

    /// <summary>The model behind it.</summary>
    public RemoteModel Model { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => Model.Features;

    /// <inheritdoc/>
    public int Classes { get; }

    /// <inheritdoc/>
    public Uri Address => Model.Address;

    /// <inheritdoc/>
    public CircuitReading ReadCircuit() => Model.Wire.Reading;

    /// <inheritdoc/>
    public string Format => RemoteFormat.FormatName;

    private bool IsBinary { get; }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or one that JSON cannot write.</exception>
    /// <exception cref="RemoteModelException">The server does not answer.</exception>
    /// <exception cref="InvalidDataException">The server's answer has another shape.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is no probability, or with some that do not sum to 1.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Inputs.CheckLength(nameof(probabilities), probabilities.Length, (long)x.Rows * Classes, "places, rows × classes");
        Model.Plan.Check(x);
        int columns = _answers.Columns;
        double[] answers = ArrayPool<double>.Shared.Rent(x.Rows * columns);
        Model.Ask(x, _answers, answers.AsSpan(0, x.Rows * columns));
        for (int i = 0; i < x.Rows; i++)
        {
            Span<double> row = probabilities.Slice(i * Classes, Classes);
            double sum = 0;
            for (int k = 0; k < Classes; k++)
            {
                row[k] = !IsBinary ? answers[k * x.Rows + i] : k == 1 ? answers[i] : 1 - answers[i];
                if (!(row[k] >= -Rounding && row[k] <= 1 + Rounding)) throw NoProbability("a probability", row[k], i);
                row[k] = Math.Clamp(row[k], 0, 1);
                sum += row[k];
            }

            if (!(Math.Abs(sum - 1) <= Rounding)) throw NoProbability("probabilities with the sum 1", sum, i);
            foreach (ref double value in row) value /= sum;
        }

        ArrayPool<double>.Shared.Return(answers);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => RemoteFormat.Save(destination, Model, RemoteShape.Classes, [new RemoteOutput(_output, Classes)]);

    private AssumptionException NoProbability(string expected, double got, int row) =>
        new(Assumption.FiniteAnswers, string.Create(CultureInfo.InvariantCulture, $"Expected {expected} of {Model.Wire.Place} at row {row}, got {got:R}."));

    private static (string? Name, int Width) Choose(RemoteModel model, string? name)
    {
        if (model.Outputs.Count == 0) return (name, -1);
        string found = string.Join(", ", model.Outputs.Select(output => output.Say()));
        RemoteTensor[] fitting = [.. model.Outputs.Where(output => name is null ? output.Datatype.StartsWith("FP", StringComparison.Ordinal) : output.Name == name)];
        if (fitting.Length == 0 && name is null) throw model.Wire.Wrong("an output of floating-point numbers for the probabilities", found);
        if (fitting.Length != 1) throw new ArgumentException($"Expected the name of one output for the probabilities, got {(name is null ? "none" : $"'{name}'")} of {found}.", nameof(name));
        int width = AnswerPlan.RowWidth(fitting[0]);
        return width == 0 ? throw model.Wire.Wrong("an output of the shape [-1, classes]", fitting[0].Say()) : (fitting[0].Name, width);
    }
}

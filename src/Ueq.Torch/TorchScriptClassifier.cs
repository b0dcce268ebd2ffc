using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>What the numbers of a classification module are.</summary>
public enum TorchClassValues
{
    /// <summary>Probabilities; one column is the probability of the second of two classes.</summary>
    Probabilities,

    /// <summary>Numbers whose softmax, or logistic function if there is one column, are the probabilities; their logarithms are such numbers too.</summary>
    Logits,
}

/// <summary>A TorchScript module that answers with a probability per class and row. Immutable and safe to share between threads.</summary>
/// <remarks>In evaluation, whatever it was saved in. Dispose when no thread predicts any more.</remarks>
public sealed class TorchScriptClassifier : IClassPredictor, IStoredPredictor, IDisposable
{
    // What sums of single-precision numbers leave.
    private const double Tolerance = 1e-3;

    private readonly ScriptRunner _runner;

    internal TorchScriptClassifier(ScriptRunner runner, TorchClassValues values) => (_runner, Values) = (runner, values);

    /// <inheritdoc/>
    public int Classes => Math.Max(2, _runner.Outputs);

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Features;

    /// <summary>What the module's numbers are.</summary>
    public TorchClassValues Values { get; }

    /// <inheritdoc/>
    public string Format => TorchScriptFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">The module answers with something that is not finite.</exception>
    /// <exception cref="InvalidDataException">The module answers with something that is no probability.</exception>
    public void Predict(FeatureMatrix x, Span<double> probabilities)
    {
        Inputs.CheckBatch(x, Features, nameof(probabilities), probabilities.Length, Classes);
        foreach ((int start, int rows) in ScriptRunner.Chunks(x.Rows))
        {
            float[] output = _runner.Forward(x.Slice(start, rows));
            Inputs.CheckAnswers(output, _runner.Outputs, start, _runner.Source.Place);
            for (int i = 0; i < rows; i++)
            {
                Span<double> row = probabilities.Slice((start + i) * Classes, Classes);
                Spread(output.AsSpan(i * _runner.Outputs, _runner.Outputs), row);
                if (Values == TorchClassValues.Logits) Softmax(row);
                else if (!AreProbabilities(row)) throw NoProbabilities(row.ToArray(), start + i);
                else for (int k = 0; k < row.Length; k++) row[k] = Math.Clamp(row[k], 0, 1);
            }
        }
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredScript.Write(
        destination, new StoredScript { Kind = ScriptKind.Classifier, Features = Features, Outputs = _runner.Outputs, Values = Values }, _runner.Source.Content);

    /// <summary>Releases the module.</summary>
    public void Dispose() => _runner.Dispose();

    /// <summary>What a module's numbers look like: probabilities where all of them can be.</summary>
    internal static TorchClassValues Guess(ReadOnlySpan<float> output, int outputs)
    {
        double[] row = new double[Math.Max(2, outputs)];
        for (int start = 0; start < output.Length; start += outputs)
        {
            for (int k = 0; k < outputs; k++) row[k] = output[start + k];
            if (outputs == 1) row[1] = 1 - row[0];
            if (!AreProbabilities(row)) return TorchClassValues.Logits;
        }

        return TorchClassValues.Probabilities;
    }

    private void Spread(ReadOnlySpan<float> output, Span<double> row)
    {
        if (output.Length == 1) (row[0], row[1]) = (Values == TorchClassValues.Logits ? 0 : 1 - (double)output[0], output[0]);
        else for (int k = 0; k < row.Length; k++) row[k] = output[k];
    }

    private static bool AreProbabilities(ReadOnlySpan<double> row)
    {
        double sum = 0;
        foreach (double value in row)
        {
            if (!(value >= -Tolerance)) return false;
            sum += value;
        }

        return Math.Abs(sum - 1) <= Tolerance;
    }

    private InvalidDataException NoProbabilities(double[] row, int index) => new(
        $"{_runner.Source.Place}: expected probabilities with the sum 1 at row {index}, got {Inputs.Say(row.Min())} to {Inputs.Say(row.Max())} with the sum {Inputs.Say(row.Sum())}; if these are logits, say so.");

    private static void Softmax(Span<double> row)
    {
        double most = double.NegativeInfinity, sum = 0;
        foreach (double value in row) most = Math.Max(most, value);
        for (int k = 0; k < row.Length; k++) sum += row[k] = Math.Exp(row[k] - most);
        for (int k = 0; k < row.Length; k++) row[k] /= sum;
    }
}

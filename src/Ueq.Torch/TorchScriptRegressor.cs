using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>A TorchScript module that answers with one number per row. Immutable and safe to share between threads.</summary>
/// <remarks>In evaluation, whatever it was saved in; rows are float32, N × features, some thousand at a time. Dispose when no thread predicts any more.</remarks>
public sealed class TorchScriptRegressor : IPointPredictor, IStoredPredictor, IDisposable
{
    private readonly ScriptRunner _runner;

    internal TorchScriptRegressor(ScriptRunner runner) => _runner = runner;

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Features;

    /// <inheritdoc/>
    public string Format => TorchScriptFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">The module answers with something that is not finite.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Inputs.CheckBatch(x, Features, nameof(destination), destination.Length, 1);
        foreach ((int start, int rows) in ScriptRunner.Chunks(x.Rows))
        {
            float[] output = _runner.Forward(x.Slice(start, rows));
            Inputs.CheckAnswers(output, 1, start, _runner.Source.Place);
            for (int i = 0; i < rows; i++) destination[start + i] = output[i];
        }
    }

    /// <inheritdoc/>
    public void Save(Stream destination) =>
        StoredScript.Write(destination, new StoredScript { Kind = ScriptKind.Regressor, Features = Features }, _runner.Source.Content);

    /// <summary>Releases the module.</summary>
    public void Dispose() => _runner.Dispose();
}

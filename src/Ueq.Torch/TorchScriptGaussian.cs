using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>A TorchScript module that answers with a mean and the variance of the noise per row. Immutable and safe to share between threads.</summary>
/// <remarks>
/// In evaluation, whatever it was saved in. Not an interval with a guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>). Dispose
/// when no thread predicts any more.
/// </remarks>
public sealed class TorchScriptGaussian : IGaussianPredictor, IPointPredictor, IStoredPredictor, IDisposable
{
    private readonly ScriptRunner _runner;

    internal TorchScriptGaussian(ScriptRunner runner, TorchHead head) => (_runner, Head) = (runner, head);

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Features;

    /// <summary>What the two columns are.</summary>
    public TorchHead Head { get; }

    /// <inheritdoc/>
    public string Format => TorchScriptFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">The module answers with something that is not finite, or with a negative variance.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Inputs.CheckBatch(x, Features, mean.Length, sigma.Length);
        foreach ((int start, int rows) in ScriptRunner.Chunks(x.Rows))
        {
            float[] output = _runner.Forward(x.Slice(start, rows));
            Inputs.CheckAnswers(output, 2, start, _runner.Source.Place);
            for (int i = 0; i < rows; i++) (mean[start + i], sigma[start + i]) = Read(output[2 * i], output[2 * i + 1], start + i);
        }
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Predict(x, destination, new double[x.Rows]);

    /// <inheritdoc/>
    public void Save(Stream destination) =>
        StoredScript.Write(destination, new StoredScript { Kind = ScriptKind.Gaussian, Features = Features, Head = Head }, _runner.Source.Content);

    /// <summary>Releases the module.</summary>
    public void Dispose() => _runner.Dispose();

    private (double Mean, double Sigma) Read(float mean, float raw, int row)
    {
        double variance = Heads.Variance(Head, raw);
        if (variance < 0)
            throw new AssumptionException(Assumption.FiniteAnswers,
                $"Expected a variance of {_runner.Source.Place} at row {row}, got {Inputs.Say(variance)}; if the second column is its logarithm or comes before a softplus, say so by the head.");
        double sigma = Math.Sqrt(variance);
        Inputs.CheckAnswer(mean, sigma, row);
        return (mean, Mixture.Positive(sigma, mean));
    }
}

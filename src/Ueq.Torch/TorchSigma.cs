using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>The standard deviation of a Gaussian model as a model of its own, which can stand in a version as the difficulty.</summary>
public sealed class TorchSigma : IPointPredictor, IStoredPredictor
{
    private readonly Action<Stream> _save;

    internal TorchSigma(DeepEnsemble model) => (Model, Format, _save) = (model, model.Format, model.Save);

    internal TorchSigma(McDropout model) => (Model, Format, _save) = (model, model.Format, model.Save);

    /// <summary>The model whose standard deviation it is.</summary>
    public IGaussianPredictor Model { get; }

    /// <inheritdoc/>
    public string Format { get; }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Model.Predict(x, new double[x.Rows], destination);

    /// <inheritdoc/>
    public void Save(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        destination.Write(Stored.SigmaMagic);
        _save(destination);
    }
}

using Ueq.MLNet.Pipelines;
using Ueq.Versions;

namespace Ueq.MLNet;

/// <summary>How models of ML.NET are read back.</summary>
public sealed class MLNetFormat : IPredictorFormat
{
    internal const string FormatName = "mlnet";

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public IStoredPredictor Load(Stream source)
    {
        byte version = StoredModel.ReadVersion(source);
        if (version == StoredPipeline.Version) return StoredPipeline.Read(source);
        (StoredModel.Header header, Fitted fitted) = StoredModel.Read(source, version);
        return header.Classes == 0
            ? new MLNetRegressor(fitted, header.Offset, header.Scale)
            : new MLNetClassifier(fitted, header.Classes, header.Present);
    }
}

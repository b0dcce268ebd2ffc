using Ueq.Versions;

namespace Ueq.MLNet;

/// <summary>How models of ML.NET are read back.</summary>
public sealed class MLNetFormat : IPredictorFormat
{
    internal const string FormatName = "mlnet";

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or holds a classification model.</exception>
    public IPointPredictor LoadPoint(Stream source)
    {
        (StoredModel.Header header, Fitted fitted) = StoredModel.Read(source);
        if (header.Classes > 0) throw new InvalidDataException($"Expected a regression model, got a classification of {header.Classes} classes.");
        return new MLNetRegressor(fitted, header.Offset, header.Scale);
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged, of another kind, or holds a regression model.</exception>
    public IClassPredictor LoadClasses(Stream source)
    {
        (StoredModel.Header header, Fitted fitted) = StoredModel.Read(source);
        if (header.Classes == 0) throw new InvalidDataException("Expected a classification model, got a regression.");
        return new MLNetClassifier(fitted, header.Classes, header.Present);
    }
}

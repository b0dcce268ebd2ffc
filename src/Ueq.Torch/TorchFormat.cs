using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>How models of our own perceptrons are read back: numbers in a format of our own, no pickle, no TorchScript.</summary>
public sealed class TorchFormat : IPredictorFormat
{
    internal const string FormatName = "torch";

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public IStoredPredictor Load(Stream source) => Stored.Read(source);
}

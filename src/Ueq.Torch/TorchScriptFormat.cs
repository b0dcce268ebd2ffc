using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>How TorchScript models are read back from a model version. A TorchScript file is a program: hand it to a loader only for versions that you trust.</summary>
/// <remarks>
/// Reading a version runs what it brings, with Torch's operators, which read and write memory and files. The seal of a version tells that nothing
/// was changed since it was written, not who wrote it. <see cref="TorchFormat"/> reads numbers alone and asks for no such trust.
/// </remarks>
public sealed class TorchScriptFormat : IPredictorFormat
{
    internal const string FormatName = "torchscript";

    private readonly string _device;

    /// <summary>A format whose models run on a device.</summary>
    /// <param name="device">cpu, cuda or cuda:N.</param>
    public TorchScriptFormat(string device = "cpu")
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(device);
        _device = device;
    }

    /// <inheritdoc/>
    public string Name => FormatName;

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">The file is damaged or of another kind.</exception>
    public IStoredPredictor Load(Stream source) => StoredScript.Read(source, _device);
}

using Ueq.MLNet;
using Ueq.Onnx;
using Ueq.Torch;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>The frameworks whose stored models the command reads.</summary>
internal static class Formats
{
    /// <summary>What the adapter rooms read. A TorchScript file is a program: whoever serves a version with one trusts where it came from.</summary>
    public static IReadOnlyList<IPredictorFormat> All { get; } = [new MLNetFormat(), new OnnxFormat(), new TorchFormat(), new TorchScriptFormat()];
}

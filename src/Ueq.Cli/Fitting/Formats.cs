using Ueq.MLNet;
using Ueq.Onnx;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>The frameworks whose stored models the command reads.</summary>
internal static class Formats
{
    /// <summary>One format per adapter room.</summary>
    public static IReadOnlyList<IPredictorFormat> All { get; } = [new MLNetFormat(), new OnnxFormat()];
}

namespace Ueq.Onnx;

/// <summary>What a model file does not say of itself, or says otherwise than it is meant.</summary>
public sealed record OnnxFileOptions
{
    /// <summary>What the model answers. Default: read off its outputs.</summary>
    public OnnxKind? Kind { get; init; }

    /// <summary>The outputs that are read, in the order of the kind: prediction; lower and upper quantile; mean and spread; probabilities. Default: read off their names.</summary>
    public IReadOnlyList<OnnxOutput> Outputs { get; init; } = [];

    /// <summary>What the spread is. Default: read off its name, or else the variance.</summary>
    public OnnxSpread? SpreadIs { get; init; }

    /// <summary>What the numbers of classes are. Default: read off the name of the output and what computes it.</summary>
    public OnnxClassValues? Values { get; init; }

    /// <summary>Names of the features in the model's order. Default: what the model says.</summary>
    public IReadOnlyList<string>? ModelFeatures { get; init; }

    /// <summary>Number of passes of MC dropout, 2 to 100,000. Default: 50.</summary>
    public int Passes { get; init; } = 50;

    /// <summary>Standard deviation of the noise that MC dropout adds, 0 to 10³⁰⁰. Default: 0.</summary>
    public double Noise { get; init; }

    /// <summary>Seed of the masks of MC dropout. Default: 0.</summary>
    public ulong Seed { get; init; }

    /// <summary>How ONNX Runtime is to run the model. Default: on one thread.</summary>
    public OnnxSessionOptions Session { get; init; } = new();
}

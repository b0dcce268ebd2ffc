using Ueq.Onnx;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>An ONNX model.</summary>
internal sealed class OnnxFile : ModelFile
{
    private readonly OnnxModelFile _file;

    public OnnxFile(string path, FileHints hints)
        : base(path)
    {
        OnnxFileOptions options = new()
        {
            Kind = hints.IsDropout ? OnnxKind.Dropout : hints.Score switch
            {
                "absolute" => OnnxKind.Point,
                "normalised" => OnnxKind.Gaussian,
                "cqr" => OnnxKind.Quantiles,
                _ => null,
            },
        };
        try
        {
            _file = OnnxModelFile.Open(path, options);
        }
        catch (ArgumentException fault)
        {
            throw new UsageException($"{CommandLine.Plain(fault)} On the command line: --score absolute (one number), normalised (mean and spread) or cqr (two quantiles).");
        }
    }

    public override ModelTask? Task => _file.Task;

    public override IReadOnlyList<string>? ClassNames => _file.Classes;

    protected override FittedModel For(FeatureSchema schema, FeatureMatrix x, IReadOnlyList<string>? classes) => FittedModel.Of(_file.Predictor(schema));
}

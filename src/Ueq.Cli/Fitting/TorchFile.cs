using Ueq.Torch;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>A TorchScript module, which needs libtorch beside the tool. What it answers shows when it is tried on rows.</summary>
internal sealed class TorchFile(string path, FileHints hints) : ModelFile(path)
{
    public override ModelTask? Task => null;

    public override IReadOnlyList<string>? ClassNames => null;

    protected override FittedModel For(FeatureSchema schema, FeatureMatrix x, IReadOnlyList<string>? classes)
    {
        TorchScriptFile file = TorchScriptFile.Open(Path, x);
        return FittedModel.Of(classes is not null ? file.OpenClassifier() : Regression(file));
    }

    private object Regression(TorchScriptFile file)
    {
        if (hints.IsDropout) return file.OpenMcDropout();
        return (file.Outputs, hints.Score) switch
        {
            (_, "cqr") => throw new UsageException($"{Path}: --score cqr is not for TorchScript; use absolute, or normalised for a mean and a variance."),
            (1, "absolute") => file.OpenRegressor(),
            (1, "normalised") => file.OpenMcDropout(),
            (1, _) => file.HasDropout ? file.OpenMcDropout() : file.OpenRegressor(),
            (2, "normalised") => file.OpenGaussian(),
            (2, _) => throw new UsageException($"{Path} answers with 2 numbers a row: say --score normalised if they are a mean and a variance, or --task classification if they are two classes."),
            _ => throw new UsageException($"{Path} answers with {file.Outputs} numbers a row, and the target holds a quantity: expected 1, or 2 with --score normalised; --task classification if they are classes."),
        };
    }
}

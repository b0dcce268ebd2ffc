using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>A ML.NET model.</summary>
internal sealed class MLNetFile(string path, FileHints hints) : ModelFile(path)
{
    public override ModelTask? Task => null;

    public override IReadOnlyList<string>? ClassNames => null;

    protected override FittedModel For(FeatureSchema schema, IReadOnlyList<string>? classes) => throw new NotSupportedException(hints.Task);
}

using Ueq.MLNet;
using Ueq.Versions;

namespace Ueq.Cli.Fitting;

/// <summary>A pipeline that <c>mlContext.Model.Save</c> wrote.</summary>
internal sealed class MLNetFile : ModelFile
{
    private readonly MLNetModelFile _file;

    public MLNetFile(string path, FileHints hints)
        : base(path)
    {
        if (hints.IsDropout || hints.Score is "normalised" or "cqr")
            throw new UsageException($"{path}: a pipeline of ML.NET answers with one number; {(hints.IsDropout ? "--method mc_dropout" : $"--score {hints.Score}")} does not go with it.");
        _file = MLNetModelFile.Open(path);
    }

    public override ModelTask? Task => _file.Task;

    public override IReadOnlyList<string>? ClassNames => _file.Classes;

    protected override FittedModel For(FeatureSchema schema, FeatureMatrix x, IReadOnlyList<string>? classes) => FittedModel.Of(_file.Predictor(schema));
}

using Ueq.Conformal;
using Ueq.Torch;

namespace Ueq.Cli.Fitting;

/// <summary>The methods that fit networks, which need libtorch beside the tool.</summary>
internal static class Networks
{
    private const double Dropout = 0.1;

    public static ITrainer<IBandPredictor> Trainer(string method, FitSettings settings)
    {
        if (settings.Score is "absolute" or "cqr")
            throw new UsageException($"--score {settings.Score} does not go with {method}, whose intervals are wide where its σ is: use normalised, or leave --score out.");
        if (method == MethodNames.McDropout) return new GaussianTrainer(new McDropoutTrainer(new MlpOptions { Dropout = Dropout }));
        DeepEnsembleOptions options = new() { Threads = Environment.ProcessorCount };
        if (settings.Members is { } members) options = options with { Members = members };
        return new GaussianTrainer(new DeepEnsembleTrainer(new MlpOptions(), options));
    }
}

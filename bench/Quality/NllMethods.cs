using Ueq.Ensembles;
using Ueq.MLNet;
using Ueq.Torch;

namespace Ueq.Bench.Quality;

/// <summary>A method with the settings that hold-outs of training rows choose from; one setting is no choice.</summary>
/// <remarks>What is quick to fit is held against more divisions of the rows.</remarks>
internal sealed record NllMethod(string Name, int Divisions, IReadOnlyList<NllSetting> Settings);

/// <summary>A setting by name: the trainer for a number of training rows.</summary>
internal sealed record NllSetting(string Name, Func<int, ITrainer<IGaussianPredictor>> Trainer);

/// <summary>The methods of the table of likelihoods.</summary>
/// <remarks>
/// The protocol of the first two is that of Lakshminarayanan 2017: one hidden ReLU layer of 50 units, 40 epochs, 5 members. What it leaves open was
/// looked for on the training rows of split 0 alone, on ninths of them held out: Adam's step and its schedule, the rows of a step (a hundredth of all,
/// 8 to 64), the shape of the trees. The loss is the likelihood or β-NLL (Seitzer 2022), which the paper did not know. It is the same for all sets, but for the settings listed, of which the table's program
/// chooses for each set in the same way.
/// </remarks>
internal static class NllMethods
{
    private static readonly MlpOptions _design = new() { Hidden = [50] };

    public static readonly IReadOnlyList<NllMethod> All =
    [
        new("deep_ensemble", 4, [Ensemble(0, 0), Ensemble(0.5, 0), Ensemble(0, 0.1)]),
        new("mc_dropout", 10, [Dropout(0.005, 1), Dropout(0.02, 1), Dropout(0.02, 2), Dropout(0.05, 2)]),
        new("last_layer_laplace", 0, [new("", rows => new LaplaceTrainer(_design, Fit(rows)))]),
        new("cross_fitted_lightgbm", 4, [Trees(800, 8, 0.05, 1), Trees(800, 64, 0.03, 0.5)]),
    ];

    private static TorchFitOptions Fit(int rows) => new()
    {
        Epochs = 40,
        BatchRows = Math.Clamp(rows / 100, 8, 64),
        LearningRate = 0.01,
        Schedule = TorchSchedule.Cosine,
        HeldOut = 0,
        Patience = 40,
    };

    private static NllSetting Ensemble(double beta, double heldOut) => new(
        FormattableString.Invariant($"beta={beta} held_out={heldOut}"),
        rows => new DeepEnsembleTrainer(_design, new DeepEnsembleOptions { Members = 5, Fit = Fit(rows) with { Beta = beta, HeldOut = heldOut } }));

    // Twice the rows of a step go with twice the step.
    private static NllSetting Dropout(double share, int step) => new(
        FormattableString.Invariant($"dropout={share} step={0.01 * step}"),
        rows => new McDropoutTrainer(
            _design with { Dropout = share }, new McDropoutOptions { Passes = 200 },
            Fit(rows) with { Beta = 0.5, LearningRate = 0.01 * step, BatchRows = step * Fit(rows).BatchRows }));

    private static NllSetting Trees(int trees, int leaves, double step, double share) => new(
        FormattableString.Invariant($"leaves={leaves}"),
        _ => new CrossFittedGaussianTrainer(
            new MLNetRegressionTrainer(new LightGbmOptions { Trees = trees, Leaves = leaves, LearningRate = step, RowsPerLeaf = 2, FeatureShare = share }),
            new MLNetRegressionTrainer(new LightGbmOptions { Trees = 50, Leaves = 4, LearningRate = 0.1 }),
            new CrossFittedOptions { Folds = 10, Parallelism = 1 }));
}

using Ueq.Testing;

namespace Ueq.Torch.Tests;

/// <summary>The laws of models, trainers and formats, held against everything public that there is.</summary>
public sealed class LawTests
{
    private static readonly LinearTruth Truth = new([3, -2, 0], noise: 0.1);
    private static readonly TorchFitOptions Quick = new() { Epochs = 3 };
    private static readonly DeepEnsembleOptions Ensemble = new() { Members = 2, Fit = Quick };

    // Products of matrices add in another order when there is one row.
    private static readonly PredictorPromises Products = new() { Rounding = 1e-5 }, Places = new() { Rows = RowDependence.Place };

    private static readonly StoragePromises Few = new() { Places = 64 };

    private static readonly LawBook Book = LawBook.Of<TorchFormat>()
        .Stored(() => Deep().Fit(Sample().X, Sample().Y, 1), new TorchFormat(), Rows, Products)
        .Stored(() => Deep().Fit(Sample().X, Sample().Y, 1).Sigma, new TorchFormat(), Rows, Products)
        .Stored(() => Dropout().Fit(Sample().X, Sample().Y, 1), new TorchFormat(), Rows, Places)
        .Stored(() => Dropout().Fit(Sample().X, Sample().Y, 1).Sigma, new TorchFormat(), Rows, Places)
        .Stored(() => McDropout.OpenScript(Path.Combine(AppContext.BaseDirectory, "Scripts", "dropout.pt"), 3, new McDropoutOptions { Passes = 5 }), new TorchScriptFormat(), Rows, Places, Few)
        .Stored(() => Script("fitted.pt").OpenRegressor(), new TorchScriptFormat(), Rows, Products, Few)
        .Stored(() => Script("gaussian.pt").OpenGaussian(), new TorchScriptFormat(), Rows, Products, Few)
        .Stored(() => Script("logits.pt").OpenClassifier(), new TorchScriptFormat(), Rows, Products, Few)
        .Stored(() => Script("sigmoid_traced.pt").OpenClassifier(), new TorchScriptFormat(), Rows, Products, Few)
        .Stored(() => new LaplaceTrainer(new MlpOptions { Hidden = [8], Dropout = 0.1 }, Quick).Fit(Sample().X, Sample().Y, 1), new TorchFormat(), Rows, Products)
        .Trainer(Deep(), new DeepEnsembleTrainer(new MlpOptions { Hidden = [8] }, Ensemble with { Threads = 2 }), Sample)
        .Trainer(Dropout(), Sample)
        .Trainer(new LaplaceTrainer(new MlpOptions { Hidden = [8] }, Quick), Sample);

    public static TheoryData<Type> Types => [.. Book.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheLawsHold(Type type) => Book.Hold(type);

    private static TorchScriptFile Script(string name) => TorchScriptFile.Open(Path.Combine(AppContext.BaseDirectory, "Scripts", "pytorch", name), Rows());

    private static FeatureMatrix Rows() => Truth.Draw(60, 1).X;

    private static (FeatureMatrix X, double[] Y) Sample() => Truth.Draw(60, 2);

    private static DeepEnsembleTrainer Deep() => new(new MlpOptions { Hidden = [8] }, Ensemble);

    private static McDropoutTrainer Dropout() => new(new MlpOptions { Hidden = [8], Dropout = 0.2 }, new McDropoutOptions { Passes = 5 }, Quick);
}

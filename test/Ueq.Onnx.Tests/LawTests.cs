using Ueq.Testing;

namespace Ueq.Onnx.Tests;

/// <summary>The laws of models and formats, held against everything public that there is.</summary>
public sealed class LawTests
{
    // Products of matrices add in another order when there is one row; trees do not.
    private static readonly PredictorPromises Products = new() { Rounding = 1e-5 }, Trees = new(), Halves = new() { Rounding = 1e-3 };
    // MC dropout draws on from call to call, so that no call repeats another; McDropoutTests hold what it does promise.
    private static readonly PredictorPromises Draws = new() { Rows = RowDependence.Draws };
    private static readonly StoragePromises Few = new() { Places = 64 };
    private static readonly LawBook Book = Written();

    public static TheoryData<Type> Types => [.. Book.Types];

    [Theory]
    [MemberData(nameof(Types))]
    public void TheLawsHold(Type type) => Book.Hold(type);

    private static FeatureMatrix Regression() => Fixtures.Diabetes.X;

    private static FeatureMatrix Classification() => Fixtures.Iris.X;

    private static LawBook Written()
    {
        LawBook book = LawBook.Of<OnnxFormat>();
        foreach (string name in (string[])["linear", "double", "external", "batch-1", "batch-3", "hidden-batch", "forest", "boosting", "columns"])
        {
            book.Stored(
                () => new OnnxRegressor(Fixtures.Model(name), new() { Features = name == "columns" ? Fixtures.Diabetes.Features : null }),
                new OnnxFormat(), Regression, name is "forest" or "boosting" ? Trees : Products, Few);
        }

        foreach (string name in (string[])["classifier", "zipmap", "zipmap-text", "logistic", "binary"])
            book.Stored(() => new OnnxClassifier(Fixtures.Model(name)), new OnnxFormat(), Classification, Products, Few);
        foreach (string name in (string[])["dropout", "dropout-input", "dropout-1"])
            book.Stored(() => new OnnxMcDropout(Fixtures.Model(name), new() { Passes = 5 }), new OnnxFormat(), Regression, Draws, Few);
        return book
            .Stored(() => new OnnxRegressor(Fixtures.Model("half")), new OnnxFormat(), Regression, Halves, Few)
            .Stored(() => new OnnxQuantileRegressor(Fixtures.Model("quantile-pair")), new OnnxFormat(), Regression, Products, Few)
            .Stored(
                () => new OnnxQuantileRegressor(Fixtures.Model("quantile-columns"), new() { Lower = OnnxOutput.Named("quantiles", 2), Upper = OnnxOutput.Named("quantiles", 0) }),
                new OnnxFormat(), Regression, Products, Few)
            .Stored(() => new OnnxGaussianRegressor(Fixtures.Model("gaussian")), new OnnxFormat(), Regression, Products, Few);
    }
}

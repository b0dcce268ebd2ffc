using Ueq.Versions;

namespace Ueq.Onnx.Tests;

public sealed class ModelFileTests
{
    private static readonly FeatureSchema Diabetes = Schema(Fixtures.Diabetes.Features);
    private static readonly FeatureSchema Iris = Schema(Fixtures.Iris.Features);

    private static FeatureSchema Schema(IEnumerable<string> names) => new([.. names.Select(name => new FeatureColumn(name))]);

    private static OnnxModelFile File(string name, OnnxFileOptions? options = null) => OnnxModelFile.Open(Fixtures.File(name), options);

    [Theory]
    [InlineData("linear", OnnxKind.Point)]
    [InlineData("double", OnnxKind.Point)]
    [InlineData("half", OnnxKind.Point)]
    [InlineData("columns", OnnxKind.Point)]
    [InlineData("open-width", OnnxKind.Point)]
    [InlineData("forest", OnnxKind.Point)]
    [InlineData("quantile-pair", OnnxKind.Quantiles)]
    [InlineData("gaussian", OnnxKind.Gaussian)]
    [InlineData("classifier", OnnxKind.Classes)]
    [InlineData("zipmap", OnnxKind.Classes)]
    [InlineData("zipmap-text", OnnxKind.Classes)]
    [InlineData("logistic", OnnxKind.Classes)]
    [InlineData("logits", OnnxKind.Classes)]
    [InlineData("binary", OnnxKind.Classes)]
    [InlineData("binary-logit", OnnxKind.Classes)]
    [InlineData("linear-text", OnnxKind.Classes)]
    [InlineData("named-classes", OnnxKind.Classes)]
    [InlineData("dropout", OnnxKind.Dropout)]
    [InlineData("dropout-input", OnnxKind.Dropout)]
    [InlineData("dropout-heads", OnnxKind.Dropout)]
    [InlineData("dropout-plain", OnnxKind.Point)]
    public void AFileTellsWhatItsModelAnswers(string name, OnnxKind kind)
    {
        OnnxModelFile file = File(name);
        Assert.Equal(kind, file.Kind);
        Assert.Equal(kind == OnnxKind.Classes ? ModelTask.Classification : ModelTask.Regression, file.Task);
        IStoredPredictor predictor = file.Predictor(kind == OnnxKind.Classes ? Iris : Diabetes);
        Assert.Equal(kind, predictor switch
        {
            OnnxRegressor => OnnxKind.Point,
            OnnxQuantileRegressor => OnnxKind.Quantiles,
            OnnxGaussianRegressor => OnnxKind.Gaussian,
            OnnxClassifier => OnnxKind.Classes,
            _ => OnnxKind.Dropout,
        });
    }

    [Theory]
    [InlineData("zipmap", "0,1,2")]
    [InlineData("zipmap-text", "setosa,versicolor,virginica")]
    [InlineData("classifier", "0,1,2")]
    [InlineData("linear-integers", "3,5,8")]
    [InlineData("linear-text", "setosa,versicolor,virginica")]
    [InlineData("named-classes", "setosa,versicolor,virginica")]
    [InlineData("linear-renamed", null)]
    [InlineData("logistic", null)]
    public void AFileTellsTheNamesOfItsClassesWhereItKnowsThem(string name, string? classes)
    {
        OnnxModelFile file = File(name);
        Assert.Equal(classes?.Split(','), file.Classes);
        OnnxClassifier model = (OnnxClassifier)file.Predictor(Iris);
        Assert.Equal(classes?.Split(','), model.Labels);
        string expected = name is "zipmap" or "zipmap-text" or "classifier" ? "forest" : "logistic";
        Fixtures.Close(Fixtures.Iris.Flat(expected), Fixtures.Probabilities(model, Fixtures.Iris.X), Fixtures.Iris.Exactness);
    }

    [Theory]
    [InlineData("logits", "logistic")]
    [InlineData("binary-logit", "binary")]
    [InlineData("binary", "binary")]
    public void LogitsAreToldByTheirName(string name, string expected) =>
        Fixtures.Close(Fixtures.Iris.Flat(expected), Fixtures.Probabilities((OnnxClassifier)File(name).Predictor(Iris), Fixtures.Iris.X), Fixtures.Iris.Exactness);

    [Theory]
    [InlineData("linear")]
    [InlineData("reversed")]
    [InlineData("columns")]
    public void FeaturesAreFoundByTheirNames(string name)
    {
        string[] names = Fixtures.Diabetes.Features, shuffled = [.. names[5..], "more", .. names[..5]];
        FeatureMatrix x = Fixtures.Diabetes.X;
        float[] values = [.. Enumerable.Range(0, x.Rows).SelectMany(i => shuffled.Select(n => n == "more" ? 1e9f : x.Row(i)[Array.IndexOf(names, n)]))];
        OnnxModelFile file = File(name);
        Assert.Equal([.. names.Order()], file.Features!.Order());
        IPointPredictor model = (OnnxRegressor)file.Predictor(Schema(shuffled));
        Fixtures.Close(Fixtures.Diabetes.Flat("linear"), Fixtures.Predict(model, new FeatureMatrix(values, 11)), Fixtures.Diabetes.Exactness);
    }

    [Fact]
    public void CategoriesHaveTheNamesThatPandasGivesThem()
    {
        string[] names = Fixtures.Diabetes.Features;
        OnnxFileOptions options = new() { ModelFeatures = [.. names.Select((name, i) => i < 8 ? name : i == 8 ? "city_Bern" : "city_Rom")] };
        FeatureSchema schema = new([new FeatureColumn("city") { Categories = ["Rom", "Bern"] }, .. names[..8].Select(name => new FeatureColumn(name))]);
        float[] row = [1, 0, 1, 2, 3, 4, 5, 6, 7, 8], model = [1, 2, 3, 4, 5, 6, 7, 8, 0, 1];
        Assert.Equal(
            Fixtures.Predict(new OnnxRegressor(Fixtures.Model("external")), new FeatureMatrix(model, 10)),
            Fixtures.Predict((OnnxRegressor)File("external", options).Predictor(schema), new FeatureMatrix(row, 10)));
    }

    [Fact]
    public void TheSpreadIsReadOffItsName()
    {
        Expected data = Fixtures.Diabetes;
        OnnxFileOptions pair = new() { Kind = OnnxKind.Gaussian, Outputs = [OnnxOutput.Named("mean"), OnnxOutput.Named("sigma")], SpreadIs = OnnxSpread.StandardDeviation };
        double[] expected = [.. data.Flat("variance").Select(Math.Sqrt)];
        Fixtures.Close(expected, Fixtures.Predict((OnnxGaussianRegressor)File("gaussian-all", pair).Predictor(Diabetes), data.X).Sigma, 1e-3);
        Fixtures.Close(expected, Fixtures.Predict((OnnxGaussianRegressor)File("gaussian").Predictor(Diabetes), data.X).Sigma, 1e-3);
        var heads = Fixtures.Predict((IGaussianPredictor)(OnnxMcDropout)File("dropout-heads").Predictor(Diabetes), data.X).Sigma;
        Assert.All(heads.Zip(expected), both => Assert.InRange(both.First / both.Second, 0.5, 3));
    }

    [Fact]
    public void AMissingValueIsAllowedWhereTheDataAllowIt()
    {
        FeatureSchema schema = new([.. Fixtures.Diabetes.Features.Select(name => new FeatureColumn(name) { Missing = MissingValues.Allowed })]);
        float[] row = [float.NaN, .. Fixtures.Diabetes.X.Row(0)[1..]];
        Assert.True(double.IsFinite(Fixtures.Predict((OnnxRegressor)File("missing").Predictor(schema), new FeatureMatrix(row, 10))[0]));
        Fixtures.Says(
            Assert.Throws<ArgumentException>(() => Fixtures.Predict((OnnxRegressor)File("missing").Predictor(Diabetes), new FeatureMatrix(row, 10))), "row 0, column 0");
    }

    [Fact]
    public void OutputsThatTellNothingAskForAChoice()
    {
        Fixtures.Says(Assert.Throws<ArgumentException>(() => File("quantiles")), "quantiles.onnx", "'q0'", "'q2'", "choose a kind");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => File("gaussian-all")), "gaussian-all.onnx", "'variance'");
        OnnxFileOptions chosen = new() { Kind = OnnxKind.Point, Outputs = [OnnxOutput.Named("q1")] };
        double[] median = Fixtures.Predict((OnnxRegressor)File("quantiles", chosen).Predictor(Diabetes), Fixtures.Diabetes.X);
        Fixtures.Close(Fixtures.Diabetes.Column("quantiles", 1, 3), median, Fixtures.Diabetes.Exactness);
    }

    [Fact]
    public void FeaturesThatAreNotTheModelsAreNamed()
    {
        string[] names = Fixtures.Diabetes.Features;
        Fixtures.Says(Assert.Throws<ArgumentException>(() => File("linear").Predictor(Schema(names[1..]))), "linear.onnx", $"'{names[0]}'");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => File("external").Predictor(Schema(names[1..]))), "external.onnx", "expected 10 features", "got 9");
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => File("text", new() { Kind = OnnxKind.Classes, Outputs = [OnnxOutput.At(0)] }).Predictor(Schema(["city", "more"]))),
            "text.onnx", "'city' tensor(string)", "float, double, float16, int64 or int32", "texts");
    }

    [Fact]
    public void AKindThatTheModelIsNotIsInvalidData()
    {
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => File("labels").Predictor(Iris)), "labels.onnx", "probabilities", "'label' tensor(int64)");
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => File("logistic", new() { Kind = OnnxKind.Point }).Predictor(Iris)), "logistic.onnx", "got 3", "OnnxClassifier");
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => File("linear", new() { Kind = OnnxKind.Dropout }).Predictor(Diabetes)), "linear.onnx", "Dropout");
        IClassPredictor regression = (OnnxClassifier)File("linear", new() { Kind = OnnxKind.Classes, Values = OnnxClassValues.Probabilities }).Predictor(Diabetes);
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => Fixtures.Probabilities(regression, Fixtures.Diabetes.X)), "linear.onnx", "row 0", "probabilities");
    }
}

namespace Ueq.Onnx.Tests;

public sealed class ErrorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-onnx-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("boolean", "'B' tensor(bool)")]
    [InlineData("text", "'city' tensor(string)")]
    [InlineData("image", "'I' tensor(float) [?, 3, 8, 8]")]
    public void AnInputThatNoTableFitsIsNamedWithItsType(string model, string found)
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => new OnnxRegressor(Fixtures.Model(model)));
        Fixtures.Says(fault, $"{model}.onnx", "expected", found);
    }

    [Fact]
    public void ATypeThatTheRuntimeDoesNotKnowIsInvalidData()
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => new OnnxRegressor(Fixtures.Model("complex")));
        Fixtures.Says(fault, "complex.onnx");
    }

    [Fact]
    public void AnOutputWithoutRowsIsInvalidData()
    {
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => new OnnxRegressor(Fixtures.Model("pooled")));
        Fixtures.Says(fault, "pooled.onnx", "'Y'");
    }

    [Theory]
    [InlineData("labels", "tensor(int64)")]
    [InlineData("logistic", "got 3")]
    public void AClassifierHandedToARegressionMethodIsInvalidData(string model, string found) =>
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => new OnnxRegressor(Fixtures.Model(model))), $"{model}.onnx", found, "OnnxClassifier");

    [Theory]
    [InlineData("classifier")]
    [InlineData("zipmap")]
    public void LabelsAndProbabilitiesHandedToARegressionMethodAskForAChoice(string model) =>
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(Fixtures.Model(model))), $"{model}.onnx", "'label'", "OnnxClassifier");

    [Fact]
    public void LabelsAloneAreNoProbabilities() =>
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => new OnnxClassifier(Fixtures.Model("labels"))), "labels.onnx", "probabilities", "'label' tensor(int64)");

    [Fact]
    public void SeveralOutputsAskForAChoiceThatExists()
    {
        OnnxModel model = Fixtures.Model("quantiles");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(model)), "quantiles.onnx", "'q0'", "'q2'");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(model, new() { Output = OnnxOutput.Named("q9") })), "'q9'", "'q1'");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(model, new() { Output = OnnxOutput.At(3) })), "number 3");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(model, new() { Output = OnnxOutput.At(0, 1) })), "from 0 to 0", "got 1");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxQuantileRegressor(model)), "quantiles.onnx", "lower quantile");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxQuantileRegressor(model, new() { Lower = OnnxOutput.At(0) })), "or of none");
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxOutput.At(-1));
    }

    [Fact]
    public void NamesThatDoNotFitAreRefused()
    {
        string[] names = Fixtures.Diabetes.Features;
        OnnxModel silent = Fixtures.Model("external"), named = Fixtures.Model("linear");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(silent, new() { Features = names })), "external.onnx", "ModelFeatures");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(silent, new() { ModelFeatures = names[1..] })), "Expected 10 names", "got 9");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(named, new() { Features = names[1..] })), $"'{names[0]}'");
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxRegressor(named, new() { Features = [.. names, names[0]] })), "twice");
    }

    [Fact]
    public void AWrongNumberOfColumnsNamesTheModel() => Fixtures.Says(
        Assert.Throws<ArgumentException>(() => Fixtures.Predict(new OnnxRegressor(Fixtures.Model("linear")), new FeatureMatrix(new float[8], 4))),
        "Expected 10 features", "linear.onnx", "got 4");

    [Fact]
    public void PlacesMustBeOnePerRow()
    {
        FeatureMatrix x = Fixtures.Diabetes.X;
        Assert.Throws<ArgumentException>(() => new OnnxRegressor(Fixtures.Model("linear")).Predict(x, new double[x.Rows - 1]));
        Assert.Throws<ArgumentException>(() => new OnnxGaussianRegressor(Fixtures.Model("gaussian")).Predict(x, new double[x.Rows], new double[1]));
        Assert.Throws<ArgumentException>(() => new OnnxClassifier(Fixtures.Model("logistic")).Predict(Fixtures.Iris.X, new double[1]));
    }

    [Fact]
    public void AFileThatIsNotThereIsNamed() =>
        Fixtures.Says(Assert.Throws<FileNotFoundException>(() => OnnxModel.Load(Path.Combine(_folder, "none.onnx"))), "none.onnx");

    [Fact]
    public void MissingWeightsAreNamedWithTheModelThatWantsThem()
    {
        string model = Path.Combine(_folder, "external.onnx"), weights = model + ".data";
        File.Copy(Fixtures.File("external"), model);
        FileNotFoundException missing = Assert.Throws<FileNotFoundException>(() => OnnxModel.Load(model));
        Fixtures.Says(missing, $"{model}: ", weights);
        File.WriteAllBytes(weights, new byte[7]);
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => OnnxModel.Load(model)), $"{model}: ", weights, "7 bytes");
    }

    [Fact]
    public void WeightsOutsideTheModelsFolderAreNotRead()
    {
        byte[] model = File.ReadAllBytes(Fixtures.File("external"));
        int at = model.AsSpan().IndexOf("external.onnx.data"u8);
        Assert.True(at > 0);
        while (model.AsSpan().IndexOf("external.onnx.data"u8) is var found and >= 0) "../../../../secret"u8.CopyTo(model.AsSpan(found));
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, model);
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => OnnxModel.Load(path)), "beside the model", "../../../../secret");
    }

    [Theory]
    [InlineData("")]
    [InlineData("this is text and no model")]
    [InlineData("PK\u0003\u0004 a zip")]
    public void AFileOfAnotherKindIsInvalidData(string content)
    {
        string path = Path.Combine(_folder, "model.onnx");
        File.WriteAllText(path, content);
        Fixtures.Says(Assert.Throws<InvalidDataException>(() => OnnxModel.Load(path)), $"{path}: expected");
    }

    [Theory]
    [InlineData("boosting")]
    [InlineData("forest")]
    [InlineData("zipmap")]
    public void ATruncatedFileIsInvalidData(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixtures.File(name));
        string path = Path.Combine(_folder, "model.onnx");
        for (int length = 0; length < whole.Length - 30; length += Math.Max(1, whole.Length / 40))
        {
            File.WriteAllBytes(path, whole[..length]);
            Fixtures.Says(Assert.Throws<InvalidDataException>(() => OnnxModel.Load(path)), path);
        }
    }

    [Theory]
    [InlineData("linear", 600)]
    [InlineData("zipmap", 150)]
    [InlineData("gaussian", 150)]
    public void AFlippedByteIsAnErrorOfOursOrHarmless(string name, int trials)
    {
        byte[] whole = File.ReadAllBytes(Fixtures.File(name));
        string path = Path.Combine(_folder, "model.onnx");
        Rng rng = Rng.Stream(11, 0);
        for (int trial = 0; trial < trials; trial++)
        {
            byte[] damaged = [.. whole];
            damaged[rng.NextIndex(whole.Length)] ^= (byte)(1 + rng.NextIndex(255));
            File.WriteAllBytes(path, damaged);
            try
            {
                OnnxModel model = OnnxModel.Load(path);
                if (name == "zipmap") Fixtures.Probabilities(new OnnxClassifier(model), Fixtures.Iris.X);
                else Fixtures.Predict(new OnnxRegressor(model, new() { Output = OnnxOutput.At(0) }), Fixtures.Diabetes.X);
            }
            catch (Exception fault) when (fault is InvalidDataException or ArgumentException or AssumptionException or FileNotFoundException)
            {
            }
        }
    }

    [Fact]
    public void ThreadsHaveARange() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OnnxModel.Load(Fixtures.File("linear"), new OnnxSessionOptions { Threads = 0 }));
}

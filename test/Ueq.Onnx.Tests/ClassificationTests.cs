namespace Ueq.Onnx.Tests;

public sealed class ClassificationTests
{
    private static readonly Expected Data = Fixtures.Iris;

    [Theory]
    [InlineData("classifier", "forest")]
    [InlineData("zipmap", "forest")]
    [InlineData("zipmap-text", "forest")]
    [InlineData("logistic", "logistic")]
    [InlineData("binary", "binary")]
    public void TheProbabilitiesAreScikitLearns(string model, string expected)
    {
        OnnxClassifier classifier = new(Fixtures.Model(model));
        Assert.Equal(expected == "binary" ? 2 : 3, classifier.Classes);
        Fixtures.Close(Data.Flat(expected), Fixtures.Probabilities(classifier, Data.X), Data.Exactness);
    }

    [Theory]
    [InlineData("logits", "logistic")]
    [InlineData("binary-logit", "binary")]
    public void LogitsBecomeProbabilitiesWhenTheOptionsSaySo(string model, string expected)
    {
        OnnxClassifier classifier = new(Fixtures.Model(model), new OnnxClassificationOptions { Values = OnnxClassValues.Logits });
        Fixtures.Close(Data.Flat(expected), Fixtures.Probabilities(classifier, Data.X), Data.Exactness);
        InvalidDataException fault = Assert.Throws<InvalidDataException>(() => Fixtures.Probabilities(new OnnxClassifier(Fixtures.Model(model)), Data.X));
        Fixtures.Says(fault, $"{model}.onnx", "'logits'", "row 0", "sum");
    }

    [Fact]
    public void AMapTellsTheNamesOfItsClasses()
    {
        Assert.Equal(["0", "1", "2"], new OnnxClassifier(Fixtures.Model("zipmap")).Labels!);
        Assert.Equal(["setosa", "versicolor", "virginica"], new OnnxClassifier(Fixtures.Model("zipmap-text")).Labels!);
        Assert.Null(new OnnxClassifier(Fixtures.Model("logistic")).Labels);
    }

    [Fact]
    public void AnOutputIsChosenByName()
    {
        OnnxClassifier chosen = new(Fixtures.Model("classifier"), new OnnxClassificationOptions { Output = "probabilities" });
        Fixtures.Close(Data.Flat("forest"), Fixtures.Probabilities(chosen, Data.X), Data.Exactness);
        Fixtures.Says(Assert.Throws<ArgumentException>(() => new OnnxClassifier(Fixtures.Model("classifier"), new() { Output = "odds" })), "'odds'", "'probabilities'");
    }
}

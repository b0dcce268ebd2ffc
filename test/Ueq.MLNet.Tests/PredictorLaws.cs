namespace Ueq.MLNet.Tests;

/// <summary>What every kind of model keeps to.</summary>
public sealed class PredictorLaws
{
    public static TheoryData<string> Names => [.. Sets.Names];

    private static (MLNetRegressor Point, MLNetClassifier Classes, FeatureMatrix X) Models(string name, ulong seed = 7)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(300);
        double[] thirds = [.. y.Select(v => v < -1 ? 0.0 : v < 1 ? 1 : 2)];
        return (MLNetTrainers.Regression(name).Fit(x, y, seed), MLNetTrainers.Classification(name, 3).Fit(x, thirds, seed), x);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSameSeedGivesTheSameModel(string name)
    {
        var (point, classes, x) = Models(name);
        var (pointAgain, classesAgain, _) = Models(name);
        Assert.Equal(Sets.Predict(point, x), Sets.Predict(pointAgain, x));
        Assert.Equal(Sets.Probabilities(classes, x), Sets.Probabilities(classesAgain, x));
    }

    [Theory]
    [InlineData("lightgbm")]
    [InlineData("fasttree")]
    [InlineData("fastforest")]
    public void AnotherSeedGivesAnotherModelOfTrees(string name)
    {
        var (point, _, x) = Models(name);
        Assert.NotEqual(Sets.Predict(point, x), Sets.Predict(Models(name, 8).Point, x));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheModelDoesNotDependOnTheNumberOfThreads(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(600);
        MLNetOptions one = name switch { "lightgbm" => new LightGbmOptions(), "fasttree" => new FastTreeOptions(), "fastforest" => new FastForestOptions(), _ => new LinearOptions() };
        Assert.Equal(
            Sets.Predict(new MLNetRegressionTrainer(one).Fit(x, y, 1), x), Sets.Predict(new MLNetRegressionTrainer(one with { Threads = 2 }).Fit(x, y, 1), x));
        (FeatureMatrix few, double[] targets) = Sets.Simple(200);
        double[] thirds = [.. targets.Select(v => v < -1 ? 0.0 : v < 1 ? 1 : 2)];
        Assert.Equal(
            Sets.Probabilities(new MLNetClassificationTrainer(one, 3).Fit(few, thirds, 1), few),
            Sets.Probabilities(new MLNetClassificationTrainer(one with { Threads = 3 }, 3).Fit(few, thirds, 1), few));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ABatchEqualsItsRowsOneByOne(string name)
    {
        var (point, classes, x) = Models(name);
        double[] batch = Sets.Predict(point, x), probabilities = Sets.Probabilities(classes, x);
        for (int i = x.Rows - 1; i >= 0; i--)
        {
            Assert.Equal(batch[i], Sets.Predict(point, x.Slice(i, 1))[0]);
            Assert.Equal(probabilities[(i * 3)..(i * 3 + 3)], Sets.Probabilities(classes, x.Slice(i, 1)));
        }

        Assert.Empty(Sets.Predict(point, default));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ManyThreadsGetTheSameAnswers(string name)
    {
        var (point, classes, x) = Models(name);
        double[] batch = Sets.Predict(point, x), probabilities = Sets.Probabilities(classes, x);
        Parallel.For(0, 32, new ParallelOptions { MaxDegreeOfParallelism = 8 }, _ =>
        {
            Assert.Equal(batch, Sets.Predict(point, x));
            Assert.Equal(probabilities, Sets.Probabilities(classes, x));
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NeitherFittingNorPredictingChangesTheRows(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(100);
        float[] before = x.Values.ToArray();
        double[] targets = [.. y];
        Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, 1), x);
        Sets.Probabilities(MLNetTrainers.Classification(name, 2).Fit(x, Sets.Above(y), 1), x);
        Assert.Equal(before, x.Values.ToArray());
        Assert.Equal(targets, y);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void NothingIsAllocatedPerRow(string name)
    {
        var (point, classes, x) = Models(name);
        double[] predictions = new double[x.Rows], probabilities = new double[x.Rows * 3];
        for (int warm = 0; warm < 3; warm++)
        {
            point.Predict(x, predictions);
            classes.Predict(x, probabilities);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        point.Predict(x, predictions);
        long regression = GC.GetAllocatedBytesForCurrentThread() - before;
        classes.Predict(x, probabilities);
        long classification = GC.GetAllocatedBytesForCurrentThread() - before - regression;
        Assert.True(regression < 256, $"{regression} bytes for {x.Rows} rows of regression");
        Assert.True(classification < 256, $"{classification} bytes for {x.Rows} rows of classification");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BadRowsAreRefusedWithTheirPlace(string name)
    {
        var (point, classes, x) = Models(name);
        ArgumentException width = Assert.Throws<ArgumentException>(() => point.Predict(new FeatureMatrix(new float[8], 4), new double[2]));
        Assert.Contains("Expected 3 features", width.Message, StringComparison.Ordinal);
        Assert.Contains("got 4", width.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => point.Predict(x, new double[x.Rows - 1]));
        Assert.Throws<ArgumentException>(() => classes.Predict(x, new double[x.Rows]));
        float[] infinite = [1, 1, 1, 1, float.PositiveInfinity, 1];
        ArgumentException place = Assert.Throws<ArgumentException>(() => point.Predict(new FeatureMatrix(infinite, 3), new double[2]));
        Assert.Contains("row 1, column 1", place.Message, StringComparison.Ordinal);
        FeatureMatrix missing = new(new[] { 1, 1, float.NaN }, 3);
        if (point.AcceptsMissing) Assert.True(double.IsFinite(Sets.Predict(point, missing)[0]));
        else Assert.Contains("row 0, column 2", Assert.Throws<ArgumentException>(() => Sets.Predict(point, missing)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void BadTargetsAreRefused(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(10);
        MLNetRegressionTrainer regression = MLNetTrainers.Regression(name);
        MLNetClassificationTrainer classification = MLNetTrainers.Classification(name, 3);
        Assert.Throws<ArgumentException>(() => regression.Fit(x, y.AsSpan(1), 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => regression.Fit(x, [.. y[1..], double.NaN], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => classification.Fit(x, [0, 1, 2, 3, 0, 0, 0, 0, 0, 0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => classification.Fit(x, [0, 1, 0.5, 1, 0, 0, 0, 0, 0, 0], 1));
        Assert.Equal(Assumption.EnoughRows, Assert.Throws<AssumptionException>(() => regression.Fit(x.Slice(0, 1), y.AsSpan(0, 1), 1)).Assumption);
    }

    [Fact]
    public void LinearRefusesToFitOnAMissingValue() => Assert.Throws<ArgumentException>(() =>
        MLNetTrainers.Regression("linear").Fit(new FeatureMatrix(new[] { 1, float.NaN }, 1), [1, 2], 1));
}

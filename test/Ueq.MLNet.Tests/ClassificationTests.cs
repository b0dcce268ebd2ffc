using Ueq.Data;

namespace Ueq.MLNet.Tests;

public sealed class ClassificationTests
{
    public static TheoryData<string> Names => [.. Sets.Names];

    public static TheoryData<string, string, double> Known
    {
        get
        {
            TheoryData<string, string, double> rows = [];
            foreach (string name in Sets.Names)
            {
                rows.Add("cls-iris", name, 0.88);
                rows.Add("cls-wine", name, 0.9);
                rows.Add("cls-breast-cancer", name, 0.92);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void BundledSetsAreClassifiedAsWellAsIsKnown(string set, string name, double accuracy) => AssertKnown(set, name, accuracy);

    [Theory]
    [Trait("Category", "Long")]
    [InlineData("lightgbm", 0.95)]
    [InlineData("linear", 0.93)]
    public void DigitsAreClassifiedAsWellAsIsKnown(string name, double accuracy) => AssertKnown("cls-digits", name, accuracy);

    private static void AssertKnown(string set, string name, double accuracy)
    {
        Dataset data = Sets.Classification(set);
        var (x, y, testX, testY) = Sets.Split(data);
        int classes = data.Classes!.Count;
        MLNetClassifier model = MLNetTrainers.Classification(name, classes).Fit(x, y, 1);
        double[] probabilities = Sets.Probabilities(model, testX);
        Assert.InRange(Sets.Accuracy(probabilities, testY, classes), accuracy, 1);
        AssertDistributions(probabilities, classes);
        double loss = testY.Select((label, i) => -Math.Log(Math.Max(1e-6, probabilities[i * classes + (int)label]))).Average();
        Assert.True(loss < 0.45, $"log loss {loss}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void SmallForestsAndTreesKnowTenClasses(string name)
    {
        MLNetOptions options = name switch
        {
            "lightgbm" => new LightGbmOptions { Trees = 20 },
            "fasttree" => new FastTreeOptions { Trees = 10, LearningRate = 0.3 },
            "fastforest" => new FastForestOptions { Trees = 5, Leaves = 30 },
            _ => new LinearOptions(),
        };
        var (x, y, testX, testY) = Sets.Split(Sets.Classification("cls-digits"));
        double[] probabilities = Sets.Probabilities(new MLNetClassificationTrainer(options, 10).Fit(x, y, 1), testX);
        AssertDistributions(probabilities, 10);
        Assert.InRange(Sets.Accuracy(probabilities, testY, 10), 0.8, 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnAbsentClassKeepsItsColumnAtZero(string name)
    {
        Dataset iris = Sets.Classification("cls-iris");
        foreach (int absent in (int[])[0, 1, 2])
        {
            int[] rows = [.. Enumerable.Range(0, 150).Where(i => iris.Y[i] != absent)];
            FeatureMatrix x = iris.X.Gather(rows);
            double[] y = Sets.Take(iris.Y, rows);
            double[] probabilities = Sets.Probabilities(MLNetTrainers.Classification(name, 3).Fit(x, y, 1), x);
            AssertDistributions(probabilities, 3);
            for (int i = 0; i < rows.Length; i++) Assert.Equal(0, probabilities[i * 3 + absent]);
            Assert.InRange(Sets.Accuracy(probabilities, y, 3), 0.95, 1);
        }

        double[] shifted = [.. iris.Y.Select(label => label * 2 + 1)];
        double[] seven = Sets.Probabilities(MLNetTrainers.Classification(name, 7).Fit(iris.X, shifted, 1), iris.X);
        Assert.InRange(Sets.Accuracy(seven, shifted, 7), 0.95, 1);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OneClassAloneIsCertain(string name)
    {
        (FeatureMatrix x, _) = Sets.Simple(10);
        double[] y = [.. Enumerable.Repeat(1.0, 10)];
        double[] probabilities = Sets.Probabilities(MLNetTrainers.Classification(name, 3).Fit(x, y, 1), x);
        for (int i = 0; i < 10; i++) Assert.Equal([0.0, 1, 0], probabilities[(i * 3)..(i * 3 + 3)]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void WithoutFeaturesThatVaryAClassIsAsLikelyAsItsShare(string name)
    {
        FeatureMatrix x = new(new float[20], 2);
        double[] three = Sets.Probabilities(MLNetTrainers.Classification(name, 4).Fit(x, [0, 0, 0, 0, 0, 1, 1, 1, 3, 3], 1), x.Slice(0, 1));
        Assert.Equal([0.5, 0.3, 0, 0.2], three.Select(p => Math.Round(p, 6)));
        double[] two = Sets.Probabilities(MLNetTrainers.Classification(name, 2).Fit(x, [0, 0, 0, 0, 0, 0, 1, 1, 1, 1], 1), x.Slice(0, 1));
        Assert.Equal([0.6, 0.4], two.Select(p => Math.Round(p, 6)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TwoClassesAreInTheOrderOfTheirIndices(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(200);
        double[] probabilities = Sets.Probabilities(MLNetTrainers.Classification(name, 2).Fit(x, Sets.Above(y), 1), x);
        AssertDistributions(probabilities, 2);
        for (int i = 0; i < y.Length; i++)
            if (Math.Abs(y[i]) > 2) Assert.True(probabilities[i * 2 + 1] > 0.5 == y[i] > 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AFewRowsAreEnough(string name)
    {
        foreach (int rows in (int[])[2, 3, 5, 12])
        {
            (FeatureMatrix x, _) = Sets.Simple(rows);
            double[] y = [.. Enumerable.Range(0, rows).Select(i => (double)(i % 3))];
            AssertDistributions(Sets.Probabilities(MLNetTrainers.Classification(name, 3).Fit(x, y, 1), x), 3);
        }
    }

    private static void AssertDistributions(double[] probabilities, int classes)
    {
        for (int i = 0; i < probabilities.Length / classes; i++)
        {
            double[] row = probabilities[(i * classes)..((i + 1) * classes)];
            Assert.All(row, p => Assert.InRange(p, 0, 1));
            Assert.Equal(1, row.Sum(), 1e-6);
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;

namespace Ueq.Onnx.Tests;

/// <summary>What every kind of model keeps to.</summary>
public sealed class PredictorLaws
{
    /// <summary>Products of matrices add in another order when there is one row; trees do not.</summary>
    private const double Rounding = 1e-5;

    public static TheoryData<string> Points => ["linear", "double", "external", "batch-1", "batch-3", "hidden-batch", "forest", "boosting", "columns"];

    public static TheoryData<string> Classifiers => ["classifier", "zipmap", "zipmap-text", "logistic", "binary"];

    private static OnnxRegressor Point(string name) =>
        new(Fixtures.Model(name), new OnnxRegressionOptions { Features = name == "columns" ? Fixtures.Diabetes.Features : null });

    // 10,000 rows, so that more than one run is needed.
    private static FeatureMatrix Many(FeatureMatrix x, int rows = 10_000)
    {
        float[] values = new float[rows * x.Columns];
        for (int i = 0; i < rows; i++) x.Row(i * 7 % x.Rows).CopyTo(values.AsSpan(i * x.Columns));
        return new FeatureMatrix(values, x.Columns);
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void ABatchEqualsItsRowsAndItsSlices(string name)
    {
        OnnxRegressor model = Point(name);
        FeatureMatrix x = Fixtures.Diabetes.X;
        double[] batch = Fixtures.Predict(model, x);
        for (int i = x.Rows - 1; i >= 0; i--) Fixtures.Close(batch[i..(i + 1)], Fixtures.Predict(model, x.Slice(i, 1)), Rounding);
        for (int length = 2; length < x.Rows; length++) Fixtures.Close(batch[1..length], Fixtures.Predict(model, x.Slice(1, length - 1)), Rounding);
        Assert.Empty(Fixtures.Predict(model, default));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void ABatchOfProbabilitiesEqualsItsRows(string name)
    {
        OnnxClassifier model = new(Fixtures.Model(name));
        FeatureMatrix x = Fixtures.Iris.X;
        double[] batch = Fixtures.Probabilities(model, x);
        int k = model.Classes;
        for (int i = x.Rows - 1; i >= 0; i--) Fixtures.Close(batch[(i * k)..(i * k + k)], Fixtures.Probabilities(model, x.Slice(i, 1)), Rounding);
        Assert.Empty(Fixtures.Probabilities(model, default));
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void ManyRowsAreFedInParts(string name)
    {
        FeatureMatrix x = Fixtures.Diabetes.X, many = Many(x);
        double[] few = Fixtures.Predict(Point(name), x), answers = Fixtures.Predict(Point(name), many);
        Fixtures.Close([.. answers.Select((_, i) => few[i * 7 % x.Rows])], answers, Rounding);
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void ManyThreadsGetTheSameAnswers(string name)
    {
        OnnxRegressor model = Point(name);
        FeatureMatrix x = Fixtures.Diabetes.X;
        double[] batch = Fixtures.Predict(model, x);
        ConcurrentBag<double[]> answers = [];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ => answers.Add(Fixtures.Predict(model, x)));
        Assert.All(answers, answer => Assert.Equal(batch, answer));
    }

    [Theory]
    [MemberData(nameof(Classifiers))]
    public void ManyThreadsGetTheSameProbabilities(string name)
    {
        OnnxClassifier model = new(Fixtures.Model(name));
        FeatureMatrix x = Fixtures.Iris.X;
        double[] batch = Fixtures.Probabilities(model, x);
        ConcurrentBag<double[]> answers = [];
        Parallel.For(0, 64, new ParallelOptions { MaxDegreeOfParallelism = 16 }, _ => answers.Add(Fixtures.Probabilities(model, x)));
        Assert.All(answers, answer => Assert.Equal(batch, answer));
    }

    [Fact]
    public void TheNumberOfThreadsDoesNotChangeAnswers()
    {
        FeatureMatrix x = Many(Fixtures.Diabetes.X);
        double[] one = Fixtures.Predict(new OnnxRegressor(Fixtures.Model("linear")), x);
        OnnxModel two = OnnxModel.Load(Fixtures.File("linear"), new OnnxSessionOptions { Threads = 2 });
        Fixtures.Close(one, Fixtures.Predict(new OnnxRegressor(two), x), Rounding);
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void PredictingDoesNotChangeTheRows(string name)
    {
        FeatureMatrix x = Fixtures.Diabetes.X;
        float[] before = x.Values.ToArray();
        Fixtures.Predict(Point(name), x);
        Assert.Equal(before, x.Values.ToArray());
    }

    [Theory]
    [MemberData(nameof(Points))]
    public void NothingIsAllocatedPerRow(string name)
    {
        OnnxRegressor model = Point(name);
        FeatureMatrix x = Fixtures.Diabetes.X;
        double[] answers = new double[x.Rows];
        for (int warm = 0; warm < 3; warm++) model.Predict(x, answers);
        long before = GC.GetAllocatedBytesForCurrentThread();
        model.Predict(x, answers);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(bytes < 256, $"{bytes} bytes for {x.Rows} rows");
    }

    [Fact]
    public void ChangingBatchSizesChangesNoAnswer()
    {
        OnnxRegressor model = Point("linear");
        FeatureMatrix x = Many(Fixtures.Diabetes.X);
        double[] expected = Fixtures.Predict(model, x);
        for (int rows = 1; rows < 600; rows++) Fixtures.Close(expected[..rows], Fixtures.Predict(model, x.Slice(0, rows)), Rounding);
    }

    [Fact]
    public void ForgottenModelsAreCollectedWithTheirNativeParts()
    {
        List<WeakReference> models = [];
        for (int i = 0; i < 60; i++) models.Add(Forgotten(i % 2 == 0 ? "forest" : "zipmap"));
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        Assert.InRange(models.Count(model => model.IsAlive), 0, 2);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Forgotten(string name)
    {
        OnnxModel model = Fixtures.Model(name);
        if (name == "zipmap") Fixtures.Probabilities(new OnnxClassifier(model), Fixtures.Iris.X);
        else Fixtures.Predict(new OnnxRegressor(model), Fixtures.Diabetes.X);
        return new WeakReference(model);
    }

    [Fact]
    public void TheOptionsOfTheSessionAreTheCallers()
    {
        int asked = 0;
        OnnxModel.Load(Fixtures.File("linear"), new OnnxSessionOptions
        {
            Configure = options =>
        {
            asked++;
            options.AddSessionConfigEntry("session.set_denormal_as_zero", "1");
        }
        });
        Assert.Equal(1, asked);
    }
}

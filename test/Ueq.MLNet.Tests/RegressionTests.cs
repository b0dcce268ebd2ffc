using MathNet.Numerics.LinearAlgebra;
using Ueq.Data;

namespace Ueq.MLNet.Tests;

public sealed class RegressionTests
{
    public static TheoryData<string> Names => [.. Sets.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void DiabetesIsPredictedAsWellAsIsKnown(string name)
    {
        Dataset data = Sets.Regression("reg-diabetes");
        double squares = 0, baseline = 0;
        for (ulong seed = 0; seed < 4; seed++)
        {
            var (x, y, testX, testY) = Sets.Split(data, seed);
            squares += Math.Pow(Sets.Rmse(Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, seed), testX), testY), 2) / 4;
            baseline += Math.Pow(Sets.Rmse([.. testY.Select(_ => y.Average())], testY), 2) / 4;
        }

        double rmse = Math.Sqrt(squares);
        Assert.InRange(rmse, 50, 63);
        Assert.True(rmse < 0.88 * Math.Sqrt(baseline), $"{rmse} against {Math.Sqrt(baseline)}");
    }

    [Fact]
    public void LinearIsLeastSquares()
    {
        Dataset data = Sets.Regression("reg-diabetes");
        for (ulong seed = 0; seed < 3; seed++)
        {
            var (x, y, testX, testY) = Sets.Split(data, seed);
            double linear = Sets.Rmse(Sets.Predict(new MLNetRegressionTrainer(new LinearOptions()).Fit(x, y, seed), testX), testY);
            Vector<double> beta = Design(x).QR().Solve(Vector<double>.Build.Dense(y));
            double least = Sets.Rmse((Design(testX) * beta).ToArray(), testY);
            Assert.InRange(linear / least, 0.98, 1.02);
        }

        static Matrix<double> Design(FeatureMatrix x) => Matrix<double>.Build.Dense(x.Rows, x.Columns + 1, (r, c) => c == 0 ? 1 : x.Row(r)[c - 1]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void TheSizeOfTheTargetDoesNotMatter(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(300);
        double[] small = Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, 5), x);
        double[] large = Sets.Predict(MLNetTrainers.Regression(name).Fit(x, [.. y.Select(v => 1e9 + 1e6 * v)], 5), x);
        for (int i = 0; i < small.Length; i++) Assert.Equal(small[i], (large[i] - 1e9) / 1e6, 0.02);
        Assert.True(Sets.Rmse(small, y) < 1.5);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AFewRowsAreEnough(string name)
    {
        foreach (int rows in (int[])[2, 3, 5, 10, 20])
        {
            (FeatureMatrix x, double[] y) = Sets.Simple(rows);
            double[] predictions = Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, 1), x);
            Assert.All(predictions, p => Assert.True(double.IsFinite(p)));
            if (rows >= 20) Assert.True(predictions.Distinct().Count() > 2, $"{rows} rows, one answer");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AConstantTargetIsAnsweredExactly(string name)
    {
        (FeatureMatrix x, _) = Sets.Simple(60);
        double[] y = new double[60];
        Array.Fill(y, 12345.678);
        Assert.All(Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, 1), x), p => Assert.Equal(12345.678, p, 1e-3));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void ConstantFeaturesAnswerTheMean(string name)
    {
        FeatureMatrix x = new(Enumerable.Repeat(2f, 100).ToArray(), 2);
        double[] y = [.. Enumerable.Range(0, 50).Select(i => (double)(i % 2))];
        Assert.All(Sets.Predict(MLNetTrainers.Regression(name).Fit(x, y, 1), x), p => Assert.Equal(0.5, p, 1e-9));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AConstantFeatureAmongOthersDoesNoHarm(string name)
    {
        (FeatureMatrix x, double[] y) = Sets.Simple(100);
        float[] wide = new float[400];
        for (int i = 0; i < 100; i++)
        {
            x.Row(i).CopyTo(wide.AsSpan(i * 4));
            wide[i * 4 + 3] = 7;
        }

        double[] predictions = Sets.Predict(MLNetTrainers.Regression(name).Fit(new FeatureMatrix(wide, 4), y, 1), new FeatureMatrix(wide, 4));
        Assert.True(Sets.Rmse(predictions, y) < 2);
    }

    [Theory]
    [InlineData("lightgbm")]
    [InlineData("fasttree")]
    [InlineData("fastforest")]
    public void TreesLearnFromAMissingValue(string name)
    {
        Rng rng = Rng.Stream(4, 0);
        float[] x = new float[400];
        double[] y = new double[400];
        for (int i = 0; i < 400; i++)
        {
            x[i] = i % 4 == 0 ? float.NaN : (float)rng.NextUniform();
            y[i] = float.IsNaN(x[i]) ? 10 : x[i];
        }

        MLNetRegressor model = MLNetTrainers.Regression(name).Fit(new FeatureMatrix(x, 1), y, 1);
        Assert.True(model.AcceptsMissing);
        double[] predictions = Sets.Predict(model, new FeatureMatrix(new[] { float.NaN, 0.1f, 0.9f }, 1));
        Assert.Equal(10, predictions[0], 0.5);
        Assert.Equal(0.1, predictions[1], 0.5);
        Assert.Equal(0.9, predictions[2], 0.5);
    }
}

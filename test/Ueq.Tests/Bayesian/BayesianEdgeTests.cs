using Ueq.Bayesian;
using Ueq.Tests.Support;

namespace Ueq.Tests.Bayesian;

public sealed class BayesianEdgeTests
{
    private static Table Sample(int rows = 40, int columns = 2)
    {
        Rng rng = Rng.Stream(4, (ulong)rows);
        return Table.Linear(rows, columns, 0.5, ref rng);
    }

    private static (double[] Mean, double[] Sigma, Interval[] Intervals) Answers(BayesianLinearRegression model, FeatureMatrix x)
    {
        double[] mean = new double[x.Rows], sigma = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, mean, sigma);
        model.Predict(x, default, mean, intervals);
        Assert.All(mean, value => Assert.True(double.IsFinite(value)));
        Assert.All(sigma, value => Assert.True(double.IsFinite(value) && value > 0));
        Assert.All(intervals, interval => Assert.True(interval.IsBounded && interval.Width > 0));
        return (mean, sigma, intervals);
    }

    private static FeatureMatrix Columns(FeatureMatrix x, Func<float[], float[]> row)
    {
        float[][] rows = [.. Enumerable.Range(0, x.Rows).Select(i => row(x.Row(i).ToArray()))];
        return new FeatureMatrix(rows.SelectMany(r => r).ToArray(), rows[0].Length);
    }

    [Fact]
    public void AConstantFeatureChangesNothing()
    {
        Table data = Sample();
        var without = Answers(BayesianLinearRegression.Fit(data.X, data.Y), data.X);
        foreach (float constant in (float[])[0, 7, 1e12f, 0.1f])
        {
            FeatureMatrix x = Columns(data.X, row => [row[0], constant, row[1]]);
            BayesianLinearRegression model = BayesianLinearRegression.Fit(x, data.Y);
            Assert.Equal(0, model.Weights()[1]);
            var with = Answers(model, x);
            for (int i = 0; i < 40; i++)
            {
                Assert.Equal(without.Mean[i], with.Mean[i], 1e-9);
                Assert.Equal(without.Sigma[i], with.Sigma[i], 1e-9);
            }
        }
    }

    [Fact]
    public void DuplicateFeaturesShareTheWeight()
    {
        Table data = Sample();
        FeatureMatrix twice = Columns(data.X, row => [row[0], row[1], row[0], row[1]]);
        BayesianLinearRegression one = BayesianLinearRegression.Fit(data.X, data.Y), two = BayesianLinearRegression.Fit(twice, data.Y);
        double[] weights = two.Weights();
        Assert.Equal(weights[0], weights[2], 1e-9);
        Assert.Equal(weights[1], weights[3], 1e-9);
        // Twice the features at the same evidence is half the prior's variance each: the same model.
        var a = Answers(one, data.X);
        var b = Answers(two, twice);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(a.Mean[i], b.Mean[i], 1e-6);
            Assert.Equal(a.Sigma[i], b.Sigma[i], 1e-6);
        }

        Assert.Equal(one.DegreesOfFreedom, two.DegreesOfFreedom, 1e-6);
    }

    [Fact]
    public void MoreFeaturesThanRowsStayHonest()
    {
        double covered = 0, rows = 0;
        for (ulong seed = 0; seed < 40; seed++)
        {
            Rng rng = Rng.Stream(seed, 77);
            Table all = Table.Linear(25 + 40, 60, 0, ref rng);
            double[] y = [.. all.Y.Select((_, i) => all.X.Row(i)[0] + all.X.Row(i)[1] + 0.5 * rng.NextNormal())];
            BayesianLinearRegression model = BayesianLinearRegression.Fit(all.X.Slice(0, 25), y.AsSpan(0, 25));
            var test = Answers(model, all.X.Slice(25, 40));
            for (int i = 0; i < 40; i++) covered += test.Intervals[i].Contains(y[25 + i]) ? 1 : 0;
            rows += 40;
        }

        Assert.InRange(covered / rows, 0.82, 0.99);
    }

    [Fact]
    public void ThreeRowsAnswerWideAndFinite()
    {
        BayesianLinearRegression model = BayesianLinearRegression.Fit(new FeatureMatrix(new float[] { 0, 1, 2 }, 1), [0, 1.2, 1.9]);
        Assert.InRange(model.DegreesOfFreedom, 1, 2);
        double[] mean = new double[1];
        Interval[] interval = new Interval[1];
        foreach (double level in (double[])[0.5, 0.9, 0.99, 0.9999, 0.999999])
        {
            model.Predict(new FeatureMatrix(new float[] { 1 }, 1), new Coverage(level), mean, interval);
            Assert.True(interval[0].IsBounded && interval[0].Width > 0.1);
        }
    }

    [Fact]
    public void ANoiseFreeLineIsFoundWithTinyIntervals()
    {
        FeatureMatrix x = new(Enumerable.Range(0, 20).Select(i => (float)i).ToArray(), 1);
        double[] y = [.. Enumerable.Range(0, 20).Select(i => 3.0 + 2 * i)];
        BayesianLinearRegression model = BayesianLinearRegression.Fit(x, y);
        Assert.Equal(2, model.Weights()[0], 1e-9);
        Assert.Equal(3, model.Intercept, 1e-9);
        var answers = Answers(model, x);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(y[i], answers.Mean[i], 1e-8);
            Assert.InRange(answers.Intervals[i].Width, 1e-14, 1e-6);
        }
    }

    [Theory]
    [InlineData(1e12)]
    [InlineData(1e-12)]
    [InlineData(1e100)]
    [InlineData(1e-100)]
    public void UnitsOfTheTargetOnlyScaleTheAnswer(double unit)
    {
        Table data = Sample();
        var plain = Answers(BayesianLinearRegression.Fit(data.X, data.Y), data.X);
        var scaled = Answers(BayesianLinearRegression.Fit(data.X, data.Y.Select(y => y * unit).ToArray()), data.X);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(1, scaled.Mean[i] / (plain.Mean[i] * unit), 1e-8);
            Assert.Equal(1, scaled.Sigma[i] / (plain.Sigma[i] * unit), 1e-8);
        }
    }

    [Theory]
    [InlineData(1e12f)]
    [InlineData(1e-12f)]
    [InlineData(1e30f)]
    [InlineData(1e-30f)]
    public void UnitsOfAFeatureChangeNothing(float unit)
    {
        Table data = Sample();
        var plain = Answers(BayesianLinearRegression.Fit(data.X, data.Y), data.X);
        FeatureMatrix x = Columns(data.X, row => [row[0] * unit, row[1]]);
        var scaled = Answers(BayesianLinearRegression.Fit(x, data.Y), x);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(plain.Mean[i], scaled.Mean[i], 1e-5);
            Assert.Equal(plain.Sigma[i], scaled.Sigma[i], 1e-5);
        }
    }

    [Fact]
    public void NoSignalIsTheMean()
    {
        Rng rng = Rng.Stream(1, 1);
        Table data = Table.Linear(200, 3, 1, ref rng);
        double[] y = [.. data.Y.Select(_ => 5 + rng.NextNormal())];
        var answers = Answers(BayesianLinearRegression.Fit(data.X, y), data.X);
        Assert.All(answers.Mean, mean => Assert.Equal(5, mean, 0.5));
        Assert.Equal(1, answers.Sigma.Average(), 0.15);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(3)]
    [InlineData(-1e15)]
    public void ATargetThatDoesNotVaryIsAnAssumption(double value)
    {
        AssumptionException error = Assert.Throws<AssumptionException>(() => BayesianLinearRegression.Fit(Sample(10).X, Enumerable.Repeat(value, 10).ToArray()));
        Assert.Equal(Assumption.Variation, error.Assumption);
    }

    [Fact]
    public void TargetsBeyondADoublesSquareAreAnAssumption() => Assert.Equal(Assumption.WellConditioned,
        Assert.Throws<AssumptionException>(() => BayesianLinearRegression.Fit(Sample(10).X, Enumerable.Range(0, 10).Select(i => i * 1e200).ToArray())).Assumption);

    [Fact]
    public void WrongRowsAreRefusedAndNamed()
    {
        Table data = Sample(10);
        Assert.Equal(Assumption.EnoughRows, Assert.Throws<AssumptionException>(() => BayesianLinearRegression.Fit(data.X.Slice(0, 2), data.Y.AsSpan(0, 2))).Assumption);
        float[] x = data.X.Values.ToArray();
        x[7] = float.NaN;
        string message = Assert.Throws<ArgumentOutOfRangeException>(() => BayesianLinearRegression.Fit(new FeatureMatrix(x, 2), data.Y)).Message;
        Assert.Contains("row 3, feature 1", message, StringComparison.Ordinal);
        BayesianLinearRegression model = BayesianLinearRegression.Fit(data.X, data.Y);
        Assert.Contains("row 3, feature 1", Assert.Throws<ArgumentOutOfRangeException>(() => model.Predict(new FeatureMatrix(x, 2), new double[10])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Predict(new FeatureMatrix(x, 4), new double[5]));
        Assert.Throws<ArgumentException>(() => model.Predict(data.X, new double[10], new double[9]));
    }
}

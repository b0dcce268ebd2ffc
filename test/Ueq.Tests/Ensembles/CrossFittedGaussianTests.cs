using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Ensembles;

public sealed class CrossFittedGaussianTests
{
    private static readonly CrossFittedOptions Five = new() { Folds = 5 };

    private static CrossFittedGaussian Fit(ITrainer<IPointPredictor> mean, ITrainer<IPointPredictor> scale, Table data, CrossFittedOptions? options = null, ulong seed = 1) =>
        new CrossFittedGaussianTrainer(mean, scale, options ?? Five).Fit(data.X, data.Y, seed, TestContext.Current.CancellationToken);

    private static (double[] Mean, double[] Sigma) Answers(CrossFittedGaussian model, FeatureMatrix x)
    {
        double[] mean = new double[x.Rows], sigma = new double[x.Rows];
        model.Predict(x, mean, sigma);
        return (mean, sigma);
    }

    // y = 3x + σ(x)·noise, σ growing from 0.2 to 2 with x.
    private static Table Widening(int rows, ulong stream)
    {
        Rng rng = Rng.Stream(21, stream);
        float[] x = new float[rows];
        double[] y = new double[rows];
        for (int i = 0; i < rows; i++)
        {
            x[i] = (float)rng.NextUniform();
            y[i] = 3 * x[i] + Sigma(x[i]) * rng.NextNormal();
        }

        return new Table(new FeatureMatrix(x, 1), y);
    }

    private static double Sigma(double x) => 0.2 * Math.Pow(10, x);

    [Fact]
    public void NoiseOfOneSizeIsRecovered()
    {
        Rng rng = Rng.Stream(4, 1);
        Table data = Table.Linear(2000, 3, 0.7, ref rng);
        using CrossFittedGaussian model = Fit(new BayesianLinearTrainer(), new BayesianLinearTrainer(), data);
        (_, double[] sigma) = Answers(model, data.X);
        Assert.InRange(sigma.Average(), 0.66, 0.74);
        Assert.InRange(sigma.Min(), 0.55, 0.7);
        Assert.InRange(sigma.Max(), 0.7, 0.85);
    }

    [Fact]
    public void NoiseThatGrowsIsFollowed()
    {
        Table data = Widening(3000, 1), fresh = Widening(1000, 2);
        using CrossFittedGaussian model = Fit(new BayesianLinearTrainer(), new BayesianLinearTrainer(), data);
        (double[] mean, double[] sigma) = Answers(model, fresh.X);
        Assert.InRange(model.Slope, 0.9, 1.3);
        for (int i = 0; i < sigma.Length; i++) Assert.InRange(sigma[i] / Sigma(fresh.X.Row(i)[0]), 0.8, 1.25);
        double one = Math.Sqrt(fresh.Y.Zip(mean, (y, m) => (y - m) * (y - m)).Average());
        double ours = LogScore.Gaussian(mean, sigma, fresh.Y), homoscedastic = LogScore.Gaussian(mean, [.. sigma.Select(_ => one)], fresh.Y);
        Assert.True(ours < homoscedastic - 0.15, $"{ours} against {homoscedastic}");
    }

    [Fact]
    public void AScaleModelThatKnowsNothingIsNotBelieved()
    {
        Rng rng = Rng.Stream(4, 2);
        Table data = Table.Linear(1500, 2, 1, ref rng);
        using CrossFittedGaussian model = Fit(new BayesianLinearTrainer(), Trainers.Nearest(3), data);
        Assert.InRange(model.Slope, -0.15, 0.15);
    }

    [Fact]
    public void AMeanThatRemembersItsRowsIsNotTakenAtItsWord()
    {
        Rng rng = Rng.Stream(4, 3);
        Table data = Table.Linear(400, 1, 1, ref rng);
        // The nearest row of a training row is itself: its own residuals are zero.
        using CrossFittedGaussian model = Fit(Trainers.Nearest(1), Trainers.Mean, data);
        (_, double[] sigma) = Answers(model, data.X);
        Assert.All(sigma, s => Assert.InRange(s, 1.2, 1.7));
    }

    [Fact]
    public void TheMeanIsThatOfTheFoldModels()
    {
        Table data = Widening(100, 3);
        using CrossFittedGaussian model = Fit(Trainers.Nearest(4), Trainers.Mean, data);
        Assert.Equal(5, model.Means.Count);
        Assert.Equal(5, model.Scales.Count);
        double[] expected = new double[100], answer = new double[100];
        foreach (IPointPredictor member in model.Means)
        {
            member.Predict(data.X, answer);
            for (int i = 0; i < 100; i++) expected[i] += answer[i] / 5;
        }

        (double[] mean, _) = Answers(model, data.X);
        model.Predict(data.X, answer);
        Assert.Equal(expected, mean, (a, b) => Math.Abs(a - b) < 1e-12);
        Assert.Equal(mean, answer);
    }

    [Fact]
    public void TheAnswerDependsOnTheSeedAndNotOnTheThreads()
    {
        Table data = Widening(200, 4);
        (double[], double[]) With(int threads, ulong seed)
        {
            using CrossFittedGaussian model = Fit(Trainers.Nearest(4), Trainers.Nearest(20), data, new CrossFittedOptions { Folds = 7, Parallelism = threads }, seed);
            return Answers(model, data.X);
        }

        (double[] mean, double[] sigma) = With(1, 3);
        Assert.Equal(mean, With(8, 3).Item1);
        Assert.Equal(sigma, With(8, 3).Item2);
        Assert.NotEqual(mean, With(1, 4).Item1);
    }

    [Fact]
    public void ScaleStaysWithinWhatTheTrainingRowsShowed()
    {
        Table data = Widening(1000, 5);
        using CrossFittedGaussian model = Fit(new BayesianLinearTrainer(), new BayesianLinearTrainer(), data);
        (_, double[] sigma) = Answers(model, new FeatureMatrix(new float[] { -1000, 0, 1, 1000 }, 1));
        Assert.True(sigma[0] <= sigma[1] && sigma[1] < sigma[2] && sigma[2] <= sigma[3], string.Join(", ", sigma));
        Assert.InRange(sigma[3] / sigma[2], 1, 1.1);
    }

    [Fact]
    public void ConformalisedItCoversDiabetes()
    {
        Table data = Repository.Data("reg-diabetes");
        double covered = 0, count = 0, width = 0;
        for (ulong seed = 0; seed < 12; seed++)
        {
            (Table fit, Table rest) = data.Divide(200, seed);
            (Table held, Table test) = rest.Divide(121, seed);
            using CrossFittedGaussian model = Fit(new BayesianLinearTrainer(), new BayesianLinearTrainer(), fit, seed: seed);
            GaussianBands bands = new(model);
            Band[] heldBands = new Band[held.Y.Length], testBands = new Band[test.Y.Length];
            bands.Predict(held.X, heldBands);
            bands.Predict(test.X, testBands);
            IntervalCalibration calibration = IntervalCalibration.From(heldBands, held.Y);
            for (int i = 0; i < testBands.Length; i++)
            {
                Interval interval = calibration.Apply(testBands[i], default);
                covered += interval.Contains(test.Y[i]) ? 1 : 0;
                width += interval.Width;
                count++;
            }
        }

        Assert.InRange(covered / count, 0.87, 0.94);
        // The target's standard deviation is 77: without a model a 90 % interval is about 250 wide.
        Assert.InRange(width / count, 150, 205);
    }

    [Fact]
    public void ModelsAreReleasedTogetherAndWhenAFitFails()
    {
        Table data = Widening(60, 6);
        List<Released> made = [];
        Trainer<IPointPredictor> trainer = new((x, y, _) =>
        {
            Released model = new(y.Average());
            lock (made) made.Add(model);
            return model;
        });
        CrossFittedGaussian whole = Fit(trainer, trainer, data);
        Assert.DoesNotContain(made, model => model.IsReleased);
        whole.Dispose();
        Assert.Equal(10, made.Count);
        Assert.All(made, model => Assert.True(model.IsReleased));

        made.Clear();
        Trainer<IPointPredictor> failing = new((_, _, _) => throw new InvalidOperationException("no scale today"));
        Assert.Equal("no scale today", Assert.Throws<InvalidOperationException>(() => Fit(trainer, failing, data)).Message);
        Assert.Equal(5, made.Count);
        Assert.All(made, model => Assert.True(model.IsReleased));
    }

    [Fact]
    public void BadInputSaysWhatWasExpected()
    {
        Table data = Widening(30, 7);
        Assert.Throws<ArgumentNullException>(() => new CrossFittedGaussianTrainer(null!));
        Assert.Contains("2 to 1000 folds, got 1", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Trainers.Mean, Trainers.Mean, data, new() { Folds = 1 })).Message, StringComparison.Ordinal);
        Assert.Contains("parallelism of 1 or more, got 0", Assert.Throws<ArgumentOutOfRangeException>(() => Fit(Trainers.Mean, Trainers.Mean, data, new() { Parallelism = 0 })).Message, StringComparison.Ordinal);
        AssumptionException few = Assert.Throws<AssumptionException>(() => Fit(Trainers.Mean, Trainers.Mean, data, new() { Folds = 16 }));
        Assert.Equal(Assumption.EnoughRows, few.Assumption);
        Assert.Contains("32 rows or more to fit on, got 30", few.Message, StringComparison.Ordinal);
        AssumptionException still = Assert.Throws<AssumptionException>(() => Fit(Trainers.Mean, Trainers.Mean, data with { Y = new double[30] }));
        Assert.Equal(Assumption.Variation, still.Assumption);
        Trainer<IPointPredictor> nothing = new((_, _, _) => new RowPredictor(_ => double.NaN));
        Assert.Equal(Assumption.FiniteAnswers, Assert.Throws<AssumptionException>(() => Fit(nothing, Trainers.Mean, data)).Assumption);
        using CrossFittedGaussian model = Fit(Trainers.Mean, Trainers.Mean, data);
        Assert.Contains("1 features per row, got 2", Assert.Throws<ArgumentException>(() => Answers(model, new FeatureMatrix(new float[4], 2))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => model.Predict(data.X, new double[30], new double[29]));
    }

    private sealed class Released(double answer) : IPointPredictor, IDisposable
    {
        public bool IsReleased { get; private set; }

        public void Predict(FeatureMatrix x, Span<double> destination) => destination.Fill(answer);

        public void Dispose() => IsReleased = true;
    }
}

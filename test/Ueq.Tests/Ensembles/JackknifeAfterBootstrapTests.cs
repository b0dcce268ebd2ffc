using Ueq.Bayesian;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests.Ensembles;

public sealed class JackknifeAfterBootstrapTests
{
    private static Table Sample(int rows = 120)
    {
        Rng rng = Rng.Stream(8, 1);
        return Table.Linear(rows, 3, 1, ref rng);
    }

    private static (double[] Predictions, Interval[] Intervals) Answers(JackknifeAfterBootstrap model, FeatureMatrix x, Coverage coverage = default)
    {
        double[] predictions = new double[x.Rows];
        Interval[] intervals = new Interval[x.Rows];
        model.Predict(x, coverage, predictions, intervals);
        return (predictions, intervals);
    }

    [Fact]
    public void TheAnswerDoesNotDependOnTheNumberOfThreads()
    {
        Table data = Sample();
        (double[], Interval[])[] answers = [.. ((int[])[1, 2, 3, 8, 64]).Select(threads => Answers(Trainers.Bootstrap(
            new BayesianLinearTrainer(), data.X, data.Y, new BootstrapOptions { Members = 21, Parallelism = threads }, 5), data.X))];
        foreach ((double[] predictions, Interval[] intervals) in answers[1..])
        {
            Assert.Equal(answers[0].Item1, predictions);
            Assert.Equal(answers[0].Item2, intervals);
        }
    }

    [Fact]
    public void TheSeedIsTheAnswer()
    {
        Table data = Sample();
        JackknifeAfterBootstrap Fit(ulong seed) => Trainers.Bootstrap(new BayesianLinearTrainer(), data.X, data.Y, new BootstrapOptions { Members = 20 }, seed);
        Assert.Equal(Answers(Fit(5), data.X).Intervals, Answers(Fit(5), data.X).Intervals);
        Assert.NotEqual(Answers(Fit(5), data.X).Intervals, Answers(Fit(6), data.X).Intervals);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(33)]
    public void IntervalsAreThoseOfTheDefinitionForAnyNumberOfMembers(int members)
    {
        Table data = Sample(60);
        JackknifeAfterBootstrap model = Trainers.Bootstrap(Trainers.Nearest(2), data.X, data.Y, new BootstrapOptions { Members = members }, 3);
        FeatureMatrix x = Sample(300).X;
        double[][] answers = [.. model.Ensemble.Members.Select(member =>
        {
            double[] all = new double[x.Rows];
            member.Predict(x, all);
            return all;
        })];
        foreach (Coverage coverage in (Coverage[])[new(0.5), new(0.8), default, new(0.99)])
        {
            (double[] predictions, Interval[] intervals) = Answers(model, x, coverage);
            for (int t = 0; t < x.Rows; t += 37)
            {
                Assert.Equal(answers.Average(a => a[t]), predictions[t], 1e-12);
                Interval naive = Naive(model, [.. answers.Select(a => a[t])], coverage.Rank(60));
                Assert.Equal(naive.Lower, intervals[t].Lower, 1e-9);
                Assert.Equal(naive.Upper, intervals[t].Upper, 1e-9);
            }
        }
    }

    private static Interval Naive(JackknifeAfterBootstrap model, double[] answers, int rank)
    {
        int n = model.Count;
        if (rank > n) return Interval.Unbounded;
        double[] low = new double[n], high = new double[n];
        for (int i = 0; i < n; i++)
        {
            double[] judges = [.. answers.Where((_, m) => !model.Bags.Contains(i, m))];
            double mean = judges.Length == 0 ? 0 : judges.Average();
            (low[i], high[i]) = (mean - model.Residuals[i], mean + model.Residuals[i]);
        }

        Array.Sort(low);
        Array.Sort(high);
        return new Interval(low[n - rank], high[rank - 1]);
    }

    [Fact]
    public void TwoMembersAndFewRowsAnswerUnboundedRatherThanWrong()
    {
        FeatureMatrix x = new(new float[] { 1, 2, 3, 4 }, 1);
        JackknifeAfterBootstrap model = Trainers.Bootstrap(Trainers.Mean, x, [1, 2, 3, 4], new BootstrapOptions { Members = 2 }, 1);
        (double[] predictions, Interval[] intervals) = Answers(model, x);
        Assert.All(predictions, p => Assert.InRange(p, 1, 4));
        Assert.All(intervals, interval => Assert.Equal(Interval.Unbounded, interval));
        // At a low level bounded or not, but never NaN.
        foreach (double level in (double[])[0.2, 0.4, 0.6, 0.79])
            Assert.All(Answers(model, x, new Coverage(level)).Intervals, interval => Assert.True(interval.Lower <= interval.Upper));
    }

    [Fact]
    public void OutOfBagPredictionsAreThoseOfTheMembersThatDidNotSeeTheRow()
    {
        Table data = Sample(50);
        JackknifeAfterBootstrap model = Trainers.Bootstrap(new BayesianLinearTrainer(), data.X, data.Y, new BootstrapOptions { Members = 30 }, 3);
        double[] answers = new double[50];
        model.PredictOutOfBag(data.X, answers);
        for (int i = 0; i < 50; i++) Assert.Equal(model.Residuals[i], Math.Abs(data.Y[i] - answers[i]), 1e-10);
    }

    [Fact]
    public void CancellationStopsBetweenMembers()
    {
        Table data = Sample();
        using CancellationTokenSource source = new();
        int fits = 0;
        ITrainer<IPointPredictor> trainer = new Trainer<IPointPredictor>((x, _, _) =>
        {
            if (Interlocked.Increment(ref fits) == 5) source.Cancel();
            return new LinearPredictor(new double[x.Columns], 0);
        });
        Assert.ThrowsAny<OperationCanceledException>(() => JackknifeAfterBootstrap.Fit(
            trainer, data.X, data.Y, new BootstrapOptions { Members = 1000, Parallelism = 2 }, 1, cancellation: source.Token));
        Assert.InRange(fits, 5, 8);
    }

    [Fact]
    public void ATrainerThatFailsSurfacesItsOwnError()
    {
        Table data = Sample();
        ITrainer<IPointPredictor> trainer = new Trainer<IPointPredictor>((_, _, _) => throw new AssumptionException(Assumption.WellConditioned, "mine"));
        foreach (int threads in (int[])[1, 4])
        {
            AssumptionException error = Assert.Throws<AssumptionException>(() => Trainers.Bootstrap(trainer, data.X, data.Y, new BootstrapOptions { Parallelism = threads }, 1));
            Assert.Equal("mine", error.Message);
            Assert.Contains(nameof(JackknifeAfterBootstrapTests), error.StackTrace, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AMemberThatAnswersNoNumberIsNamed()
    {
        Table data = Sample();
        ITrainer<IPointPredictor> always = new Trainer<IPointPredictor>((_, _, _) => new RowPredictor(_ => double.NaN));
        AssumptionException fitting = Assert.Throws<AssumptionException>(() => Trainers.Bootstrap(always, data.X, data.Y, null, 1));
        Assert.Equal(Assumption.FiniteAnswers, fitting.Assumption);
        Assert.Contains("member 0", fitting.Message, StringComparison.Ordinal);

        int made = 0;
        ITrainer<IPointPredictor> late = new Trainer<IPointPredictor>((_, _, _) => made++ == 3 ? new RowPredictor(row => row[0] > 100 ? double.NaN : 1) : new RowPredictor(_ => 1));
        JackknifeAfterBootstrap model = Trainers.Bootstrap(late, data.X, data.Y, new BootstrapOptions { Members = 5, Parallelism = 1 }, 1);
        float[] x = new float[600 * 3];
        x[500 * 3] = 101;
        AssumptionException predicting = Assert.Throws<AssumptionException>(() => Answers(model, new FeatureMatrix(x, 3)));
        Assert.Contains("member 3", predicting.Message, StringComparison.Ordinal);
        Assert.Contains("row 500", predicting.Message, StringComparison.Ordinal);
        Assert.Throws<AssumptionException>(() => model.Ensemble.Predict(new FeatureMatrix(x, 3), new double[600]));
    }

    [Fact]
    public void MemberSeedsDifferAndDoNotRepeatTheDraws()
    {
        Table data = Sample(30);
        System.Collections.Concurrent.ConcurrentBag<ulong> seeds = [];
        ITrainer<IPointPredictor> trainer = new Trainer<IPointPredictor>((x, _, seed) =>
        {
            seeds.Add(seed);
            return new LinearPredictor(new double[x.Columns], 0);
        });
        Trainers.Bootstrap(trainer, data.X, data.Y, new BootstrapOptions { Members = 100 }, 1);
        Assert.Equal(100, seeds.Distinct().Count());
    }

    [Fact]
    public void AboutAThirdOfTheMembersJudgeARow()
    {
        Table data = Sample(200);
        JackknifeAfterBootstrap model = Trainers.Bootstrap(Trainers.Mean, data.X, data.Y, new BootstrapOptions { Members = 200 }, 1);
        double share = Enumerable.Range(0, 200).Average(i => model.Bags.OutOfBag(i) / 200.0);
        Assert.Equal(Math.Pow(1 - 1 / 200.0, 200), share, 0.01);
    }

    [Fact]
    public void WrongOptionsAndRowsAreRefused()
    {
        Table data = Sample(10);
        foreach (BootstrapOptions options in (BootstrapOptions[])[new() { Members = 1 }, new() { Members = 5000 }, new() { Parallelism = 0 }])
            Assert.Throws<ArgumentOutOfRangeException>(() => Trainers.Bootstrap(Trainers.Mean, data.X, data.Y, options, 1));
        Assert.Throws<ArgumentException>(() => Trainers.Bootstrap(Trainers.Mean, data.X, data.Y.AsSpan(1), null, 1));
        Assert.Equal(Assumption.EnoughRows, Assert.Throws<AssumptionException>(() => Trainers.Bootstrap(Trainers.Mean, data.X.Slice(0, 1), data.Y.AsSpan(0, 1), null, 1)).Assumption);
        Assert.Contains("row 2", Assert.Throws<ArgumentOutOfRangeException>(() => Trainers.Bootstrap(Trainers.Mean, data.X.Slice(0, 3), [1, 2, double.NaN], null, 1)).Message, StringComparison.Ordinal);
        JackknifeAfterBootstrap model = Trainers.Bootstrap(Trainers.Mean, data.X, data.Y, null, 1);
        Assert.Throws<ArgumentException>(() => model.Predict(new FeatureMatrix(new float[4], 2), default, new double[2], new Interval[2]));
        Assert.Throws<ArgumentException>(() => model.Predict(data.X, default, new double[9], new Interval[10]));
        model.Predict(default, default, [], []);
    }

    [Fact]
    public void ResidualsThatContradictTheBagsAreRefused()
    {
        BootstrapEnsemble two = new([new LinearPredictor([0], 0), new LinearPredictor([0], 0)], 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new JackknifeAfterBootstrap(two, new Bags(1, 2, [0b11]), [0.5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JackknifeAfterBootstrap(two, new Bags(1, 2, [0b01]), [double.PositiveInfinity]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JackknifeAfterBootstrap(two, new Bags(1, 2, [0b01]), [double.NaN]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new JackknifeAfterBootstrap(two, new Bags(1, 2, [0b111]), [1]));
    }

    [Fact]
    public async Task ManyThreadsPredictAtOnce()
    {
        Table data = Sample();
        JackknifeAfterBootstrap model = Trainers.Bootstrap(new BayesianLinearTrainer(), data.X, data.Y, new BootstrapOptions { Members = 20 }, 5);
        Interval[] expected = Answers(model, data.X).Intervals;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (int i = 0; i < 10; i++) Assert.Equal(expected, Answers(model, data.X).Intervals);
        })));
    }
}

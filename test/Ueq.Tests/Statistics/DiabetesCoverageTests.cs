using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Statistics;

/// <summary>Coverage and size on real rows, over many random splits into 300 rows to fit on and 142 to judge.</summary>
public sealed class DiabetesCoverageTests
{
    private const int Splits = 30;
    private const int Train = 300;
    private static readonly Coverage[] _levels = [new(0.8), default, new(0.95)];
    private static readonly Lazy<Table> _data = new(() => Repository.Data("reg-diabetes"));
    private static readonly Lazy<IntervalReading[]> _bayesian = new(() => Measure((table, _) => BayesianLinearRegression.Fit(table.X, table.Y)));

    [Fact]
    public void BayesianRegressionCovers() => Check(_bayesian.Value, Train);

    [Fact]
    public void SplitConformalCovers() => Check(Measure((table, seed) => new SplitConformal().Fit(new AbsoluteTrainer(new BayesianLinearTrainer()), table.X, table.Y, seed)), Train / 4);

    [Fact]
    public void NormalisedSplitConformalCovers() => Check(Measure((table, seed) => new SplitConformal().Fit(new NormalisedTrainer(new BayesianLinearTrainer()), table.X, table.Y, seed)), Train / 4);

    [Fact]
    public void JackknifeAfterBootstrapOfALinearModelCovers() =>
        Check(Measure((table, seed) => Trainers.Bootstrap(new BayesianLinearTrainer(), table.X, table.Y, new BootstrapOptions { Members = 24 }, seed)), Train);

    [Fact]
    public void JackknifeAfterBootstrapOfNeighboursCovers() =>
        Check(Measure((table, seed) => Trainers.Bootstrap(Trainers.Nearest(7), table.X, table.Y, new BootstrapOptions { Members = 12 }, seed), splits: 4), Train, splits: 4);

    [Fact]
    public void ThePercentileIntervalOfTheMeanIsNoPredictionInterval()
    {
        double covered = 0;
        for (ulong seed = 0; seed < 5; seed++)
        {
            (Table train, Table test) = _data.Value.Divide(Train, seed);
            BootstrapEnsemble ensemble = Trainers.Bootstrap(new BayesianLinearTrainer(), train.X, train.Y, new BootstrapOptions { Members = 60 }, seed).Ensemble;
            double[] mean = new double[test.Y.Length];
            Interval[] intervals = new Interval[test.Y.Length];
            ensemble.MeanInterval(test.X, new Coverage(0.95), mean, intervals);
            covered += IntervalScores.Read(intervals, test.Y, new Coverage(0.95)).Coverage / 5;
        }

        // The trap: a nominal 95 % that contains about a fifth of the new targets.
        Assert.InRange(covered, 0.1, 0.4);
    }

    private static IntervalReading[] Measure(Func<Table, ulong, IIntervalPredictor> fit, int splits = Splits)
    {
        IntervalReading[] sums = new IntervalReading[_levels.Length];
        for (int s = 0; s < splits; s++)
        {
            (Table train, Table test) = _data.Value.Divide(Train, (ulong)s);
            IIntervalPredictor model = fit(train, (ulong)s);
            double[] predictions = new double[test.Y.Length];
            Interval[] intervals = new Interval[test.Y.Length];
            for (int l = 0; l < sums.Length; l++)
            {
                model.Predict(test.X, _levels[l], predictions, intervals);
                IntervalReading reading = IntervalScores.Read(intervals, test.Y, _levels[l]);
                Assert.Equal(0, reading.Unbounded);
                sums[l] = new IntervalReading(sums[l].Count + reading.Count, sums[l].Coverage + reading.Coverage / splits, sums[l].MeanWidth + reading.MeanWidth / splits, 0, 0, sums[l].Winkler + reading.Winkler / splits);
            }
        }

        return sums;
    }

    private static void Check(IntervalReading[] readings, int evidence, int splits = Splits)
    {
        int test = _data.Value.Y.Length - Train;
        for (int l = 0; l < readings.Length; l++)
        {
            double level = _levels[l].Value;
            // One split errs by its test rows and its calibration; splits of one set of 442 rows share rows, and count as a third.
            double error = 3 * Math.Sqrt(level * (1 - level) * (1.0 / test + 1.0 / evidence) / (splits / 3.0)) + 1.0 / (evidence + 1);
            string what = $"{_levels[l]}: covered {readings[l].Coverage:0.0000}, width {readings[l].MeanWidth:0.0}, Bayesian {_bayesian.Value[l].MeanWidth:0.0}";
            Assert.True(Math.Abs(readings[l].Coverage - level) <= error, $"{what}, allowed ± {error:0.0000}");
            Assert.True(readings[l].MeanWidth <= 1.3 * _bayesian.Value[l].MeanWidth, what);
            Assert.True(readings[l].Winkler <= 1.3 * _bayesian.Value[l].Winkler, what);
        }
    }
}

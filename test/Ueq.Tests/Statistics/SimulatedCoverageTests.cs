using MathNet.Numerics.Distributions;
using Ueq.Bayesian;
using Ueq.Conformal;
using Ueq.Ensembles;
using Ueq.Tests.Support;

namespace Ueq.Tests.Statistics;

/// <summary>Coverage where the truth is known: a linear mean and Gaussian noise of one variance.</summary>
public sealed class SimulatedCoverageTests
{
    private static readonly Coverage[] _levels = [new(0.8), default, new(0.95)];

    // Fresh training and test rows each time, so that repetitions are independent and the standard error is honest.
    private static void CoversWithinTwoStandardErrors(int repetitions, int rows, Func<Table, ulong, IIntervalPredictor> fit, Func<Coverage, double> expected, double widthLimit, double slack = 0)
    {
        const int test = 40;
        double[] sums = new double[_levels.Length], squares = new double[_levels.Length], widths = new double[_levels.Length];
        for (int r = 0; r < repetitions; r++)
        {
            Rng rng = Rng.Stream(2026, (ulong)r);
            Table all = Table.Linear(rows + test, 3, 2, ref rng);
            IIntervalPredictor model = fit(new Table(all.X.Slice(0, rows), all.Y[..rows]), (ulong)r);
            double[] predictions = new double[test];
            Interval[] intervals = new Interval[test];
            for (int l = 0; l < _levels.Length; l++)
            {
                model.Predict(all.X.Slice(rows, test), _levels[l], predictions, intervals);
                double covered = Enumerable.Range(0, test).Count(i => intervals[i].Contains(all.Y[rows + i])) / (double)test;
                sums[l] += covered;
                squares[l] += covered * covered;
                widths[l] += intervals.Average(i => i.Width) / repetitions;
            }
        }

        for (int l = 0; l < _levels.Length; l++)
        {
            double mean = sums[l] / repetitions, error = Math.Sqrt((squares[l] / repetitions - mean * mean) / repetitions), goal = expected(_levels[l]);
            Assert.True(Math.Abs(mean - goal) <= 2 * error + slack, $"{_levels[l]}: covered {mean:0.0000} ± {error:0.0000}, expected {goal:0.0000}");
            double best = 2 * 2 * -Normal.InvCDF(0, 1, _levels[l].Miss / 2);
            Assert.True(widths[l] <= widthLimit * best, $"{_levels[l]}: width {widths[l]:0.00}, the noise alone takes {best:0.00}");
        }
    }

    [Fact]
    public void BayesianRegressionCoversAsItSays() =>
        CoversWithinTwoStandardErrors(700, 150, (table, _) => BayesianLinearRegression.Fit(table.X, table.Y), coverage => coverage.Value, 1.05);

    [Fact]
    public void BayesianRegressionOfFewRowsCoversWithinTwoPoints() =>
        // The prior's precision is taken as known once it is estimated: with 25 rows that costs about a point at 80 %.
        CoversWithinTwoStandardErrors(1000, 25, (table, _) => BayesianLinearRegression.Fit(table.X, table.Y), coverage => coverage.Value, 1.25, slack: 0.015);

    [Fact]
    public void SplitConformalCoversItsRankOverNPlusOne() => CoversWithinTwoStandardErrors(
        1000, 80, (table, seed) => new SplitConformal(new SplitOptions { CalibrationShare = 0.5 }).Fit(new AbsoluteTrainer(new BayesianLinearTrainer()), table.X, table.Y, seed),
        coverage => coverage.Rank(40) / 41.0, 1.25);

    [Fact]
    public void NormalisedSplitConformalCoversItsRankOverNPlusOne() => CoversWithinTwoStandardErrors(
        400, 80, (table, seed) => new SplitConformal(new SplitOptions { CalibrationShare = 0.5 }).Fit(new NormalisedTrainer(new BayesianLinearTrainer()), table.X, table.Y, seed),
        coverage => coverage.Rank(40) / 41.0, 1.7);

    [Fact]
    public void JackknifeAfterBootstrapCoversAboutItsLevel()
    {
        // Out-of-bag judges are means of fewer members fitted on fewer rows: slightly cautious, by about half a rank here.
        CoversWithinTwoStandardErrors(200, 60, (table, seed) => Trainers.Bootstrap(new BayesianLinearTrainer(), table.X, table.Y, new BootstrapOptions { Members = 20, Parallelism = 1 }, seed),
            coverage => coverage.Rank(60) / 61.0, 1.3);
    }

    [Fact]
    public void ThePercentileIntervalCoversTheMeanAboutAsItSays()
    {
        double covered = 0;
        const int repetitions = 40, rows = 150, test = 20;
        for (ulong r = 0; r < repetitions; r++)
        {
            Rng rng = Rng.Stream(7, r);
            Table train = Table.Linear(rows, 3, 2, ref rng), truth = Table.Linear(test, 3, 0, ref rng);
            BootstrapEnsemble ensemble = Trainers.Bootstrap(new BayesianLinearTrainer(), train.X, train.Y, new BootstrapOptions { Members = 80 }, r).Ensemble;
            double[] mean = new double[test];
            Interval[] intervals = new Interval[test];
            ensemble.MeanInterval(truth.X, default, mean, intervals);
            covered += Enumerable.Range(0, test).Count(i => intervals[i].Contains(truth.Y[i])) / (double)(test * repetitions);
        }

        Assert.InRange(covered, 0.82, 0.94);
    }

    [Theory]
    [InlineData(9, 0.9)]
    [InlineData(40, 0.8)]
    [InlineData(200, 0.95)]
    public void DeliveredCoverageOfASplitIsBeta(int n, double level)
    {
        // Scores uniform on (0, 1): the coverage that a threshold t delivers is t itself.
        Coverage coverage = new(level);
        int rank = coverage.Rank(n);
        const int repetitions = 4000;
        double[] delivered = new double[repetitions];
        for (int r = 0; r < repetitions; r++)
        {
            Rng rng = Rng.Stream(31, (ulong)r);
            double[] scores = new double[n];
            for (int i = 0; i < n; i++) scores[i] = rng.NextUniform();
            delivered[r] = IntervalCalibration.FromScores(scores).Threshold(coverage);
        }

        Array.Sort(delivered);
        Beta beta = new(rank, n + 1 - rank);
        double distance = Enumerable.Range(0, repetitions).Max(i =>
        {
            double cdf = beta.CumulativeDistribution(delivered[i]);
            return Math.Max((i + 1.0) / repetitions - cdf, cdf - (double)i / repetitions);
        });
        // Kolmogorov's 99.9 % point.
        Assert.True(distance * Math.Sqrt(repetitions) < 1.95, $"KS distance {distance}");
    }

    [Fact]
    public void TiesOnlyRaiseTheCoverage()
    {
        int covered = 0;
        const int repetitions = 4000, n = 30;
        for (int r = 0; r < repetitions; r++)
        {
            Rng rng = Rng.Stream(17, (ulong)r);
            double[] scores = new double[n];
            for (int i = 0; i < n; i++) scores[i] = rng.NextIndex(4);
            if (rng.NextIndex(4) <= IntervalCalibration.FromScores(scores).Threshold(new Coverage(0.7))) covered++;
        }

        Assert.InRange(covered / (double)repetitions, 0.7, 1);
    }
}

using CsCheck;
using Ueq.Conformal;
using Ueq.Tests.Support;

namespace Ueq.Tests.Conformal;

public sealed class CalibrationTests
{
    private static readonly Gen<double[]> _scores = Gen.Double[-100, 100].Array[1, 60];
    private static readonly Gen<double> _level = Gen.Double[0.001, 0.999];

    // Quarters, so that ties occur and additions are exact.
    private static readonly Gen<double> _quarter = Gen.Int[-400, 400].Select(i => i / 4.0);

    [Fact]
    public void ThresholdsRiseWithTheLevel() => Gen.Select(_scores, _level, _level).Sample((scores, a, b) =>
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores(scores);
        return calibration.Threshold(new Coverage(Math.Min(a, b))) <= calibration.Threshold(new Coverage(Math.Max(a, b)));
    });

    [Fact]
    public void IntervalsAreNestedInTheLevel() => Gen.Select(_scores, _level, _level, Gen.Double[-5, 5], Gen.Double[0, 9]).Sample((scores, a, b, lower, width) =>
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores(scores);
        Band band = new(lower, lower + width, 1.5);
        Interval inner = calibration.Apply(band, new Coverage(Math.Min(a, b))), outer = calibration.Apply(band, new Coverage(Math.Max(a, b)));
        return outer.Lower <= inner.Lower && inner.Upper <= outer.Upper;
    });

    [Fact]
    public void OrderOfTheCalibrationRowsDoesNotMatter() => Gen.Select(_scores, Gen.ULong).Sample((scores, seed) =>
    {
        double[] shuffled = [.. scores];
        Rng rng = Rng.Stream(seed, 0);
        rng.Shuffle<double>(shuffled);
        return IntervalCalibration.FromScores(scores).Scores.SequenceEqual(IntervalCalibration.FromScores(shuffled).Scores)
            && LabelSetCalibration.FromScores(scores, 3).Scores.SequenceEqual(LabelSetCalibration.FromScores(shuffled, 3).Scores);
    });

    [Fact]
    public void TheThresholdIsTheScoreOfItsRankOrUnbounded() => Gen.Select(_scores, _level).Sample((scores, level) =>
    {
        Coverage coverage = new(level);
        int rank = coverage.Rank(scores.Length);
        double[] sorted = [.. scores.Order()];
        return IntervalCalibration.FromScores(scores).Threshold(coverage) == (rank > sorted.Length ? double.PositiveInfinity : sorted[rank - 1]);
    });

    [Fact]
    public void TooFewScoresAnswerUnboundedAndTheGuaranteeSaysSo()
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores([1, 2, 3, 4, 5, 6, 7, 8]);
        Assert.Equal(Interval.Unbounded, calibration.Apply(new Band(3, 3, 1), default));
        Assert.Equal(new Guarantee(GuaranteeKind.SplitConformal, default, 9, 8), calibration.Guarantee(default));
        Assert.False(calibration.Guarantee(default).IsBounded);
        Assert.Equal(1, calibration.Guarantee(default).Proven);
        Assert.Equal(0.9, IntervalCalibration.FromScores([1, 2, 3, 4, 5, 6, 7, 8, 9]).Guarantee(default).Proven);
    }

    [Fact]
    public void OneScoreAnswersUpToOneHalf()
    {
        IntervalCalibration one = IntervalCalibration.FromScores([2]);
        Assert.Equal(new Interval(-1, 3), one.Apply(new Band(1, 1, 1), new Coverage(0.5)));
        Assert.Equal(Interval.Unbounded, one.Apply(new Band(1, 1, 1), new Coverage(0.501)));
        Assert.Equal(double.PositiveInfinity, IntervalCalibration.FromScores([]).Threshold(new Coverage(0.001)));
    }

    [Fact]
    public void ABatchEqualsItsRows() => Gen.Select(_scores, _level, Gen.Select(Gen.Double[-9, 9], Gen.Double[0, 3], Gen.Double[0.1, 4]).Array[0, 20]).Sample((scores, level, claims) =>
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores(scores);
        Band[] bands = [.. claims.Select(c => new Band(c.Item1, c.Item1 + c.Item2, c.Item3))];
        Interval[] batch = new Interval[bands.Length];
        calibration.Apply(bands, new Coverage(level), batch);
        return batch.SequenceEqual(bands.Select(band => calibration.Apply(band, new Coverage(level))));
    });

    [Fact]
    public void AConstantAddedToBandsAndTargetsLeavesTheScores() =>
        Gen.Select(Gen.Select(_quarter, Gen.Int[0, 20], _quarter).Array[1, 30], _quarter).Sample((rows, shift) =>
        {
            IntervalCalibration before = IntervalCalibration.From([.. rows.Select(r => new Band(r.Item1, r.Item1 + r.Item2, 1))], [.. rows.Select(r => r.Item3)]);
            IntervalCalibration after = IntervalCalibration.From([.. rows.Select(r => new Band(r.Item1 + shift, r.Item1 + r.Item2 + shift, 1))], [.. rows.Select(r => r.Item3 + shift)]);
            return before.Scores.SequenceEqual(after.Scores);
        });

    [Fact]
    public void AFactorOnEverythingLeavesTheScoresAndScalesTheIntervals() =>
        Gen.Select(Gen.Select(_quarter, _quarter).Array[10, 30], Gen.Int[-3, 3].Select(p => Math.Pow(2, p))).Sample((rows, factor) =>
        {
            IntervalCalibration before = IntervalCalibration.From([.. rows.Select(r => new Band(r.Item1, r.Item1, 1))], [.. rows.Select(r => r.Item2)]);
            IntervalCalibration after = IntervalCalibration.From([.. rows.Select(r => new Band(r.Item1 * factor, r.Item1 * factor, factor))], [.. rows.Select(r => r.Item2 * factor)]);
            Interval one = before.Apply(new Band(1, 1, 1), default), other = after.Apply(new Band(factor, factor, factor), default);
            return before.Scores.SequenceEqual(after.Scores) && other == new Interval(one.Lower * factor, one.Upper * factor);
        });

    [Fact]
    public void AnIntervalContainsTheTargetsWhoseScoreIsItsThreshold() =>
        // Few distinct targets around a mean that no double holds: the threshold is a tie, and its rows must be inside.
        Gen.Select(Gen.Int[1, 5].Array[9, 60], Gen.Double[0.1, 3], Gen.Double[1, 5]).Sample((targets, scale, centre) =>
        {
            double[] y = [.. targets.Select(t => t / 10.0)];
            foreach (double unit in (double[])[1, scale])
            {
                Band band = new(centre / 10, centre / 10, unit);
                IntervalCalibration calibration = IntervalCalibration.From([.. y.Select(_ => band)], y);
                foreach (double level in (double[])[0.5, 0.7, 0.9])
                {
                    Interval interval = calibration.Apply(band, new Coverage(level));
                    if (y.Count(interval.Contains) < new Coverage(level).Rank(y.Length)) return false;
                }
            }

            return true;
        });

    [Fact]
    public void ATieAtTheThresholdIsInsideAlthoughItsSumRoundsDown()
    {
        // 0.1 is the mean of the model, the ratings are tenths: 0.1 + (0.8 − 0.1) is 0.7999999999999999.
        (double centre, double target) = FirstThatRoundsShort();
        Assert.True(centre + (target - centre) < target);
        Band band = new(centre, centre, 1);
        IntervalCalibration calibration = IntervalCalibration.From([.. Enumerable.Repeat(band, 20)], [.. Enumerable.Repeat(target, 20)]);
        Assert.True(calibration.Apply(band, default).Contains(target));
    }

    private static (double, double) FirstThatRoundsShort() =>
        (from c in Enumerable.Range(1, 1000) from t in Enumerable.Range(1, 100) let pair = (c / 70.0, t / 10.0) where pair.Item1 + (pair.Item2 - pair.Item1) < pair.Item2 select pair).First();

    [Fact]
    public void PValueAndIntervalAgree() => Gen.Select(Gen.Int[-20, 20].Array[1, 40], Gen.Int[-25, 25]).Sample((integers, y) =>
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores([.. integers.Select(i => (double)i)]);
        Band band = new(0, 0, 1);
        double p = calibration.PValue(band, y), naive = (1.0 + integers.Count(i => i >= Math.Abs(y))) / (integers.Length + 1);
        Coverage coverage = new(0.8);
        // Inside exactly when the p-value exceeds the miss.
        bool inside = band.Score(y) <= calibration.Threshold(coverage);
        return p == naive && inside == (p > coverage.Miss + 1e-12);
    });

    [Fact]
    public void InputsAreLeftAlone()
    {
        double[] scores = [3, 1, 2], targets = [5, 4, 9];
        Band[] bands = [new(1, 2, 1), new(0, 0, 2), new(8, 9, 1)], copy = [.. bands];
        IntervalCalibration.FromScores(scores);
        IntervalCalibration calibration = IntervalCalibration.From(bands, targets);
        calibration.Apply(bands, default, new Interval[3]);
        Assert.Equal([3, 1, 2], scores);
        Assert.Equal([5, 4, 9], targets);
        Assert.Equal(copy, bands);
        scores[0] = 100;
        Assert.Equal(3, IntervalCalibration.FromScores([3, 1, 2]).Scores[^1]);
    }

    [Fact]
    public void ABandShrunkPastNothingIsItsMiddle()
    {
        IntervalCalibration calibration = IntervalCalibration.FromScores([-5, -5, -5]);
        Assert.Equal(new Interval(2, 2), calibration.Apply(new Band(0, 4, 1), new Coverage(0.5)));
    }

    [Fact]
    public void AOneSidedBandStaysOneSided()
    {
        Band[] bands = [.. Enumerable.Range(0, 19).Select(_ => new Band(double.NegativeInfinity, 0, 1))];
        IntervalCalibration calibration = IntervalCalibration.From(bands, [.. Enumerable.Range(0, 19).Select(i => i - 9.0)]);
        Assert.Equal(new Interval(double.NegativeInfinity, 8), calibration.Apply(bands[0], default));
    }

    [Fact]
    public void CrossingQuantilesArePutInOrder() => Assert.Equal(new Band(1, 4, 1), QuantileBands.Ordered(4, 1));

    public static TheoryData<double, double, double, double, string> WrongRows => new()
    {
        { 0, 0, 0, 1, "scale" }, { 0, 0, -1, 1, "scale" }, { 0, 0, double.NaN, 1, "scale" }, { 0, 0, double.PositiveInfinity, 1, "scale" },
        { double.NaN, 0, 1, 1, "lower end" }, { 0, double.NaN, 1, 1, "upper end" }, { 2, 1, 1, 1, "upper end" },
        { 0, 0, 1, double.NaN, "target" }, { 0, 0, 1, double.PositiveInfinity, "target" },
    };

    [Theory]
    [MemberData(nameof(WrongRows))]
    public void AWrongRowIsRefusedAndNamed(double lower, double upper, double scale, double y, string what)
    {
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => IntervalCalibration.From([new(0, 0, 1), new(lower, upper, scale)], [0, y]));
        Assert.Contains("row 1", error.Message, StringComparison.Ordinal);
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LengthsThatDifferAreRefused()
    {
        Assert.Throws<ArgumentException>(() => IntervalCalibration.From([new(0, 0, 1)], [1, 2]));
        Assert.Throws<ArgumentException>(() => IntervalCalibration.FromScores([1]).Apply([new(0, 0, 1)], default, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => IntervalCalibration.FromScores([1, double.NaN]));
    }

    [Fact]
    public void AModelThatAnswersNoNumberIsNamedWithItsRow()
    {
        ConformalRegressor model = new(new PointBands(new RowPredictor(row => row[0] == 1500 ? double.NaN : 0)), IntervalCalibration.FromScores([1, 2, 3]), 1);
        FeatureMatrix x = new(Enumerable.Range(0, 2000).Select(i => (float)i).ToArray(), 1);
        AssumptionException error = Assert.Throws<AssumptionException>(() => model.Predict(x, default, new double[2000], new Interval[2000]));
        Assert.Equal(Assumption.FiniteAnswers, error.Assumption);
        Assert.Contains("row 1500", error.Message, StringComparison.Ordinal);
        Assert.Equal(Assumption.FiniteAnswers, Assert.Throws<AssumptionException>(() => new SplitConformal().Fit(
            new AbsoluteTrainer(new Trainer<IPointPredictor>((_, _, _) => new RowPredictor(_ => double.PositiveInfinity))), x, new double[2000], 1)).Assumption);
    }

    [Fact]
    public void BatchesOfManyChunksEqualTheirRows()
    {
        Rng rng = Rng.Stream(3, 1);
        Table data = Table.Linear(2500, 2, 1, ref rng);
        ConformalRegressor model = new SplitConformal().Fit(new AbsoluteTrainer(Trainers.Mean), data.X, data.Y, 4);
        double[] predictions = new double[2500], one = new double[1];
        Interval[] intervals = new Interval[2500], alone = new Interval[1];
        model.Predict(data.X, default, predictions, intervals);
        foreach (int row in (int[])[0, 1023, 1024, 2047, 2048, 2499])
        {
            model.Predict(data.X.Slice(row, 1), default, one, alone);
            Assert.Equal((one[0], alone[0]), (predictions[row], intervals[row]));
        }
    }
}

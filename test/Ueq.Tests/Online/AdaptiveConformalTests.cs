using System.Text;
using CsCheck;
using Ueq.Conformal;
using Ueq.Online;

namespace Ueq.Tests.Online;

public sealed class AdaptiveConformalTests
{
    private static readonly Interval Hit = new(-1, 1), Beside = new(2, 3);

    [Fact]
    public void EachLabelMovesTheMissByTheStep()
    {
        // Gibbs and Candes (2021), equation 2, by hand: 0.1 + 0.05·0.1 = 0.105, then − 0.05·0.9.
        AdaptiveLevel level = new(new Coverage(0.9), new AdaptiveOptions { Step = 0.05 });
        Assert.Equal(0.1, level.Miss);
        level.Add(Hit, 0);
        Assert.Equal(0.105, level.Miss, 1e-15);
        level.Add(Beside, 0);
        Assert.Equal(0.06, level.Miss, 1e-15);
        OnlineReading reading = level.Read();
        Assert.Equal((2, 0.5, 0.0, 1.5), (reading.Updates, reading.Covered, reading.Unbounded, reading.MedianWidth));
        level.Add(new LabelSet([0b101], 3), 1);
        Assert.Equal(0.015, level.Miss, 1e-15);
        level.Add(new LabelSet([0b111], 3), 1);
        level.AddMiss(0, 3);
        reading = level.Read();
        Assert.Equal((5, 0.2, 0.2), (reading.Updates, reading.Unbounded, reading.Empty));
        level.Reset();
        Assert.Equal((0.1, 0L), (level.Miss, level.Read().Updates));
        Assert.True(double.IsNaN(level.Read().Covered) && double.IsNaN(level.Read().MedianWidth));
    }

    // Proposition 4.1: whatever the stream. Some truths are picked after the interval is known, which no adversary could better.
    [Fact]
    public void TheRealisedMissIsWithinTheBoundForAnyStream() =>
        Gen.Select(Gen.Double[0.01, 0.99], Gen.Double[0.001, 0.5], Gen.Int[1, 400], Gen.Int[0, 5], Gen.ULong).Sample((coverage, step, rows, adversary, seed) =>
        {
            Coverage target = new(Math.Round(coverage, 6));
            AdaptiveConformal online = new(Calibration(seed, 50), target, new AdaptiveOptions { Step = step });
            Rng rng = Rng.Stream(seed, 1);
            int missed = 0;
            for (int row = 0; row < rows; row++)
            {
                OnlinePrediction prediction = online.Predict(new Band(0, 0, 1));
                double y = adversary switch
                {
                    0 => 1e9,
                    1 => 0,
                    2 => row % 2 == 0 ? 1e9 : 0,
                    3 => row < rows / 2 ? 0 : 1e9,
                    4 => prediction.Interval.Contains(1) ? 1e9 : 1,
                    _ => rng.NextNormal() * (1 + row / 50),
                };
                if (!prediction.Interval.Contains(y)) missed++;
                prediction.Observe(y);
                // What makes the proposition hold: lemma 4.1.
                Assert.InRange(online.Level.Miss, -step - 1e-12, 1 + step + 1e-12);
            }

            double bound = (Math.Max(target.Miss, 1 - target.Miss) + step) / (rows * step);
            Assert.True(Math.Abs((double)missed / rows - target.Miss) <= bound + 1e-9, $"missed {missed} of {rows} at {target}, bound {bound}");
            Assert.Equal(1 - (double)missed / rows, online.Level.Read().Covered, 1e-12);
        });

    [Fact]
    public void LabelsThatComeLateKeepTheBoundOfTheirDelay() =>
        Gen.Select(Gen.Double[0.01, 0.3], Gen.Int[1, 300], Gen.Int[0, 30], Gen.ULong).Sample((step, rows, delay, seed) =>
        {
            Coverage target = new(0.9);
            AdaptiveConformal online = new(Calibration(seed, 40), target, new AdaptiveOptions { Step = step });
            Rng rng = Rng.Stream(seed, 2);
            Queue<(OnlinePrediction Prediction, double Y)> waiting = new();
            int missed = 0, observed = 0;
            for (int row = 0; row < rows + delay; row++)
            {
                waiting.Enqueue((online.Predict(new Band(0, 0, 1)), (row / 20 % 2 == 0 ? 1 : 30) * rng.NextNormal()));
                if (waiting.Count <= delay) continue;
                (OnlinePrediction due, double y) = waiting.Dequeue();
                if (!due.Interval.Contains(y)) missed++;
                due.Observe(y);
                observed++;
                Assert.InRange(online.Level.Miss, -step * (delay + 1) - 1e-12, 1 + step * (delay + 1) + 1e-12);
            }

            double bound = (Math.Max(target.Miss, 1 - target.Miss) + step * (delay + 1)) / (observed * step);
            Assert.True(Math.Abs((double)missed / observed - target.Miss) <= bound + 1e-9);
        });

    [Fact]
    public void BeyondItsEndsTheMissMeansUnboundedAndEmpty()
    {
        AdaptiveConformal online = new(Calibration(1, 100), new Coverage(0.9), new AdaptiveOptions { Step = 0.2 });
        online.Predict(new Band(0, 0, 1)).Observe(1e9);
        OnlinePrediction unbounded = online.Predict(new Band(0, 0, 1));
        Assert.True(unbounded.Miss <= 0);
        Assert.Equal(Interval.Unbounded, unbounded.Interval);

        AdaptiveConformal wide = new(Calibration(1, 100), new Coverage(0.1), new AdaptiveOptions { Step = 1 });
        wide.Predict(new Band(0, 0, 1)).Observe(0);
        // 0.9 + 0.9 where the first answer covered, 0.9 − 0.1 where it did not.
        OnlinePrediction empty = wide.Predict(new Band(0, 0, 1));
        Assert.True(empty.Miss >= 1 && empty.Interval.IsEmpty && !empty.Interval.Contains(0));
        Assert.Equal((double.PositiveInfinity, double.NegativeInfinity, 0.0), (empty.Interval.Lower, empty.Interval.Upper, empty.Interval.Width));
        empty.Observe(0);
        Assert.Equal((0.5, 0.0, 0.5), (wide.Level.Read().Covered, wide.Level.Read().Unbounded, wide.Level.Read().Empty));
        // A coverage is read to 15 digits: so near its ends a miss is none.
        foreach (double miss in new[] { 1e-300, 1e-16, 5e-16, 6e-16, 1e-15, 1 - 1e-15, 1 - 1.2e-16, 1 - 2e-15 })
            Assert.False(double.IsNaN(new OnlineLevel(miss).Apply(Calibration(1, 100), new Band(0, 0, 1)).Lower));
    }

    [Fact]
    public void StaticIntervalsLoseCoverageWhereTheNoiseGrowsAndOnlineOnesKeepItAtTheCostOfUnboundedOnes()
    {
        IntervalCalibration calibration = Calibration(5, 1000);
        AdaptiveConformal online = new(calibration, new Coverage(0.9), new AdaptiveOptions { Step = 0.02 });
        Rng rng = Rng.Stream(6, 6);
        int covered = 0;
        for (int row = 0; row < 4000; row++)
        {
            double y = (1 + row / 4000.0) * rng.NextNormal();
            if (calibration.Apply(new Band(0, 0, 1), new Coverage(0.9)).Contains(y)) covered++;
            online.Predict(new Band(0, 0, 1)).Observe(y);
        }

        OnlineReading reading = online.Level.Read();
        TestContext.Current.SendDiagnosticMessage($"static {covered / 4000.0}, online {reading}");
        Assert.InRange(covered / 4000.0, 0.6, 0.85);
        Assert.InRange(reading.Covered, 0.885, 0.915);
        // The price: errors twice as large want scores beyond those of the calibration, and then only an unbounded answer is left.
        Assert.InRange(reading.Unbounded, 0.1, 0.35);
        Assert.InRange(reading.MedianWidth, 3, 12);
    }

    [Fact]
    public void OnePredictionLearnsOneTruth()
    {
        AdaptiveConformal online = new(Calibration(1, 30), new Coverage(0.9), new AdaptiveOptions());
        OnlinePrediction prediction = online.Predict(new Band(0, 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => prediction.Observe(double.NaN));
        prediction.Observe(0);
        Assert.Throws<InvalidOperationException>(() => prediction.Observe(0));
        Assert.Equal(1, online.Level.Read().Updates);
        Assert.Throws<ArgumentException>(() => online.Predict(new Band(0, 0, 0)));
        foreach (double step in new[] { 0, -1, 1.1, double.NaN })
            Assert.Throws<ArgumentOutOfRangeException>(() => new AdaptiveLevel(default, new AdaptiveOptions { Step = step }));
    }

    [Fact]
    public void ARestoredLevelGoesOnToTheLastBit()
    {
        AdaptiveOptions options = new() { Step = 0.03, RecentAnswers = 7 };
        AdaptiveLevel level = new(new Coverage(0.8), options);
        Rng rng = Rng.Stream(3, 3);
        for (int row = 0; row < 40; row++)
        {
            AdaptiveLevel again = Again(level, options);
            double y = rng.NextNormal();
            Interval answer = row % 9 == 0 ? Interval.Unbounded : new Interval(-rng.NextUniform(), rng.NextUniform());
            level.Add(answer, y);
            again.Add(answer, y);
            Assert.Equal(level.Read(), again.Read());
            Assert.Equal(Text(level), Text(again));
        }
    }

    [Theory]
    [InlineData("\"format_version\":1", "\"format_version\":2", "$.format_version")]
    [InlineData("\"target\":0.8", "\"target\":0.9", "$.target")]
    [InlineData("\"updates\":1", "\"updates\":-1", "$.updates")]
    [InlineData("\"covered\":1", "\"covered\":9", "$.covered")]
    [InlineData("\"widths\":[", "\"widths\":[1,", "$.widths")]
    [InlineData("\"miss\":", "\"miss\":\"NaN\",\"other\":", "other")]
    public void ADamagedStateNamesThePlace(string sound, string damaged, string place)
    {
        AdaptiveLevel level = new(new Coverage(0.8), new AdaptiveOptions());
        level.Add(Hit, 0);
        string text = Text(level);
        Assert.Contains(sound, text, StringComparison.Ordinal);
        using MemoryStream wrong = new(Encoding.UTF8.GetBytes(text.Replace(sound, damaged, StringComparison.Ordinal)));
        Assert.Contains(place, Assert.Throws<InvalidDataException>(() => AdaptiveLevel.Restore(wrong, new Coverage(0.8), new AdaptiveOptions())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AddingALabelAllocatesNothing()
    {
        AdaptiveLevel level = new(new Coverage(0.9), new AdaptiveOptions());
        level.Add(Hit, 0);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++) level.Add(Hit, i);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static string Text(AdaptiveLevel level)
    {
        using MemoryStream stream = new();
        level.Save(stream);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static AdaptiveLevel Again(AdaptiveLevel level, AdaptiveOptions options)
    {
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(Text(level)));
        return AdaptiveLevel.Restore(stream, level.Target, options);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(130)]
    public void LabelSetsBeyondTheEndsHaveEveryLabelOrNone(int classes)
    {
        double[] claimed = [.. Enumerable.Repeat(1.0 / classes, classes)];
        ConformalClassifier model = SplitConformal.Calibrate(new FunctionClassifier(classes, (x, p) =>
        {
            for (int row = 0; row < x.Rows; row++) claimed.CopyTo(p[(row * classes)..]);
        }), new FeatureMatrix(new float[50], 1), new double[50]);
        FeatureMatrix rows = new(new float[3], 1);
        double[] probabilities = new double[3 * classes];
        ulong[] sets = new ulong[3 * LabelSet.WordsFor(classes)];
        foreach ((double miss, int labels) in new[] { (-0.3, classes), (0, classes), (1, 0), (1.7, 0) })
        {
            new OnlineLevel(miss).Predict(model, rows, probabilities, sets);
            for (int row = 0; row < 3; row++) Assert.Equal(labels, LabelSet.At(sets, row, classes).Count);
        }

        ulong[] within = new ulong[sets.Length];
        model.Predict(rows, new Coverage(0.8), probabilities, within);
        new OnlineLevel(0.2).Predict(model, rows, probabilities, sets);
        Assert.Equal(within, sets);
    }

    [Fact]
    public void AnyModelAnswersAtALevel()
    {
        ConformalRegressor model = new(new PointBands(new FunctionPredictor(row => row[0])), Calibration(1, 99), 1);
        double[] predictions = new double[2], at = new double[2];
        Interval[] intervals = new Interval[2], expected = new Interval[2];
        FeatureMatrix rows = new(new float[] { 1, -2 }, 1);
        foreach (double miss in new[] { 0.1, 0.25, 1e-9, 1 - 1e-9, 0.3333333333333333 })
        {
            new OnlineLevel(miss).Predict(model, rows, predictions, intervals);
            model.Predict(rows, new Coverage((double)(1m - (decimal)miss)), at, expected);
            Assert.Equal(expected, intervals);
        }

        foreach ((double miss, Interval all) in new[] { (0, Interval.Unbounded), (-2, Interval.Unbounded), (1, Interval.Empty), (3, Interval.Empty) })
        {
            predictions.AsSpan().Clear();
            new OnlineLevel(miss).Predict(model, rows, predictions, intervals);
            Assert.Equal([all, all], intervals);
            Assert.Equal([1.0, -2], predictions);
        }
    }

    [Fact]
    public void HitsAndMissesAreLearnedAsAnswersWithTheirTruths()
    {
        AdaptiveLevel one = new(new Coverage(0.8), new AdaptiveOptions()), other = new(new Coverage(0.8), new AdaptiveOptions());
        Rng rng = Rng.Stream(5, 6);
        for (int i = 0; i < 500; i++)
        {
            Interval answer = i % 7 == 0 ? Interval.Empty : i % 11 == 0 ? Interval.Unbounded : new Interval(-rng.NextUniform(), rng.NextUniform());
            double y = rng.NextNormal();
            one.Add(answer, y);
            if (answer.Contains(y)) other.AddHit(answer);
            else other.AddMiss(answer);
        }

        Assert.Equal(one.Read(), other.Read());
        Assert.Equal((double)72 / 500, one.Read().Empty);
    }

    [Fact]
    public void AnEmptyIntervalIsBoundedAndNearToNothing()
    {
        Assert.True(Interval.Empty is { IsEmpty: true, IsBounded: true, Width: 0 });
        Assert.True(Interval.Unbounded is { IsEmpty: false, IsBounded: false, Width: double.PositiveInfinity });
        Assert.False(new Interval(double.NegativeInfinity, 3).IsBounded || new Interval(double.NaN, 3).IsBounded);
        Assert.Equal(double.PositiveInfinity, Ueq.Scoring.IntervalScores.Winkler(Interval.Empty, 3, new Coverage(0.9)));
        Ueq.Scoring.IntervalReading reading = Ueq.Scoring.IntervalScores.Read([Interval.Empty, new Interval(0, 2)], [1, 1], new Coverage(0.9));
        Assert.Equal((0.5, 1.0, 0.0), (reading.Coverage, reading.MeanWidth, reading.Unbounded));
    }

    private static IntervalCalibration Calibration(ulong seed, int rows)
    {
        Rng rng = Rng.Stream(seed, 7);
        double[] scores = new double[rows];
        for (int i = 0; i < rows; i++) scores[i] = Math.Abs(rng.NextNormal());
        return IntervalCalibration.FromScores(scores);
    }
}

using CsCheck;
using Ueq.Conformal;
using Ueq.Scoring;
using Ueq.Tests.Support;

namespace Ueq.Tests.Conformal;

public sealed class LabelSetTests
{
    private static readonly Gen<double[][]> _rows = Gen.Double[0.01, 1].Array[3].Select(row => row.Select(p => p / row.Sum()).ToArray()).Array[1, 30];

    [Fact]
    public void SetsGrowWithTheLevelAndHoldTheTopLabel() => Gen.Select(_rows, Gen.ULong, Gen.Double[0.01, 0.98], Gen.Double[0, 0.01]).Sample((rows, seed, level, more) =>
    {
        Rng rng = Rng.Stream(seed, 1);
        double[] p = [.. rows.SelectMany(row => row)];
        LabelSetCalibration calibration = LabelSetCalibration.From(p, 3, [.. rows.Select(_ => rng.NextIndex(3))]);
        ulong[] small = new ulong[rows.Length], large = new ulong[rows.Length];
        calibration.Apply(p, new Coverage(level), EmptySets.TopLabel, small);
        calibration.Apply(p, new Coverage(level + more), EmptySets.TopLabel, large);
        return Enumerable.Range(0, rows.Length).All(i => (small[i] & ~large[i]) == 0 && LabelSet.At(small, i, 3).Contains(LabelSetScores.Top(rows[i])));
    });

    [Fact]
    public void TooFewScoresAnswerEveryClass()
    {
        LabelSetCalibration calibration = LabelSetCalibration.FromScores([0.1, 0.2], 3);
        ulong[] sets = new ulong[1];
        calibration.Apply([1, 0, 0], default, EmptySets.Allowed, sets);
        Assert.Equal(0b111UL, sets[0]);
    }

    [Fact]
    public void AnEmptySetIsTheTopLabelUnlessItIsAllowed()
    {
        LabelSetCalibration calibration = LabelSetCalibration.FromScores([.. Enumerable.Repeat(0.1, 20)], 3);
        ulong[] sets = [ulong.MaxValue];
        calibration.Apply([0.3, 0.5, 0.2], default, EmptySets.Allowed, sets);
        Assert.Equal(0UL, sets[0]);
        calibration.Apply([0.3, 0.5, 0.2], default, EmptySets.TopLabel, sets);
        Assert.Equal(0b010UL, sets[0]);
    }

    [Fact]
    public void SixtyFiveClassesTakeTwoWords()
    {
        Assert.Equal([1, 1, 2, 2, 3], ((int[])[1, 64, 65, 128, 129]).Select(LabelSet.WordsFor));
        double[] probabilities = new double[2 * 65];
        probabilities[64] = 1;
        probabilities[65 + 3] = 1;
        ulong[] sets = new ulong[4];
        LabelSetCalibration.FromScores([.. Enumerable.Repeat(0.2, 30)], 65).Apply(probabilities, default, EmptySets.Allowed, sets);
        Assert.Equal([0UL, 1UL, 8UL, 0UL], sets);
        LabelSet first = LabelSet.At(sets, 0, 65);
        Assert.True(first.Contains(64) && !first.Contains(63) && !first.Contains(65) && !first.Contains(-1) && first.Count == 1);
    }

    [Fact]
    public void WrongWordsAndClassesAreRefused()
    {
        Assert.Throws<ArgumentException>(() => new LabelSet(new ulong[1], 65).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LabelSet([], 0).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => LabelSetCalibration.From([1], 1, [0]));
        Assert.Contains("row 1", Assert.Throws<ArgumentOutOfRangeException>(() => LabelSetCalibration.From([1, 0, 1, 0], 2, [0, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("row 1", Assert.Throws<ArgumentOutOfRangeException>(() => LabelSetCalibration.From([1, 0, 1.5, 0], 2, [0, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LabelSetCalibration.From([1, 0, 0], 2, [0]));
        Assert.Throws<ArgumentException>(() => LabelSetCalibration.FromScores([0.1], 2).Apply([1, 0], default, EmptySets.Allowed, new ulong[2]));
    }

    [Fact]
    public void LabelsThatAreNoClassIndicesAreRefusedWithTheCallersRow()
    {
        FeatureMatrix x = new(new float[40], 1);
        foreach (double wrong in (double[])[1.5, -1, 1e18])
        {
            double[] y = [.. Enumerable.Range(0, 40).Select(i => i == 17 ? wrong : i % 2)];
            ArgumentException error = Assert.Throws<ArgumentOutOfRangeException>(() => new SplitConformal().Fit(Trainers.NearestClasses(3, 2), x, y, 1));
            Assert.Contains("row 17", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AClassThatTheModelDoesNotKnowIsAnAssumption()
    {
        FeatureMatrix x = new(new float[40], 1);
        double[] y = [.. Enumerable.Range(0, 40).Select(i => (double)(i % 3))];
        ITrainer<IClassPredictor> two = new Trainer<IClassPredictor>((_, _, _) => new SignClassifier(1));
        Assert.Equal(Assumption.EveryClassPresent, Assert.Throws<AssumptionException>(() => new SplitConformal().Fit(two, x, y, 1)).Assumption);
    }

    [Fact]
    public void AProbabilityThatIsNoNumberIsNamedWithItsRow()
    {
        ConformalClassifier model = new(new SignClassifier(double.NaN), LabelSetCalibration.FromScores([0.5], 2), 1);
        AssumptionException error = Assert.Throws<AssumptionException>(() => model.Predict(new FeatureMatrix(new float[2], 1), default, new double[4], new ulong[2]));
        Assert.Equal(Assumption.FiniteAnswers, error.Assumption);
        Assert.Contains("row 0", error.Message, StringComparison.Ordinal);
    }
}

using Ueq.Versions;

namespace Ueq.Monitoring.Tests.Experiments;

/// <summary>What labels say of arms: right about arms that are alike, however often one looks, and able to see a difference.</summary>
public sealed class ExperimentAnalysisTests
{
    [Fact]
    public void ArmsThatAreAlikeAreCalledSoHoweverOftenOneLooks()
    {
        // 5 % is claimed: of 60 runs 10 or more are a matter of 1 in 1000.
        Assert.True(ExperimentRuns.FalseVerdicts(new ExperimentRun { Labels = 2500 }, 60, 1) <= 9);
        Assert.True(ExperimentRuns.FalseVerdicts(new ExperimentRun { Labels = 2500, LabelsPerUser = 8 }, 60, 2) <= 9);
        Assert.True(ExperimentRuns.FalseVerdicts(new ExperimentRun { Labels = 2500, Pairing = ArmPairing.SameRows }, 60, 3) <= 9);
    }

    [Fact]
    public void ADifferenceIsShownAndHasItsSign()
    {
        IReadOnlyList<ArmReading> readings = ExperimentRuns.Read(new ExperimentRun { Labels = 20_000, Widening = 1.3 }, 7);
        Assert.Equal((ExperimentVerdict.Better, ExperimentVerdict.Worse), (readings[1].Coverage.Verdict, readings[1].Width.Verdict));
        Assert.True(readings[1].Coverage.DifferenceBounds.Lower > 0);
        Assert.Equal(ExperimentVerdict.Control, readings[0].Width.Verdict);
        readings = ExperimentRuns.Read(new ExperimentRun { Labels = 20_000, Widening = 0.4 }, 8);
        Assert.Equal((ExperimentVerdict.Worse, ExperimentVerdict.Better, ExperimentVerdict.Worse), (readings[1].Coverage.Verdict, readings[1].Width.Verdict, readings[1].Loss.Verdict));
    }

    [Fact]
    public void RowByRowADifferenceIsSeenEarlier()
    {
        ExperimentRun apart = new() { Labels = 2000, Widening = 0.9 }, together = apart with { Pairing = ArmPairing.SameRows };
        Interval wide = ExperimentRuns.Read(apart, 9)[1].Coverage.DifferenceBounds, narrow = ExperimentRuns.Read(together, 9)[1].Coverage.DifferenceBounds;
        Assert.True(narrow.Width < 0.6 * wide.Width, $"{narrow} against {wide}");
    }

    [Fact]
    public void TooLittleIsSaidToBeTooLittle()
    {
        Assert.All(ExperimentRuns.Read(new ExperimentRun { Labels = 150 }, 1).Skip(1), r => Assert.Equal(ExperimentVerdict.TooFewLabels, r.Width.Verdict));
        // Many labels of a few users.
        ArmOutcomes few = new("few", [.. Enumerable.Range(0, 5).Select(_ => Sums(1000, 900, 1))]), many = new("many", [.. Enumerable.Range(0, 200).Select(_ => Sums(20, 10, 2))]);
        Assert.Equal(ExperimentVerdict.TooFewUsers, ExperimentAnalysis.Read([many, few], ModelTask.Regression, ArmPairing.RowsOfTheirOwn)[1].Width.Verdict);
        ArmReading nothing = ExperimentAnalysis.Read([many, new ArmOutcomes("none", [])], ModelTask.Regression, ArmPairing.RowsOfTheirOwn)[1];
        Assert.Equal((0, true, new Interval(0, 1), ExperimentVerdict.TooFewLabels), (nothing.Labels, double.IsNaN(nothing.Width.Mean), nothing.Coverage.Bounds, nothing.Coverage.Verdict));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExperimentAnalysis.Read([], ModelTask.Regression, ArmPairing.RowsOfTheirOwn));
    }

    [Fact]
    public void AnUnboundedAnswerHasCoverageButNoWidth()
    {
        LabelledAnswer answer = new(default, default, null, default, 0, Interval.Unbounded, 3, LabelOutcome.Covered);
        OutcomeSums sums = OutcomeSums.Of(answer, ModelTask.Regression);
        Assert.Equal((1, 1, 0, 0, 0), (sums.Labels, sums.Covered, sums.Bounded, sums.Width, sums.Loss));
        // Winkler's score at 90 %: the width, and 20 for each unit outside.
        sums = OutcomeSums.Of(answer with { Answer = new Interval(0, 2), Outcome = LabelOutcome.Missed }, ModelTask.Regression);
        Assert.Equal((0, 1, 2, 22), (sums.Covered, sums.Bounded, sums.Width, Math.Round(sums.Loss, 9)));
        sums = OutcomeSums.Of(answer with { Answer = new Interval(0, 2), Prediction = 3 }, ModelTask.Classification);
        Assert.Equal((2, 0), (sums.Width, sums.Loss));
    }

    // ±√(V(V + τ²)/τ² · ln((V + τ²)/(V·α²))), worked out by hand for 400 labels of variance 4 and sharpest at 500.
    [Fact]
    public void TheAsymptoticSequenceIsThatOfThePaper()
    {
        OutcomeSums[] buckets = [.. Enumerable.Range(0, 200).Select(_ => new OutcomeSums { Labels = 2, Covered = 1, Bounded = 2, Width = 20, WidthSquares = 208 })];
        FigureReading width = ExperimentAnalysis.Read([new ArmOutcomes("a", buckets)], ModelTask.Regression, ArmPairing.RowsOfTheirOwn)[0].Width;
        double v = 1600.0 / 399 / 400, log = 2 * Math.Log(20), tau = v * 400 * (log + Math.Log(1 + log)) / 500;
        Assert.Equal((10, Math.Sqrt(v * (v + tau) / tau * Math.Log((v + tau) / (v * 0.05 * 0.05)))), (width.Mean, width.Bounds.Width / 2), (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-12 && Math.Abs(a.Item2 - b.Item2) < 1e-12);
    }

    [Fact]
    public void UsersAreCountedOnceAndApproximately()
    {
        DistinctCount one = new(), other = new();
        Rng rng = Rng.Stream(5, 5);
        for (int i = 0; i < 60_000; i++)
        {
            ulong hash = rng.NextBits();
            if (i < 40_000) one.Add(hash);
            if (i >= 20_000) other.Add(hash);
            if (i < 40_000) one.Add(hash);
        }

        Assert.InRange(one.Read(), 38_000, 42_000);
        one.Merge(DistinctCount.Restore(other.Save()));
        Assert.InRange(one.Read(), 57_000, 63_000);
        Assert.Equal(0, new DistinctCount().Read());
        Assert.Throws<InvalidDataException>(() => DistinctCount.Restore(new byte[7]));
        Assert.Throws<InvalidDataException>(() => DistinctCount.Restore([.. Enumerable.Repeat((byte)200, 4096)]));
    }

    private static OutcomeSums Sums(long labels, long covered, double width) =>
        new() { Labels = labels, Covered = covered, Bounded = labels, Width = width * labels, WidthSquares = width * width * labels, Loss = labels, LossSquares = 2 * labels };
}

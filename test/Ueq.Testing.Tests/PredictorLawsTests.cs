using System.Runtime.InteropServices;

namespace Ueq.Testing.Tests;

/// <summary>Each law is kept by a good model and broken by one that breaks it.</summary>
public sealed class PredictorLawsTests
{
    private static readonly LinearTruth Truth = new([2, -1, 0.5], 3, 0.5, 0.3);
    private static readonly ClassTruth Classes = new(3, 4);
    private static readonly FeatureMatrix Rows = Truth.Draw(60, 1).X;

    private static LawException Breaks<T>(T model, string law, PredictorPromises? promises = null, FeatureMatrix? rows = null)
        where T : class
    {
        LawException broken = Assert.Throws<LawException>(() => PredictorLaws.Hold(model, rows ?? Rows, promises));
        Assert.Equal(law, broken.Law);
        Assert.Contains(typeof(T).Name, broken.Subject, StringComparison.Ordinal);
        Assert.Contains(law, broken.Message, StringComparison.Ordinal);
        return broken;
    }

    private static One After(Action<FeatureMatrix, double[]> bend) => (x, answers) =>
    {
        Truth.Predict(x, answers);
        double[] values = answers.ToArray();
        bend(x, values);
        values.CopyTo(answers);
    };

    [Fact]
    public void TheTruthsKeepAllLaws()
    {
        PredictorLaws.Hold(Truth, Rows);
        PredictorLaws.Hold(Classes, Classes.Draw(60, 1).X);
    }

    [Fact]
    public void GoodModelsOfEveryShapeKeepAllLaws()
    {
        PredictorLaws.Hold(new BentQuantiles((x, lower, upper) =>
        {
            Truth.Predict(x, lower);
            Truth.Predict(x, upper);
            foreach (ref double value in upper) value += 1;
        }), Rows);
        PredictorLaws.Hold(new BentBands(Truth, band => band), Rows);
        PredictorLaws.Hold(new BentIntervals(Truth, (y, c) => (y, new Interval(y - c.Value, y + c.Value)), c => new Guarantee(GuaranteeKind.ModelIsRight, c, 0, 0)), Rows);
        PredictorLaws.Hold(
            new BentSets(Classes, (p, c) => p < 1 - c.Value ? 0b110ul : 0b111ul, c => new Guarantee(GuaranteeKind.SplitConformal, c, c.Rank(5000), 5000)), Classes.Draw(60, 1).X);
    }

    [Fact]
    public void AFailureSaysEverything()
    {
        LawException broken = Breaks(new BentPoint(After((x, y) =>
        {
            if (x.Rows == 1) y[0] += 1;
        })), "a batch equals its rows one by one");
        Assert.Equal(59, broken.Row);
        Assert.Equal("BentPoint as IPointPredictor", broken.Subject);
        Assert.Contains("asked for row 59 alone, expected at row 59 destination ", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnErrorWhereAnAnswerWasDueIsShown()
    {
        LawException broken = Breaks(new BentPoint((_, _) => throw new NotSupportedException("not today")), "it answers legal rows");
        Assert.IsType<NotSupportedException>(broken.InnerException);
        Assert.Contains("not today", broken.Got, StringComparison.Ordinal);
    }

    [Fact]
    public void AnswersThatAreNoNumbersAreSeen()
    {
        const string Law = "answers are numbers that mean something";
        Assert.Equal(7, Breaks(new BentPoint(After((_, y) => Array.Fill(y, double.NaN, Math.Min(7, y.Length), y.Length - Math.Min(7, y.Length)))), Law).Row);
        foreach (double sigma in (double[])[0, -1, double.NaN, double.PositiveInfinity])
        {
            Breaks(new BentGaussian((x, mean, deviation) =>
            {
                Truth.Predict(x, mean, deviation);
                deviation.Fill(sigma);
            }), Law);
        }

        foreach ((double first, double second) in new[] { (-0.1, 1.1), (0.5, 0.6), (double.NaN, 1) })
        {
            Breaks(new BentClasses(2, (x, p) =>
            {
                for (int i = 0; i < p.Length; i++) p[i] = i % 2 == 0 ? first : second;
            }), Law);
        }

        Breaks(new BentBands(Truth, band => band with { Scale = 0 }), Law);
        Breaks(new BentBands(Truth, band => band with { Lower = band.Upper + 1 }), Law);
    }

    [Fact]
    public void AnAnswerThatChangesFromCallToCallIsSeen()
    {
        int calls = 0;
        BentPoint draws = new(After((_, y) =>
        {
            if (y.Length > 0) y[0] += calls++;
        }));
        Breaks(draws, "the same call gives the same answer");
        PredictorLaws.Hold(draws, Rows, new PredictorPromises { Rows = RowDependence.Draws });
    }

    [Fact]
    public void AModelThatCannotTakeNoRowsIsSeen() =>
        Breaks(new BentPoint((x, y) =>
        {
            _ = x.Row(0)[0];
            Truth.Predict(x, y);
        }), "no rows are legal");

    [Fact]
    public void AModelThatTakesOnlyArraysIsSeen() =>
        Breaks(new BentPoint((x, y) =>
        {
            if (x.Rows > 0 && !MemoryMarshal.TryGetArray(x.Memory, out _)) throw new NotSupportedException("arrays only");
            Truth.Predict(x, y);
        }), "rows may lie outside of arrays");

    [Fact]
    public void AModelThatForgetsWhereASliceBeginsIsSeen() =>
        Breaks(new BentPoint((x, y) =>
        {
            if (MemoryMarshal.TryGetArray(x.Memory, out ArraySegment<float> all) && x.Rows > 0) x = new FeatureMatrix(all.Array.AsMemory(0, x.Values.Length), x.Columns);
            Truth.Predict(x, y);
        }), "a part of a matrix is answered like a copy of it");

    [Fact]
    public void AModelThatIsAnotherForOtherBatchesIsSeen()
    {
        Breaks(new BentPoint(After((x, y) =>
        {
            double mean = y.Length == 0 ? 0 : y.Average();
            for (int i = 0; i < y.Length; i++) y[i] -= mean;
        })), "a batch equals its rows one by one");
        Breaks(new BentPoint(After((x, y) =>
        {
            if (x.Rows > 100) y[100] += 1e-9;
        })), "the order of the rows does not matter");
        // What depends on the place may, if it says so.
        BentPoint places = new(After((_, y) =>
        {
            for (int i = 0; i < y.Length; i++) y[i] += i;
        }));
        Breaks(places, "a batch equals its rows one by one");
        PredictorLaws.Hold(places, Rows, new PredictorPromises { Rows = RowDependence.Place });
    }

    [Fact]
    public void RoundingIsAllowedAsFarAsItIsPromised()
    {
        BentPoint rounds = new(After((x, y) =>
        {
            if (x.Rows == 1) y[0] *= 1 + 1e-7;
        }));
        Breaks(rounds, "a batch equals its rows one by one");
        Breaks(rounds, "a batch equals its rows one by one", new PredictorPromises { Rounding = 1e-9 });
        PredictorLaws.Hold(rounds, Rows, new PredictorPromises { Rounding = 1e-6 });
    }

    [Fact]
    public void AModelThatWritesElsewhereOrIntoTheRowsIsSeen()
    {
        Breaks(new BentPoint((x, y) =>
        {
            Truth.Predict(x, y);
            if (y.Length > 0) Unsafe(y) = 1;
        }), "it writes into its destination only");
        Breaks(new BentPoint((x, y) =>
        {
            Truth.Predict(x, y);
            if (x.Rows > 2) MemoryMarshal.AsMemory(x.Memory).Span[4] += 1;
        }), "it leaves the rows as they are", rows: Truth.Draw(60, 1).X);

        static ref double Unsafe(Span<double> y) => ref System.Runtime.CompilerServices.Unsafe.Add(ref MemoryMarshal.GetReference(y), y.Length);
    }

    [Fact]
    public void AWrongLengthThatPassesOrFailsWronglyIsSeen()
    {
        const string Law = "a destination of a wrong length is an ArgumentException";
        Assert.Equal("an answer", Breaks(new BentPoint((x, y) =>
        {
            double[] all = new double[x.Rows];
            Truth.Predict(x, all);
            all.AsSpan(0, Math.Min(all.Length, y.Length)).CopyTo(y);
        }), Law).Got);
        Assert.StartsWith("IndexOutOfRangeException", Breaks(new BentPoint((x, y) =>
        {
            double[] all = new double[x.Rows];
            Truth.Predict(x, all);
            for (int i = 0; i < all.Length; i++) y[i] = all[i];
        }), Law).Got, StringComparison.Ordinal);
        // The second destination too, and one without any place.
        Assert.Contains("in sigma", Breaks(new BentGaussian((x, mean, sigma) =>
        {
            if (sigma.IsEmpty) Truth.Predict(x, mean);
            else Truth.Predict(x, mean, sigma);
        }), Law).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AWrongNumberOfColumnsThatPassesIsSeen() =>
        Breaks(new BentPoint((x, y) =>
        {
            if (x.Columns > 3) x = new FeatureMatrix(Enumerable.Range(0, x.Rows).SelectMany(i => x.Row(i)[..3].ToArray()).ToArray(), 3);
            Truth.Predict(x, y);
        }), "a wrong number of columns is an ArgumentException");

    [Fact]
    public void ARowThatIsAnsweredWithNothingIsSeen()
    {
        const string Law = "a row that cannot be judged is refused or answered with numbers";
        static void Sum(FeatureMatrix x, Span<double> y)
        {
            if (y.Length != x.Rows || (x.Rows > 0 && x.Columns != 3)) throw new ArgumentException("lengths");
            for (int i = 0; i < x.Rows; i++)
            {
                y[i] = 0;
                foreach (float value in x.Row(i)) y[i] += value;
            }
        }

        LawException broken = Breaks(new BentPoint(Sum), Law);
        Assert.Contains("asked with a missing value in row 1, column 0", broken.Message, StringComparison.Ordinal);
        Breaks(new BentPoint((x, y) =>
        {
            Sum(x, y);
            if (!double.IsFinite(y.IsEmpty ? 0 : y.ToArray().Sum())) throw new InvalidOperationException("no");
        }), Law);
        PredictorLaws.Hold(new BentPoint((x, y) =>
        {
            Sum(x, y);
            foreach (double value in y) if (!double.IsFinite(value)) throw new AssumptionException(Assumption.FiniteAnswers, "no");
        }), Rows);
    }

    [Fact]
    public void AModelThatIsBrokenByAnErrorIsSeen()
    {
        bool broken = false;
        Breaks(new BentPoint((x, y) =>
        {
            if (y.Length != x.Rows) broken = true;
            Truth.Predict(x, y);
            if (broken && y.Length > 0) y[0] += 1;
        }), "the call after an error works");
    }

    [Fact]
    public void ScratchThatThreadsShareIsSeen()
    {
        double[] scratch = new double[1000];
        Breaks(new BentPoint((x, y) =>
        {
            Truth.Predict(x, scratch.AsSpan(0, y.Length));
            // Gives the others time to write over it.
            for (int i = 0; i < 200; i++) Thread.Yield();
            scratch.AsSpan(0, y.Length).CopyTo(y);
        }), "several threads at once get the answers that one gets", rows: Rows.Slice(0, 8), promises: new PredictorPromises { Rows = RowDependence.Place });
    }

    [Fact]
    public void IntervalsThatDoNotNestAreSeen()
    {
        Guarantee Right(Coverage c) => new(GuaranteeKind.ModelIsRight, c, 0, 0);
        const string Nested = "a higher coverage never makes an answer smaller", Honest = "the guarantee says what the answers are";
        Breaks(new BentIntervals(Truth, (y, c) => (y, new Interval(y - 1 + c.Value, y + 1)), Right), Nested);
        Breaks(new BentIntervals(Truth, (y, c) => (y + c.Value, new Interval(y - 1, y + 1)), Right), "the prediction does not depend on the coverage");
        Breaks(new BentIntervals(Truth, (y, _) => (y, new Interval(y - 1, y + 1)), c => new(GuaranteeKind.SplitConformal, c, 9, 5)), Honest);
        Breaks(new BentIntervals(Truth, (y, _) => (y, new Interval(y - 1, y + 1)), _ => Right(default)), Honest);
        Breaks(new BentIntervals(Truth, (y, _) => (y, new Interval(y - 1, y + 1)), Right) { Features = 2 }, Honest);
        Breaks(new BentIntervals(Truth, (y, _) => (y, new Interval(double.NaN, y)), Right), "answers are numbers that mean something");
        FeatureMatrix x = Classes.Draw(60, 1).X;
        Breaks(new BentSets(Classes, (_, c) => c.Value > 0.9 ? 1ul : 3ul, Right), Nested, rows: x);
        Breaks(new BentSets(Classes, (_, _) => 8ul, Right), "answers are numbers that mean something", rows: x);
        Breaks(new BentSets(Classes, (_, _) => 3ul, c => new(GuaranteeKind.SplitConformal, c, 9, 5)), Honest, rows: x);
    }

    [Fact]
    public void RowsThatShowNothingAreRefused()
    {
        Assert.Contains("four rows", Assert.Throws<ArgumentException>(() => PredictorLaws.Hold(Truth, Rows.Slice(0, 3))).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PredictorLaws.Hold("no model", Rows));
        Assert.Throws<ArgumentOutOfRangeException>(() => PredictorLaws.Hold(Truth, Rows, new PredictorPromises { Rounding = 1 }));
    }
}

using SkiaSharp;

namespace Ueq.Plots.Tests;

public sealed class GuideFigureTests
{
    [Fact]
    public void TargetsOutsideAreCountedAndDrawnInAnotherColour()
    {
        Figure figure = Samples.All["intervals"](null);
        Assert.Contains("Prediction intervals: 90.0 % of 120 targets inside", Pictures.Texts(figure));
        using SKBitmap bitmap = Pictures.Png(figure);
        Assert.True(Pictures.Share(bitmap, "#D55E00") > 0);
        double[] inside = Samples.Predictions;
        using SKBitmap without = Pictures.Png(Figures.Intervals(Samples.Predictions, Samples.Intervals, inside));
        Assert.Equal(0, Pictures.Share(without, "#D55E00"));
    }

    [Fact]
    public void MoreRowsThanFitAreThinnedAndTheAxisSaysSo()
    {
        double[] predictions = [.. Enumerable.Range(0, 5000).Select(i => (double)i)];
        Interval[] intervals = [.. predictions.Select(p => new Interval(p - 1, p + 1))];
        Assert.Contains("240 of 5,000 rows, by prediction", Pictures.Texts(Figures.Intervals(predictions, intervals)));
    }

    [Fact]
    public void PredictionsThatOtherVariablesDecideAreBarsAndNoLine()
    {
        double[] x = [.. Enumerable.Range(0, 200).Select(i => (double)i)], rough = [.. x.Select(place => (place * 37 % 100))];
        Interval[] intervals = [.. rough.Select(p => new Interval(p - 5, p + 5))];
        using SKBitmap bars = Pictures.Png(Figures.PredictionsWithIntervals(x, rough, intervals));
        double[] smooth = [.. x.Select(place => place / 2)];
        using SKBitmap line = Pictures.Png(Figures.PredictionsWithIntervals(x, smooth, [.. smooth.Select(p => new Interval(p - 5, p + 5))]));
        // The area is sky at 40 %, a bar sky at 80 %.
        Assert.True(Pictures.Share(line, "#BBE1F6") > 0.05);
        Assert.True(Pictures.Share(bars, "#BBE1F6") < 0.02);
    }

    [Fact]
    public void UnboundedEmptyAndConstantIntervalsAreDrawn()
    {
        double[] same = [3, 3, 3];
        Interval[] intervals = [Interval.Unbounded, new(4, 2), new(double.NegativeInfinity, 3)];
        using SKBitmap rows = Pictures.Png(Figures.Intervals(same, intervals, same));
        using SKBitmap along = Pictures.Png(Figures.PredictionsWithIntervals([0, 1, 2], same, intervals));
        using SKBitmap alone = Pictures.Png(Figures.PredictionsWithIntervals([7], [3], [new(2, 4)], [3]));
        Assert.True(Pictures.Share(rows, "#56B4E9") > 0 || Pictures.Share(rows, "#77C3ED") > 0);
    }

    [Fact]
    public void LengthsThatDoNotAgreeAreRefusedWithBoth()
    {
        double[] two = [1, 2];
        Interval[] one = [new(0, 1)];
        Assert.Contains("Expected 2 intervals, one per prediction, got 1", Assert.Throws<ArgumentException>(() => Figures.Intervals(two, one)).Message, StringComparison.Ordinal);
        Assert.Contains("got 1", Assert.Throws<ArgumentException>(() => Figures.Intervals(two, [new(0, 1), new(0, 1)], [1.0])).Message, StringComparison.Ordinal);
        Assert.Contains("places", Assert.Throws<ArgumentException>(() => Figures.PredictionsWithIntervals([1.0], two, [new(0, 1), new(0, 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("got none", Assert.Throws<ArgumentException>(() => Figures.Intervals([], [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsNoNumberIsRefusedWithItsRow()
    {
        Interval[] intervals = [new(0, 1), new(0, 1)];
        Assert.Contains("row 1", Assert.Throws<ArgumentOutOfRangeException>(() => Figures.Intervals([1, double.NaN], intervals)).Message, StringComparison.Ordinal);
        Assert.Contains("target in row 0", Assert.Throws<ArgumentOutOfRangeException>(() => Figures.Intervals([1, 2], intervals, [double.PositiveInfinity, 2])).Message, StringComparison.Ordinal);
        Assert.Contains("interval in row 1", Assert.Throws<ArgumentOutOfRangeException>(() => Figures.Intervals([1, 2], [new(0, 1), new(double.NaN, 1)])).Message, StringComparison.Ordinal);
        Assert.Contains("place in row 0", Assert.Throws<ArgumentOutOfRangeException>(() => Figures.PredictionsWithIntervals([double.NaN, 1], [1, 2], intervals)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ACurveIsMeasuredAtNineteenLevels()
    {
        double[] y = [.. Enumerable.Range(0, 100).Select(i => i / 100.0)];
        IReadOnlyList<CalibrationPoint> points = CalibrationPoint.From(new Centred(), new FeatureMatrix(new float[100], 1), y);
        Assert.Equal(19, points.Count);
        Assert.All(points, point => Assert.InRange(point.Realised, point.Nominal.Value - 0.011, point.Nominal.Value + 0.011));
        Assert.All(points, point => Assert.Equal(100, point.Rows));
        Pictures.Png(Figures.CalibrationCurve(points)).Dispose();
    }

    [Fact]
    public void ACurveOfNothingOrOfNoSharesIsRefused()
    {
        Assert.Throws<ArgumentException>(() => Figures.CalibrationCurve([]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figures.CalibrationCurve([new(new Coverage(0.5), 1.01, 10)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figures.CalibrationCurve([new(new Coverage(0.5), double.NaN, 10)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figures.CalibrationCurve([new(new Coverage(0.5), 0.5, 0)]));
        Assert.Throws<ArgumentException>(() => CalibrationPoint.From(new Centred(), new FeatureMatrix(new float[2], 1), [1]));
    }

    /// <summary>Answers with the middle of the unit interval, as wide as the coverage: right for uniform targets.</summary>
    private sealed class Centred : IIntervalPredictor
    {
        public int Features => 1;

        public void Predict(FeatureMatrix x, Coverage coverage, Span<double> predictions, Span<Interval> intervals)
        {
            predictions.Fill(0.5);
            intervals.Fill(new Interval(0.5 - coverage.Value / 2, 0.5 + coverage.Value / 2));
        }

        public Guarantee Guarantee(Coverage coverage) => throw new NotSupportedException();
    }
}

using SkiaSharp;
using Ueq.Monitoring;

namespace Ueq.Plots.Tests;

public sealed class MonitoringFigureTests
{
    [Fact]
    public void MarksAreNamedWithTheirRows()
    {
        string[] texts = Pictures.Texts(Samples.All["stream"](null));
        foreach (string text in (string[])["alarm at row 23,456", "recovered at row 31,000", "void at row 36,000", "known change at row 20,000", "temperature over the stream"])
            Assert.Contains(text, texts);
        RowMark[] many = [.. Enumerable.Range(1, 12).Select(i => new RowMark(1000 * i, MarkKind.Alarm))];
        Assert.Contains("alarm (12)", Pictures.Texts(Figures.Stream("a", Samples.Moved(), Samples.Reference().Summary, many)));
    }

    [Fact]
    public void AnAlarmIsDrawnWhereItHappened()
    {
        // Rows 1 to 40,000 lie across the figure, so that row 30,000 is in its right half.
        using SKBitmap bitmap = Pictures.Png(Figures.Stream("a", Samples.Moved(), Samples.Reference().Summary, [new(30_000, MarkKind.Alarm)]));
        Assert.Equal(0, Pictures.Share(bitmap, "#D55E00", new SKRectI(0, 100, 600, 500)));
        Assert.True(Pictures.Share(bitmap, "#D55E00", new SKRectI(700, 100, 1000, 500)) > 0.004);
    }

    [Fact]
    public void OnlyTheSixSignalsNearestToAnAlarmHaveANameAndAColour()
    {
        EvidenceSeries[] series = [.. Enumerable.Range(0, 9).Select(i => new EvidenceSeries($"signal {i}", Constant(i)))];
        string[] texts = Pictures.Texts(Figures.Evidence(series, Math.Log(1e9), []));
        Assert.Equal(["signal 8", "signal 7", "signal 6", "signal 5", "signal 4", "signal 3"], texts.Where(text => text.StartsWith("signal", StringComparison.Ordinal)));
        Assert.Contains("alarm from 1e9", texts);
    }

    [Fact]
    public void EvidenceOfNothingYetIsDrawn()
    {
        Trace trace = new();
        trace.Add(double.NegativeInfinity);
        Pictures.Png(Figures.Evidence([new("a", trace.Read())], Math.Log(1e6), [])).Dispose();
    }

    [Fact]
    public void SharesAddUpAndMissingValuesHaveABarOfTheirOwn()
    {
        string[] texts = Pictures.Texts(Samples.All["shares"](null));
        Assert.Contains("reference (1,000 rows)", texts);
        Assert.Contains("latest 500 rows", texts);
        using SKBitmap bitmap = Pictures.Png(Samples.All["shares"](null));
        // No latest value is below 5, which half of the reference is.
        Assert.Equal(0, Pictures.Share(bitmap, "#E69F00", new SKRectI(80, 80, 500, 600)));
        Assert.True(Pictures.Share(bitmap, "#E69F00", new SKRectI(650, 80, 1180, 600)) > 0.05);
    }

    [Fact]
    public void LiveCoverageSaysWhatWasPromised() => Assert.Contains("promised: 90 %", Pictures.Texts(Samples.All["coverage"](null)));

    [Fact]
    public void APageHoldsTheTextsOfAllItsPanels()
    {
        string[] texts = Pictures.Texts(Samples.All["page"](null));
        foreach (string text in (string[])["Everything", "Calibration curve", "f0: reference and latest rows"]) Assert.Contains(text, texts);
    }

    [Fact]
    public void FiguresOfNothingAreRefused()
    {
        SampleSummary reference = Samples.Reference().Summary;
        Assert.Throws<ArgumentException>(() => Figures.Stream("a", [], reference, []));
        Assert.Throws<ArgumentException>(() => Figures.Stream("", Samples.Moved(), reference, []));
        Assert.Throws<ArgumentException>(() => Figures.Evidence([], 1, []));
        Assert.Throws<ArgumentException>(() => Figures.Evidence([new("a", [])], 1, []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figures.Evidence([new("a", Samples.Moved())], double.PositiveInfinity, []));
        Assert.Throws<ArgumentException>(() => Figures.Shares(Samples.Reference(), []));
        Assert.Throws<ArgumentException>(() => Figures.LiveCoverage([], new Coverage(0.9), []));
        Assert.Throws<ArgumentException>(() => Figures.Page("a", []));
        Assert.Throws<ArgumentOutOfRangeException>(() => Figures.Page("a", [.. Enumerable.Repeat(Samples.All["calibration"](null), 25)]));
    }

    private static IReadOnlyList<TracePoint> Constant(double value)
    {
        Trace trace = new();
        for (int i = 0; i < 100; i++) trace.Add(value);
        return trace.Read();
    }
}

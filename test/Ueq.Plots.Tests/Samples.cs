using Ueq.Monitoring;

namespace Ueq.Plots.Tests;

/// <summary>One figure of each kind, and the numbers they are made of.</summary>
internal static class Samples
{
    public static readonly RowMark[] Marks =
        [new(20_000, MarkKind.KnownChange), new(23_456, MarkKind.Alarm), new(31_000, MarkKind.Recovery), new(36_000, MarkKind.Void)];

    public static double[] Places { get; } = [.. Enumerable.Range(0, 120).Select(i => i / 10.0)];

    public static double[] Predictions { get; } = [.. Places.Select(Math.Sin)];

    public static Interval[] Intervals { get; } = [.. Predictions.Select(p => new Interval(p - 0.4, p + 0.4))];

    /// <summary>Every tenth lies outside.</summary>
    public static double[] Targets { get; } = [.. Predictions.Select((p, i) => p + (i % 10 == 0 ? 0.7 : 0.1))];

    public static CalibrationPoint[] Curve { get; } = [.. Enumerable.Range(1, 9).Select(i => new CalibrationPoint(new Coverage(i / 10.0), i / 10.0, 400))];

    public static double[] Latest { get; } = [.. Enumerable.Range(0, 500).Select(i => i % 10 == 0 ? double.NaN : i / 100.0 + 5)];

    public static CoveragePoint[] Coverages { get; } =
        [.. Enumerable.Range(1, 50).Select(i => new CoveragePoint(20 * i, 0.9, 0.9 - 1 / Math.Sqrt(20 * i), Math.Min(1, 0.9 + 1 / Math.Sqrt(20 * i))))];

    public static IReadOnlyDictionary<string, Func<FigureOptions?, Figure>> All { get; } = new Dictionary<string, Func<FigureOptions?, Figure>>
    {
        ["intervals"] = options => Figures.Intervals(Predictions, Intervals, Targets, options),
        ["predictions"] = options => Figures.PredictionsWithIntervals(Places, Predictions, Intervals, Targets, options),
        ["calibration"] = options => Figures.CalibrationCurve(Curve, options),
        ["stream"] = options => Figures.Stream("temperature", Moved(), Reference().Summary, Marks, options),
        ["evidence"] = options => Figures.Evidence([new("temperature", Moved()), new("humidity", Moved())], Math.Log(1e7), Marks, options),
        ["shares"] = options => Figures.Shares(Reference(), Latest, options),
        ["coverage"] = options => Figures.LiveCoverage(Coverages, new Coverage(0.9), [new(900, MarkKind.Alarm)], options),
        ["page"] = options => Figures.Page("Everything", [Figures.CalibrationCurve(Curve), Figures.Shares(Reference(), Latest)], options),
    };

    /// <summary>A signal that moves from 5 to 6 at row 20,000 of 40,000.</summary>
    public static IReadOnlyList<TracePoint> Moved()
    {
        Rng rng = Rng.Stream(1, 1);
        Trace trace = new();
        for (int row = 0; row < 40_000; row++) trace.Add((row < 20_000 ? 5 : 6) + rng.NextNormal());
        return trace.Read();
    }

    /// <summary>1,000 values from 0 to 9.99.</summary>
    public static SignalReference Reference()
    {
        float[] values = [.. Enumerable.Range(0, 1000).Select(i => i / 100f)];
        double[] same = new double[values.Length];
        return DriftReference.From(FeatureSchema.Numeric(1), new FeatureMatrix(values, 1), same, same).Signals[0];
    }
}

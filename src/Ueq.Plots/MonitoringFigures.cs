using ScottPlot;
using Ueq.Monitoring;

namespace Ueq.Plots;

public static partial class Figures
{
    private const int MostLines = 6;
    private static readonly double _logOfTen = Math.Log(10);

    /// <summary>A signal over the rows beside its reference: where it moved, and what was raised.</summary>
    /// <remarks>The line is the mean of the rows of a point, the area one standard deviation to both sides; the reference likewise.</remarks>
    /// <param name="signal">Name of the signal.</param>
    /// <param name="points">The signal, for example of <see cref="Trace"/>.</param>
    /// <param name="reference">What the reference was like.</param>
    /// <param name="marks">Alarms, recoveries and known changes; none is fine.</param>
    /// <param name="options">Title, unit and size.</param>
    /// <exception cref="ArgumentException">There is no point.</exception>
    public static Figure Stream(
        string signal, IReadOnlyList<TracePoint> points, SampleSummary reference, IReadOnlyList<RowMark> marks, FigureOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(signal);
        options = Check(points, marks, options);
        Sheet sheet = new(options, $"{signal} over the stream", Rows(points), options.Quantity ?? signal);
        double first = points[0].FirstRow, last = points[^1].FirstRow + points[^1].Rows - 1;
        if (reference.Count > 0)
        {
            (double low, double high) = (reference.Mean - reference.StandardDeviation, reference.Mean + reference.StandardDeviation);
            sheet.Area([(first, low, high), (last, low, high)], Sheet.Grey.WithAlpha(0.3), "reference ± 1 sd");
            sheet.Line([new(first, reference.Mean), new(last, reference.Mean)], Sheet.Grey, "its mean", 2, LinePattern.Dashed);
        }

        sheet.Area([.. points.Select(point => (point.Centre, point.Mean - point.StandardDeviation, point.Mean + point.StandardDeviation))],
            Sheet.Blue.WithAlpha(0.22), "stream ± 1 sd");
        sheet.Line([.. points.Select(point => new Coordinates(point.Centre, point.Mean))], Sheet.Blue, "its mean");
        sheet.Marks(marks);
        Across(sheet, points);
        return sheet.Figure();
    }

    /// <summary>The evidence against "no change" over the rows, on a scale of powers of ten, with the threshold of an alarm.</summary>
    /// <remarks>
    /// At most six signals have a colour, those that came nearest to the threshold; the others are grey. What exceeds twice the
    /// threshold's power of ten leaves the figure at the top.
    /// </remarks>
    /// <param name="series">One or more signals.</param>
    /// <param name="logThreshold">Natural logarithm of the evidence that raises an alarm.</param>
    /// <param name="marks">Alarms, recoveries and known changes; none is fine.</param>
    /// <param name="options">Title and size.</param>
    /// <exception cref="ArgumentException">There is no series, or one without a point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The threshold is not finite.</exception>
    public static Figure Evidence(
        IReadOnlyList<EvidenceSeries> series, double logThreshold, IReadOnlyList<RowMark> marks, FigureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(series);
        Throw.IfNone(nameof(series), series.Count, "series");
        if (!double.IsFinite(logThreshold)) Throw.OutOfRange(nameof(logThreshold), logThreshold, "a finite logarithm of the threshold");
        foreach (EvidenceSeries one in series) options = Check(one.Points, marks, options);
        Sheet sheet = new(options!, "Evidence of change", Rows(series[0].Points), "evidence (power of ten)");
        EvidenceSeries[] nearest = [.. series.OrderByDescending(one => one.Points.Max(point => point.Count > 0 ? point.Maximum : double.NegativeInfinity))];
        foreach (EvidenceSeries one in nearest.Skip(MostLines)) sheet.Line(Peaks(one), Sheet.Grey.WithAlpha(0.4), null, 1);
        for (int i = 0; i < Math.Min(MostLines, nearest.Length); i++) sheet.Line(Peaks(nearest[i]), Sheet.Lines[i], Shortened(nearest[i].Signal), 2);
        double threshold = logThreshold / _logOfTen, peak = nearest.Max(one => Peaks(one).Max(point => double.IsFinite(point.Y) ? point.Y : double.NegativeInfinity));
        sheet.Level(threshold, Sheet.Vermillion, FormattableString.Invariant($"alarm from {Math.Exp(logThreshold):0.#e0}"));
        sheet.Marks(marks);
        sheet.Plot.Axes.SetLimitsY(-1, 1.08 * Math.Clamp(peak, threshold, Math.Max(threshold, 2 * threshold)));
        Across(sheet, series[0].Points);
        return sheet.Figure();
    }

    /// <summary>Live coverage over the labels that arrived, with the confidence sequence of the truth and the coverage that was promised.</summary>
    /// <param name="points">In order of labels.</param>
    /// <param name="target">The promised coverage.</param>
    /// <param name="marks">Alarms, recoveries and known changes, at numbers of labels; none is fine.</param>
    /// <param name="options">Title and size.</param>
    /// <exception cref="ArgumentException">There is no point.</exception>
    public static Figure LiveCoverage(IReadOnlyList<CoveragePoint> points, Coverage target, IReadOnlyList<RowMark> marks, FigureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(marks);
        Throw.IfNone(nameof(points), points.Count, "point");
        options ??= FigureOptions.Default;
        options.Validate();
        Sheet sheet = new(options, "Live coverage", "label", "coverage (%)");
        sheet.Area([.. points.Select(point => ((double)point.Labels, 100 * point.Lower, 100 * point.Upper))], Sheet.Blue.WithAlpha(0.22), "confidence sequence");
        sheet.Line([.. points.Select(point => new Coordinates(point.Labels, 100 * point.Realised))], Sheet.Blue, "realised so far");
        if (points.Any(point => double.IsFinite(point.Latest)))
            sheet.Line([.. points.Select(point => new Coordinates(point.Labels, 100 * point.Latest))], Sheet.Orange, "among the latest", 2);
        sheet.Level(100 * target.Value, Sheet.Ink, FormattableString.Invariant($"promised: {100 * target.Value:0.##} %"));
        sheet.Marks(marks, options.Horizontal is null ? "label" : "");
        double low = points.SelectMany(point => (double[])[100 * point.Realised, 100 * point.Latest]).Where(double.IsFinite).Append(100 * target.Value).Min();
        sheet.Plot.Axes.SetLimits(options.Horizontal is null ? 0 : points[0].Labels, Math.Max(points[^1].Labels, points[0].Labels + 1), Math.Max(0, low - 5), 100.5);
        return sheet.Figure();
    }

    /// <summary>Several figures as one page of equal panels under one title, filled row by row.</summary>
    /// <param name="title">The line above the page.</param>
    /// <param name="panels">One to twenty-four figures; their own sizes do not matter.</param>
    /// <param name="options">Size of the page; without it 1,200 pixels across and 420 down per row of panels.</param>
    /// <exception cref="ArgumentException">There is no panel, or more than twenty-four.</exception>
    public static Figure Page(string title, IReadOnlyList<Figure> panels, FigureOptions? options = null)
    {
        const int Most = 24, Heading = 64, PanelHeight = 420, PanelWidth = 800;
        ArgumentException.ThrowIfNullOrEmpty(title);
        ArgumentNullException.ThrowIfNull(panels);
        Throw.IfNone(nameof(panels), panels.Count, "panel");
        if (panels.Count > Most) Throw.OutOfRange(nameof(panels), panels.Count, $"at most {Most} panels");
        options?.Validate();
        int columns = panels.Count == 1 ? 1 : panels.Count <= 12 ? 2 : 3, rows = (panels.Count + columns - 1) / columns;
        return new Figure(title, [.. panels], columns, options?.Width ?? columns * PanelWidth, options?.Height ?? Heading + rows * PanelHeight);
    }

    private static FigureOptions Check(IReadOnlyList<TracePoint> points, IReadOnlyList<RowMark> marks, FigureOptions? options)
    {
        ArgumentNullException.ThrowIfNull(points);
        ArgumentNullException.ThrowIfNull(marks);
        Throw.IfNone(nameof(points), points.Count, "point");
        options ??= FigureOptions.Default;
        options.Validate();
        return options;
    }

    private static void Across(Sheet sheet, IReadOnlyList<TracePoint> points) =>
        sheet.Plot.Axes.SetLimitsX(points[0].FirstRow, points[^1].FirstRow + Math.Max(1, points[^1].Rows - 1));

    private static List<Coordinates> Peaks(EvidenceSeries series) =>
        [.. series.Points.Select(point => new Coordinates(point.Centre, Math.Max(-1, point.Maximum / _logOfTen)))];

    private static string Rows(IReadOnlyList<TracePoint> points) => points[0].Rows == 1 ? "row" : $"row (a point is {Sheet.Count(points[0].Rows)} rows)";

    private static string Shortened(string name)
    {
        const int Longest = 24;
        return name.Length <= Longest ? name : name[..(Longest - 1)] + "…";
    }
}

using ScottPlot;

namespace Ueq.Plots;

/// <summary>The figures: of answers (the guide's three), and of what a monitor saw.</summary>
/// <remarks>Each takes plain numbers or readings and gives a <see cref="Figure"/>; nothing is written before it is asked for.</remarks>
public static partial class Figures
{
    private const int MostBars = 240;

    // How often predictions may cross the figure from top to bottom and still be a line that can be followed.
    private const double MostTurns = 12;

    /// <summary>Intervals row by row (the guide's <c>plot_intervals</c>): predictions in ascending order, and the targets where they are known.</summary>
    /// <remarks>Of more than 240 rows every k-th in that order is drawn, and the horizontal axis says so.</remarks>
    /// <param name="predictions">One per row.</param>
    /// <param name="intervals">One per row; infinite ends are drawn to the edge of the figure.</param>
    /// <param name="targets">One per row, or none.</param>
    /// <param name="options">Title, unit and size.</param>
    /// <exception cref="ArgumentException">There is no row, or lengths do not agree.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A prediction or target is not finite.</exception>
    public static Figure Intervals(
        ReadOnlySpan<double> predictions, ReadOnlySpan<Interval> intervals, ReadOnlySpan<double> targets = default, FigureOptions? options = null)
    {
        options = Check(predictions, intervals, targets, options);
        int[] order = Ascending(predictions);
        int[] shown = Thinned(order, MostBars);
        int outside = 0;
        for (int row = 0; row < targets.Length; row++)
            if (!intervals[row].Contains(targets[row])) outside++;
        string rows = shown.Length < order.Length ? $"{shown.Length} of {Sheet.Count(order.Length)} rows, by prediction" : "row, by prediction";
        string title = targets.IsEmpty ? "Prediction intervals" : $"Prediction intervals: {Percent(1 - (double)outside / targets.Length)} of {Sheet.Count(targets.Length)} targets inside";
        Sheet sheet = new(options, title, rows, options.Quantity ?? "value");

        (double low, double high) = Range(shown, predictions, intervals, targets);
        List<Coordinates> middles = [], inside = [], missed = [];
        sheet.Name("interval", Sheet.Sky, KeyShape.Line);
        for (int place = 0; place < shown.Length; place++)
        {
            int row = shown[place];
            middles.Add(new(place, predictions[row]));
            if (!targets.IsEmpty) (intervals[row].Contains(targets[row]) ? inside : missed).Add(new(place, targets[row]));
            if (intervals[row].IsEmpty) continue;
            sheet.Bar(place, Math.Max(intervals[row].Lower, low), Math.Min(intervals[row].Upper, high), Math.Clamp(600f / shown.Length, 1.5f, 8));
        }

        sheet.Line(middles, Sheet.Ink, "prediction", 1.5f);
        Targets(sheet, inside, missed);
        sheet.Plot.Axes.SetLimits(-1, shown.Length, low, high);
        return sheet.Figure();
    }

    /// <summary>Predictions and intervals along one variable, with the targets (the guide's <c>plot_predictions_with_intervals</c>).</summary>
    /// <remarks>Where predictions follow the variable they are a line in an area; where other variables matter more, a bar per row.</remarks>
    /// <param name="x">Where each row stands: a feature, or a time; rows are drawn in its order.</param>
    /// <param name="predictions">One per row.</param>
    /// <param name="intervals">One per row; infinite ends are drawn to the edge of the figure.</param>
    /// <param name="targets">One per row, or none.</param>
    /// <param name="options">Title, units and size.</param>
    /// <exception cref="ArgumentException">There is no row, or lengths do not agree.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A place, a prediction or a target is not finite.</exception>
    public static Figure PredictionsWithIntervals(
        ReadOnlySpan<double> x, ReadOnlySpan<double> predictions, ReadOnlySpan<Interval> intervals, ReadOnlySpan<double> targets = default,
        FigureOptions? options = null)
    {
        options = Check(predictions, intervals, targets, options);
        Throw.IfDifferent(nameof(x), x.Length, predictions.Length, "places, one per row");
        Throw.IfNotFinite(x, nameof(x), "place");
        int[] shown = Thinned(Ascending(x), 2000);
        Sheet sheet = new(options, "Predictions with intervals", "x", options.Quantity ?? "value");
        (double low, double high) = Range(shown, predictions, intervals, targets);
        List<(double, double, double)> area = [];
        List<Coordinates> middles = [], inside = [], missed = [];
        foreach (int row in shown)
        {
            (double place, Interval interval) = (x[row], intervals[row]);
            middles.Add(new(place, predictions[row]));
            area.Add((place, Math.Max(interval.Lower, low), Math.Min(interval.Upper, high)));
            if (!targets.IsEmpty) (interval.Contains(targets[row]) ? inside : missed).Add(new(place, targets[row]));
        }

        double variation = middles.Zip(middles.Skip(1), (a, b) => Math.Abs(b.Y - a.Y)).Sum();
        if (variation <= MostTurns * (high - low))
        {
            sheet.Area(area, Sheet.Sky.WithAlpha(0.4), "interval");
            sheet.Line(middles, Sheet.Ink, "prediction", 2);
        }
        else
        {
            sheet.Name("interval", Sheet.Sky, KeyShape.Line);
            foreach ((double place, double from, double to) in area.Where(one => one.Item3 >= one.Item2)) sheet.Bar(place, from, to, Math.Clamp(900f / shown.Length, 1, 3));
            sheet.Dots(middles, Sheet.Ink, MarkerShape.HorizontalBar, 9, "prediction");
        }

        Targets(sheet, inside, missed);
        sheet.NumbersAcross();
        double start = middles[0].X, end = middles[^1].X, margin = end > start ? 0.01 * (end - start) : 1;
        sheet.Plot.Axes.SetLimits(start - margin, end + margin, low, high);
        return sheet.Figure();
    }

    /// <summary>Realised against nominal coverage (the guide's <c>plot_calibration_curve</c>), and what chance explains.</summary>
    /// <remarks>The grey area is the nominal coverage ∓ 1.96 standard errors √(c(1 − c)/n): 19 of 20 points of an exact model lie inside.</remarks>
    /// <param name="points">One or more levels, for example of <see cref="CalibrationPoint.From"/>.</param>
    /// <param name="options">Title and size.</param>
    /// <exception cref="ArgumentException">There is no point.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A realised coverage is no share, or no row is behind it.</exception>
    public static Figure CalibrationCurve(IReadOnlyList<CalibrationPoint> points, FigureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(points);
        Throw.IfNone(nameof(points), points.Count, "point");
        options ??= FigureOptions.Default;
        options.Validate();
        foreach (CalibrationPoint point in points)
        {
            if (!(point.Realised is >= 0 and <= 1)) Throw.OutOfRange(nameof(points), point.Realised, $"a realised coverage from 0 to 1 at nominal {Sheet.Number(point.Nominal.Value)}");
            if (point.Rows < 1) Throw.OutOfRange(nameof(points), point.Rows, $"one row or more at nominal {Sheet.Number(point.Nominal.Value)}");
        }

        CalibrationPoint[] ordered = [.. points.OrderBy(point => point.Nominal.Value)];
        Sheet sheet = new(options, "Calibration curve", "nominal coverage", "realised coverage");
        int rows = ordered.Min(point => point.Rows);
        double Error(double c) => 1.96 * Math.Sqrt(c * (1 - c) / rows);
        sheet.Area([.. Enumerable.Range(0, 101).Select(i => i / 100.0).Select(c => (c, Math.Max(c - Error(c), 0), Math.Min(c + Error(c), 1)))],
            Sheet.Grey.WithAlpha(0.25), $"what chance explains at {Sheet.Count(rows)} rows");
        sheet.Line([new(0, 0), new(1, 1)], Sheet.Grey, "exact", 2, LinePattern.Dashed);
        Coordinates[] curve = [.. ordered.Select(point => new Coordinates(point.Nominal.Value, point.Realised))];
        sheet.Line(curve, Sheet.Blue, "this model");
        sheet.Dots(curve, Sheet.Blue, MarkerShape.FilledCircle, 9, null);
        sheet.NumbersAcross();
        sheet.Plot.Axes.SetLimits(0, 1, 0, 1);
        return sheet.Figure();
    }

    private static FigureOptions Check(
        ReadOnlySpan<double> predictions, ReadOnlySpan<Interval> intervals, ReadOnlySpan<double> targets, FigureOptions? options)
    {
        Throw.IfNone(nameof(predictions), predictions.Length, "prediction");
        Throw.IfDifferent(nameof(intervals), intervals.Length, predictions.Length, "intervals, one per prediction");
        if (!targets.IsEmpty) Throw.IfDifferent(nameof(targets), targets.Length, predictions.Length, "targets, one per prediction");
        Throw.IfNotFinite(predictions, nameof(predictions), "prediction");
        Throw.IfNotFinite(targets, nameof(targets), "target");
        Throw.IfNotAnInterval(intervals, nameof(intervals));
        options ??= FigureOptions.Default;
        options.Validate();
        return options;
    }

    private static void Targets(Sheet sheet, List<Coordinates> inside, List<Coordinates> missed)
    {
        sheet.Dots(inside, Sheet.Blue, MarkerShape.FilledCircle, 6, "target inside");
        sheet.Dots(missed, Sheet.Vermillion, MarkerShape.Eks, 11, "target outside");
    }

    private static int[] Ascending(ReadOnlySpan<double> values)
    {
        int[] order = [.. Enumerable.Range(0, values.Length)];
        Array.Sort(values.ToArray(), order);
        return order;
    }

    private static int[] Thinned(int[] order, int most) => order.Length <= most
        ? order
        : [.. Enumerable.Range(0, most).Select(i => order[(int)((long)i * (order.Length - 1) / (most - 1))])];

    // What is finite among the rows shown, with a margin; infinite ends go to the edge.
    private static (double Low, double High) Range(int[] shown, ReadOnlySpan<double> predictions, ReadOnlySpan<Interval> intervals, ReadOnlySpan<double> targets)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (int row in shown)
        {
            Span<double> values = [predictions[row], intervals[row].Lower, intervals[row].Upper, targets.IsEmpty ? predictions[row] : targets[row]];
            foreach (double value in values)
                if (double.IsFinite(value)) (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        double margin = high > low ? 0.05 * (high - low) : Math.Max(1e-9, 0.05 * Math.Abs(low));
        return (low - margin, high + margin);
    }

    private static string Percent(double share) => FormattableString.Invariant($"{100 * share:0.0} %");
}

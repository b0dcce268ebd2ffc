using System.Globalization;
using ScottPlot;
using Ueq.Monitoring;

namespace Ueq.Plots;

public static partial class Figures
{
    private const int MostRanges = 25;
    private static readonly string[] OneValue = ["below", "about", "above"];

    /// <summary>Where a signal changed: the share of each range of values in the reference and in the latest rows.</summary>
    /// <remarks>The ranges are the reference's bins, neighbours merged to at most twenty-five, and missing and infinite values where there are any.</remarks>
    /// <param name="reference">How the signal was distributed.</param>
    /// <param name="latest">The latest values; NaN is missing.</param>
    /// <param name="options">Title, unit and size.</param>
    /// <exception cref="ArgumentException">There is no value.</exception>
    public static Figure Shares(SignalReference reference, ReadOnlySpan<double> latest, FigureOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        Throw.IfNone(nameof(latest), latest.Length, "value");
        options ??= FigureOptions.Default;
        options.Validate();
        List<(string Name, double Before, double After)> ranges = Ranges(reference, latest);
        Sheet sheet = new(options, $"{reference.Name}: reference and latest rows", options.Quantity ?? reference.Name, "share of rows (%)");
        sheet.Plot.Add.Bars(ranges.Select((range, i) => Column(i - 0.2, range.Before, Sheet.Grey)).ToArray());
        sheet.Plot.Add.Bars(ranges.Select((range, i) => Column(i + 0.2, range.After, Sheet.Orange)).ToArray());
        sheet.Name($"reference ({Sheet.Count(reference.Rows)} rows)", Sheet.Grey, KeyShape.Area);
        sheet.Name($"latest {Sheet.Count(latest.Length)} rows", Sheet.Orange, KeyShape.Area);
        sheet.Plot.Grid.XAxisStyle.IsVisible = false;
        // As many names as fit beside each other in a panel of a page.
        int longest = ranges.Max(range => range.Name.Length), step = (int)Math.Ceiling(ranges.Count / Math.Clamp(640 / (longest * 10.5 + 16), 2, 12));
        int[] labelled = [.. Enumerable.Range(0, ranges.Count).Where(i => i % step == 0)];
        sheet.Plot.Axes.Bottom.SetTicks([.. labelled.Select(i => (double)i)], [.. labelled.Select(i => ranges[i].Name)]);
        sheet.Plot.Axes.SetLimits(-0.6, ranges.Count - 0.4, 0, 108 * ranges.Max(range => Math.Max(range.Before, range.After)));
        return sheet.Figure();
    }

    private static List<(string Name, double Before, double After)> Ranges(SignalReference reference, ReadOnlySpan<double> latest)
    {
        double[] edges = [.. reference.Edges];
        long[] now = new long[edges.Length + 1];
        long missing = 0, infinite = 0;
        foreach (double value in latest)
        {
            if (double.IsNaN(value)) missing++;
            else if (double.IsInfinity(value)) infinite++;
            else now[Bin(edges, value)]++;
        }

        List<(string, double, double)> ranges = [];
        int merged = (now.Length + MostRanges - 1) / MostRanges;
        double before = reference.Rows, after = latest.Length;
        for (int first = 0; first < now.Length; first += merged)
        {
            int end = Math.Min(first + merged, now.Length);
            string name = reference.Content == SignalContent.OneValue ? $"{OneValue[first]} {Short(reference.Summary.Median)}" : end < now.Length ? $"≤ {Short(edges[end - 1])}" : first > 0 ? $"> {Short(edges[first - 1])}" : "all values";
            long was = 0, has = 0;
            for (int bin = first; bin < end; bin++) (was, has) = (was + reference.Counts[bin], has + now[bin]);
            ranges.Add((name, was / before, has / after));
        }

        if (missing > 0 || reference.Missing > 0) ranges.Add(("missing", reference.Missing / before, missing / after));
        if (infinite > 0 || reference.Unbounded > 0) ranges.Add(("infinite", reference.Unbounded / before, infinite / after));
        return ranges;
    }

    // An edge belongs to the bin below it.
    private static int Bin(double[] edges, double value)
    {
        int place = Array.BinarySearch(edges, value);
        return place >= 0 ? place : ~place;
    }

    private static Bar Column(double position, double share, Color color) =>
        new() { Position = position, Value = 100 * share, Size = 0.4, FillColor = color, LineWidth = 0 };

    private static string Short(double value) =>
        Math.Abs(value) >= 10_000 ? Sheet.Number(value) : value.ToString("G4", CultureInfo.InvariantCulture);
}

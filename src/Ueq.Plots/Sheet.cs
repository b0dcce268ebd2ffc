using System.Globalization;
using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;

namespace Ueq.Plots;

/// <summary>How every figure looks: the colours, the letters, the axes, the legend below and the marks of rows.</summary>
/// <remarks>Colours are of Okabe and Ito (2008), which colour-blind readers can tell apart; kinds also differ in shape or dash.</remarks>
internal sealed class Sheet
{
    public static readonly Color Blue = Color.FromHex("#0072B2"), Orange = Color.FromHex("#E69F00"), Vermillion = Color.FromHex("#D55E00"),
        Green = Color.FromHex("#009E73"), Purple = Color.FromHex("#CC79A7"), Sky = Color.FromHex("#56B4E9"), Ink = Color.FromHex("#222222"),
        Grey = Color.FromHex("#767676");

    /// <summary>Colours of lines that are one of many, in the order of use.</summary>
    public static readonly Color[] Lines = [Blue, Orange, Green, Purple, Sky, Color.FromHex("#8C510A"), Ink];

    private const float TickSize = 17, LabelSize = 19, TitleSize = 22;

    public Sheet(FigureOptions options, string title, string horizontal, string vertical)
    {
        Lettering.Register();
        Options = options;
        Plot.Title(options.Title ?? title, TitleSize);
        Plot.XLabel(options.Horizontal ?? horizontal, LabelSize);
        Plot.YLabel(vertical, LabelSize);
        Plot.Font.Set(Lettering.Font);
        foreach (LabelStyle label in (LabelStyle[])[Plot.Axes.Title.Label, Plot.Axes.Bottom.Label, Plot.Axes.Left.Label])
        {
            label.Bold = false;
            label.ForeColor = Ink;
        }

        foreach (IAxis axis in (IAxis[])[Plot.Axes.Bottom, Plot.Axes.Left])
        {
            axis.TickLabelStyle.FontSize = TickSize;
            axis.MinorTickStyle.Length = 0;
        }

        // Along the horizontal axis rows are counted, unless a figure says otherwise.
        Plot.Axes.Bottom.TickGenerator = new NumericAutomatic { LabelFormatter = Count };
        Plot.Axes.Left.TickGenerator = new NumericAutomatic { LabelFormatter = Number };
        Plot.Axes.Right.MinimumSize = 40;
        Plot.Grid.MajorLineColor = Color.FromHex("#E6E6E6");
    }

    private readonly Key _key = new();

    public Plot Plot { get; } = new();

    public FigureOptions Options { get; }

    /// <summary>The finished figure, with what its lines are below it.</summary>
    public Figure Figure()
    {
        Plot.HideLegend();
        return new Figure(Plot, _key, Options);
    }

    /// <summary>The horizontal axis measures something instead of counting rows.</summary>
    public void NumbersAcross() => Plot.Axes.Bottom.TickGenerator = new NumericAutomatic { LabelFormatter = Number };

    /// <summary>Says below the figure what something is; nothing without a name.</summary>
    public void Name(string? name, Color color, KeyShape shape)
    {
        if (name is not null) _key.Add(name, color, shape);
    }

    /// <summary>A line through the finite points, broken where there is none.</summary>
    public void Line(IReadOnlyList<Coordinates> points, Color color, string? name, float width = 2.5f, LinePattern? pattern = null)
    {
        int start = 0;
        Name(name, color, pattern is null ? KeyShape.Line : KeyShape.Dashes);
        while (start < points.Count)
        {
            int end = start;
            while (end < points.Count && double.IsFinite(points[end].Y)) end++;
            if (end > start)
            {
                Scatter line = Plot.Add.Scatter(points.Skip(start).Take(end - start).ToArray(), color);
                line.LineWidth = width;
                line.LinePattern = pattern ?? LinePattern.Solid;
                line.MarkerSize = end - start == 1 ? 2 * width : 0;
            }

            start = end + 1;
        }
    }

    /// <summary>An area between two lines where both are finite.</summary>
    public void Area(IReadOnlyList<(double X, double Low, double High)> points, Color color, string? name)
    {
        int start = 0;
        Name(name, color, KeyShape.Area);
        while (start < points.Count)
        {
            int end = start;
            while (end < points.Count && double.IsFinite(points[end].Low) && double.IsFinite(points[end].High)) end++;
            if (end > start + 1)
            {
                FillY area = Plot.Add.FillY(points.Skip(start).Take(end - start).ToList());
                area.FillColor = color;
                area.LineWidth = 0;
            }

            start = end + 1;
        }
    }

    /// <summary>An interval at one place.</summary>
    public void Bar(double place, double from, double to, float width)
    {
        LinePlot bar = Plot.Add.Line(place, from, place, to);
        bar.LineColor = Sky.WithAlpha(0.8);
        bar.LineWidth = width;
        bar.MarkerSize = 0;
    }

    /// <summary>A dot per point.</summary>
    public void Dots(IReadOnlyList<Coordinates> points, Color color, MarkerShape shape, float size, string? name)
    {
        if (points.Count == 0) return;
        Markers dots = Plot.Add.Markers(points.ToArray(), shape, size, color);
        dots.MarkerLineWidth = 2;
        Name(name, color, shape == MarkerShape.Eks ? KeyShape.Cross : shape == MarkerShape.HorizontalBar ? KeyShape.Line : KeyShape.Dot);
    }

    /// <summary>A level across the whole figure.</summary>
    public void Level(double y, Color color, string name)
    {
        Plot.Add.HorizontalLine(y, 2, color, LinePattern.Dashed);
        Name(name, color, KeyShape.Dashes);
    }

    /// <summary>Vertical lines where something happened; what the lines are is said once per kind.</summary>
    public void Marks(IReadOnlyList<RowMark> marks, string unit = "row")
    {
        foreach (IGrouping<MarkKind, RowMark> kind in marks.OrderBy(mark => mark.Kind).ThenBy(mark => mark.Row).GroupBy(mark => mark.Kind))
        {
            (string name, Color color, LinePattern pattern, KeyShape shape) = kind.Key switch
            {
                MarkKind.Alarm => ("alarm", Vermillion, LinePattern.Solid, KeyShape.Line),
                MarkKind.Recovery => ("recovered", Green, LinePattern.Dashed, KeyShape.Dashes),
                MarkKind.Void => ("void", Purple, LinePattern.Dashed, KeyShape.Dashes),
                MarkKind.KnownChange => ("known change", Ink, LinePattern.Dotted, KeyShape.Points),
                _ => throw new ArgumentOutOfRangeException(nameof(marks), kind.Key, "Expected a known kind of mark."),
            };
            RowMark[] all = [.. kind];
            Name(all.Length == 1 ? $"{name} at {unit}{(unit.Length > 0 ? " " : "")}{Count(all[0].Row)}" : $"{name} ({all.Length})", color, shape);
            foreach (RowMark mark in all) Plot.Add.VerticalLine(mark.Row, 2.5f, color, pattern);
        }
    }

    /// <summary>A number of rows as an axis shows it.</summary>
    public static string Count(double value) => value.ToString("#,##0.###", CultureInfo.InvariantCulture);

    /// <summary>A number as an axis shows it; four digits may be a year and are not divided.</summary>
    public static string Number(double value) =>
        Math.Abs(value) is >= 1e9 or (> 0 and < 1e-4) ? value.ToString("0.##e0", CultureInfo.InvariantCulture)
        : Math.Abs(value) >= 10_000 ? value.ToString("#,##0", CultureInfo.InvariantCulture)
        : value.ToString("0.######", CultureInfo.InvariantCulture);
}

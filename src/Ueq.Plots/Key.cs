using SkiaSharp;

namespace Ueq.Plots;

/// <summary>How something is drawn, for the lines below a figure that say what it is.</summary>
internal enum KeyShape
{
    Line,
    Dashes,
    Points,
    Area,
    Dot,
    Cross,
}

/// <summary>What the lines, areas and dots of a figure are: names in as many centred lines as the width needs.</summary>
internal sealed class Key
{
    private const float Size = 17, LineHeight = 27, Symbol = 38, Gap = 8, Between = 26, Thick = 3, Below = 10;

    private readonly List<(string Name, SKColor Color, KeyShape Shape)> _entries = [];

    public void Add(string name, ScottPlot.Color color, KeyShape shape) => _entries.Add((name, new SKColor(color.R, color.G, color.B, color.A), shape));

    /// <summary>How much room is needed below a figure of this width.</summary>
    public float Height(float width)
    {
        using SKFont font = Letters();
        return _entries.Count == 0 ? 0 : Lines(font, width).Count * LineHeight + Below;
    }

    public void Draw(SKCanvas canvas, SKRect place)
    {
        if (_entries.Count == 0) return;
        using SKFont font = Letters();
        using SKPaint ink = new() { Color = SKColor.Parse("#222222"), IsAntialias = true };
        float top = place.Top;
        foreach (int[] line in Lines(font, place.Width))
        {
            float left = place.MidX - (line.Sum(i => Width(font, i)) + Between * (line.Length - 1)) / 2, middle = top + LineHeight / 2;
            foreach (int i in line)
            {
                DrawSymbol(canvas, i, left, middle);
                canvas.DrawText(_entries[i].Name, left + Symbol + Gap, middle + 0.36f * Size, SKTextAlign.Left, font, ink);
                left += Width(font, i) + Between;
            }

            top += LineHeight;
        }
    }

    private static SKFont Letters() => new(Lettering.Typeface, Size) { Edging = SKFontEdging.Antialias };

    private float Width(SKFont font, int entry) => Symbol + Gap + font.MeasureText(_entries[entry].Name);

    private List<int[]> Lines(SKFont font, float width)
    {
        List<int[]> lines = [];
        List<int> line = [];
        float used = 0;
        for (int i = 0; i < _entries.Count; i++)
        {
            float needed = Width(font, i);
            if (line.Count > 0 && used + Between + needed > width)
            {
                lines.Add([.. line]);
                line.Clear();
                used = 0;
            }

            used += (line.Count > 0 ? Between : 0) + needed;
            line.Add(i);
        }

        lines.Add([.. line]);
        return lines;
    }

    private void DrawSymbol(SKCanvas canvas, int entry, float left, float middle)
    {
        (_, SKColor color, KeyShape shape) = _entries[entry];
        using SKPaint paint = new() { Color = color, IsAntialias = true, StrokeWidth = Thick };
        float centre = left + Symbol / 2, right = left + Symbol;
        switch (shape)
        {
            case KeyShape.Area:
                canvas.DrawRect(left + 4, middle - 8, Symbol - 8, 16, paint);
                break;
            case KeyShape.Dot:
                canvas.DrawCircle(centre, middle, 4, paint);
                break;
            case KeyShape.Cross:
                canvas.DrawLine(centre - 5, middle - 5, centre + 5, middle + 5, paint);
                canvas.DrawLine(centre - 5, middle + 5, centre + 5, middle - 5, paint);
                break;
            case KeyShape.Dashes:
                for (float x = left; x < right; x += 14) canvas.DrawLine(x, middle, Math.Min(x + 9, right), middle, paint);
                break;
            case KeyShape.Points:
                for (float x = left + 2; x < right; x += 7) canvas.DrawLine(x, middle, x + 3, middle, paint);
                break;
            default:
                canvas.DrawLine(left, middle, right, middle, paint);
                break;
        }
    }
}

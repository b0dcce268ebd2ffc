using ScottPlot;
using SkiaSharp;

namespace Ueq.Plots;

/// <summary>A figure that is ready to be written, as PNG or SVG, without a display.</summary>
/// <remarks>Not thread-safe: write one figure from one thread at a time.</remarks>
public sealed class Figure
{
    private readonly Plot? _plot;
    private readonly Key? _key;
    private readonly string _title;
    private readonly Figure[] _panels;
    private readonly int _columns;

    internal Figure(Plot plot, Key key, FigureOptions options)
    {
        _plot = plot;
        _key = key;
        _title = "";
        _panels = [];
        (Width, Height) = (options.Width, options.Height);
    }

    internal Figure(string title, Figure[] panels, int columns, int width, int height)
    {
        _title = title;
        _panels = panels;
        _columns = columns;
        (Width, Height) = (width, height);
    }

    /// <summary>Pixels across.</summary>
    public int Width { get; }

    /// <summary>Pixels down.</summary>
    public int Height { get; }

    /// <summary>Writes the figure as PNG.</summary>
    public void WritePng(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using SKSurface surface = SKSurface.Create(new SKImageInfo(Width, Height, SKColorType.Rgba8888, SKAlphaType.Premul));
        Draw(surface.Canvas, new PixelRect(0, Width, Height, 0));
        using SKPixmap pixels = surface.PeekPixels()!;
        // Plain areas and letters are smallest unfiltered.
        using SKData data = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.None, 9))!;
        data.SaveTo(destination);
    }

    /// <summary>Writes the figure as SVG: its texts stay texts, in DejaVu Sans where the reader has it.</summary>
    public void WriteSvg(Stream destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        using SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, Width, Height), destination);
        Draw(canvas, new PixelRect(0, Width, Height, 0));
    }

    /// <summary>Writes the figure into a file, which is replaced.</summary>
    /// <param name="path">A path that ends in .png or .svg.</param>
    /// <exception cref="ArgumentException">The path ends in neither.</exception>
    public void Save(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        Action<Stream> write = Path.GetExtension(path).ToUpperInvariant() switch
        {
            ".PNG" => WritePng,
            ".SVG" => WriteSvg,
            _ => throw new ArgumentException($"Expected a path that ends in .png or .svg, got '{path}'.", nameof(path)),
        };
        using FileStream file = File.Create(path);
        write(file);
    }

    private void Draw(SKCanvas canvas, PixelRect place)
    {
        using SKPaint white = new() { Color = SKColors.White };
        canvas.DrawRect(place.Left, place.Top, place.Width, place.Height, white);
        if (_plot is not null)
        {
            // The plot clears what it is given and draws its letters up to the edge.
            const float Margin = 10;
            float below = _key!.Height(place.Width - 2 * Margin);
            PixelRect inner = new(place.Left + Margin, place.Right, place.Bottom - below, place.Top + Margin);
            canvas.Save();
            canvas.ClipRect(new SKRect(inner.Left, inner.Top, inner.Right, inner.Bottom));
            _plot.Render(canvas, inner);
            canvas.Restore();
            _key.Draw(canvas, new SKRect(place.Left + Margin, place.Bottom - below, place.Right - Margin, place.Bottom));
            return;
        }

        const float Heading = 64, TitleSize = 26;
        using SKPaint ink = new() { Color = SKColors.Black, IsAntialias = true };
        using SKFont font = new(Lettering.Typeface, TitleSize) { Edging = SKFontEdging.Antialias };
        canvas.DrawText(_title, place.Left + place.Width / 2, place.Top + 0.65f * Heading, SKTextAlign.Center, font, ink);
        int rows = (_panels.Length + _columns - 1) / _columns;
        float width = place.Width / _columns, height = (place.Height - Heading) / rows;
        for (int i = 0; i < _panels.Length; i++)
        {
            float left = place.Left + i % _columns * width, top = place.Top + Heading + i / _columns * height;
            _panels[i].Draw(canvas, new PixelRect(left, left + width, top + height, top));
        }
    }
}

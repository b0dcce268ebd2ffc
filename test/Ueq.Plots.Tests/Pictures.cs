using System.Text;
using System.Xml.Linq;
using SkiaSharp;

namespace Ueq.Plots.Tests;

/// <summary>What was drawn, read back by other means than those that drew it.</summary>
internal static class Pictures
{
    public static SKBitmap Png(Figure figure)
    {
        using MemoryStream memory = new();
        figure.WritePng(memory);
        byte[] bytes = memory.ToArray();
        Assert.Equal((byte[])[0x89, .. "PNG\r\n\u001a\n"u8], bytes[..8]);
        Assert.Equal("IEND"u8.ToArray(), bytes[^8..^4]);
        SKBitmap bitmap = SKBitmap.Decode(bytes);
        Assert.NotNull(bitmap);
        Assert.Equal((figure.Width, figure.Height), (bitmap.Width, bitmap.Height));
        return bitmap;
    }

    public static XElement Svg(Figure figure)
    {
        using MemoryStream memory = new();
        figure.WriteSvg(memory);
        XElement svg = XDocument.Parse(Encoding.UTF8.GetString(memory.ToArray())).Root!;
        Assert.Equal("svg", svg.Name.LocalName);
        Assert.Equal(figure.Width.ToString(System.Globalization.CultureInfo.InvariantCulture), svg.Attribute("width")!.Value);
        return svg;
    }

    /// <summary>Every text of a figure, trimmed.</summary>
    public static string[] Texts(Figure figure) =>
        [.. Svg(figure).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim())];

    /// <summary>Share of the pixels of a part of the picture that are near to a colour.</summary>
    public static double Share(SKBitmap bitmap, string color, SKRectI? part = null)
    {
        SKRectI where = part ?? new SKRectI(0, 0, bitmap.Width, bitmap.Height);
        SKColor wanted = SKColor.Parse(color);
        SKColor[] pixels = bitmap.Pixels;
        int count = 0;
        for (int y = where.Top; y < where.Bottom; y++)
        {
            for (int x = where.Left; x < where.Right; x++)
            {
                SKColor pixel = pixels[y * bitmap.Width + x];
                if (Math.Abs(pixel.Red - wanted.Red) + Math.Abs(pixel.Green - wanted.Green) + Math.Abs(pixel.Blue - wanted.Blue) < 24) count++;
            }
        }

        return count / (double)(where.Width * where.Height);
    }

    /// <summary>Whether a border of so many pixels is empty: nothing is cut off there.</summary>
    public static bool HasEmptyBorder(SKBitmap bitmap, int width)
    {
        SKColor[] pixels = bitmap.Pixels;
        for (int y = 0; y < bitmap.Height; y++)
        {
            for (int x = 0; x < bitmap.Width; x++)
            {
                bool border = x < width || y < width || x >= bitmap.Width - width || y >= bitmap.Height - width;
                if (border && pixels[y * bitmap.Width + x] != SKColors.White) return false;
            }
        }

        return true;
    }
}

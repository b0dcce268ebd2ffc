using ScottPlot;
using SkiaSharp;

namespace Ueq.Plots;

/// <summary>The font of every figure, which this room brings along: a machine may have none.</summary>
/// <remarks>It answers to a name of its own, so that figures which an application draws by itself keep their fonts.</remarks>
internal static class Lettering
{
    public const string Font = "Ueq DejaVu Sans";

    private static readonly Lazy<SKTypeface> _typeface = new(Read);

    // Part of ScottPlot's one list of resolvers; it answers to our name only.
    private static readonly Lazy<bool> _known = new(() =>
    {
        ScottPlot.Fonts.FontResolvers.Add(new Resolver());
        return true;
    });

    public static SKTypeface Typeface => _typeface.Value;

    /// <summary>Makes the name known to ScottPlot; once is enough.</summary>
    public static void Register() => _ = _known.Value;

    private static SKTypeface Read()
    {
        using Stream font = typeof(Lettering).Assembly.GetManifestResourceStream("DejaVuSans.ttf")!;
        using SKData data = SKData.Create(font);
        return SKTypeface.FromData(data);
    }

    private sealed class Resolver : IFontResolver
    {
        public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) => Find(fontName);

        public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => Find(fontName);

        private static SKTypeface? Find(string name) => name == Font ? Typeface : null;
    }
}

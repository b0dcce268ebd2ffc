using SkiaSharp;

namespace Ueq.Plots.Tests;

public sealed class FigureTests
{
    public static TheoryData<string> Names => [.. Samples.All.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFigureIsAPngOfItsSizeThatIsNotBlankAndCutsNothingOff(string name)
    {
        using SKBitmap bitmap = Pictures.Png(Samples.All[name](null));
        Assert.InRange(Pictures.Share(bitmap, "#FFFFFF"), 0.3, 0.97);
        Assert.True(Pictures.HasEmptyBorder(bitmap, 2), "something is drawn up to the edge");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void EveryFigureIsAnSvgWithItsTexts(string name) => Assert.True(Pictures.Texts(Samples.All[name](null)).Length > 8);

    [Theory]
    [MemberData(nameof(Names))]
    public void SizeAndTitleAreTheCallers(string name)
    {
        FigureOptions options = new() { Title = "Seen by the caller", Width = 700, Height = 500 };
        Figure figure = Samples.All[name](options);
        Assert.Equal((700, 500), (figure.Width, figure.Height));
        Pictures.Png(figure).Dispose();
        if (name != "page") Assert.Contains("Seen by the caller", Pictures.Texts(figure));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void AnImpossibleSizeIsRefused(string name)
    {
        ArgumentOutOfRangeException wide = Assert.Throws<ArgumentOutOfRangeException>(() => Samples.All[name](new() { Width = 299 }));
        Assert.Contains("300 to 10,000", wide.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => Samples.All[name](new() { Height = 10_001 }));
    }

    [Fact]
    public void TheSameFigureGivesTheSameBytes()
    {
        static byte[] Bytes()
        {
            using MemoryStream memory = new();
            Samples.All["page"](null).WritePng(memory);
            return memory.ToArray();
        }

        Assert.Equal(Bytes(), Bytes());
    }

    [Fact]
    public void LettersNeedNoFontOfTheMachine()
    {
        // What a missing font leaves is nothing, or the same box for every letter.
        SKTypeface font = Lettering.Typeface;
        Assert.Equal("DejaVu Sans", font.FamilyName);
        foreach (string text in (string[])["Aa09", "äöüß", "Ωπ", "Ж", "≤ … ± → −"])
            Assert.All(text.EnumerateRunes().Where(rune => rune.Value != ' '), rune => Assert.True(font.ContainsGlyph(rune.Value), rune.ToString()));
        Assert.Equal(Lettering.Font, Drawn().Plot.Axes.Title.Label.FontName);
        Assert.Same(font, ScottPlot.Fonts.GetTypeface(Lettering.Font, false, false));
    }

    [Fact]
    public void FontsOfTheApplicationsOwnFiguresStayAsTheyWere()
    {
        string before = ScottPlot.Fonts.Default;
        Pictures.Png(Samples.All["shares"](null)).Dispose();
        Assert.Equal(before, ScottPlot.Fonts.Default);
    }

    [Fact]
    public void TheEndingOfAPathSaysHowItIsWritten()
    {
        string folder = Directory.CreateTempSubdirectory("ueq-plots").FullName;
        Figure figure = Samples.All["calibration"](null);
        figure.Save(Path.Combine(folder, "a.PNG"));
        figure.Save(Path.Combine(folder, "a.svg"));
        Assert.Equal(0x89, File.ReadAllBytes(Path.Combine(folder, "a.PNG"))[0]);
        Assert.StartsWith("<?xml", File.ReadAllText(Path.Combine(folder, "a.svg")), StringComparison.Ordinal);
        ArgumentException fault = Assert.Throws<ArgumentException>(() => figure.Save(Path.Combine(folder, "a.jpg")));
        Assert.Contains(".png or .svg", fault.Message, StringComparison.Ordinal);
        Assert.Equal(2, Directory.GetFiles(folder).Length);
        Directory.Delete(folder, recursive: true);
    }

    private static Sheet Drawn()
    {
        Sheet sheet = new(FigureOptions.Default, "title", "across", "up");
        sheet.Figure();
        return sheet;
    }
}

using System.Text;

namespace Ueq.Data.Tests;

public sealed class CsvTableTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    private CsvFormatException Fault(string text, CsvOptions? options = null, string target = "y") =>
        Assert.Throws<CsvFormatException>(() => CsvTable.ReadRegression(_files.Write(text), target, options));

    [Fact]
    public void NumbersBecomeFeaturesInTheOrderOfTheHeader()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("a,y,b\n1,10,-2.5\n3e0,20, 4 \n"), "y");
        Assert.Equal(["a", "b"], data.Schema.Columns.Select(c => c.Name));
        Assert.Equal([1f, -2.5f, 3f, 4f], data.X.Values.ToArray());
        Assert.Equal([10.0, 20.0], data.Y);
        Assert.Equal("y", data.TargetName);
        Assert.Null(data.Classes);
        Assert.All(data.Schema.Columns, c => Assert.Equal(MissingValues.Refused, c.Missing));
    }

    [Fact]
    public void TextsBecomeOneFeaturePerCategoryInOrdinalOrder()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("c,y\nb,1\na,2\nB,3\n\"?\",4\n"), "y");
        Assert.Equal(["?", "B", "a", "b"], data.Schema.Columns[0].Categories!);
        Assert.Equal(4, data.X.Columns);
        Assert.Equal([0f, 0, 0, 1], data.X.Row(0).ToArray());
        Assert.Equal([1f, 0, 0, 0], data.X.Row(3).ToArray());
    }

    [Fact]
    public void DeclaredTextColumnsAreCategoriesAlthoughTheyLookLikeNumbers()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("zip,y\n0800,1\n800,2\n"), "y", new CsvOptions { TextColumns = ["zip"] });
        Assert.Equal(["0800", "800"], data.Schema.Columns[0].Categories!);
    }

    [Fact]
    public void TimesAreReadAndAreNoFeature()
    {
        CsvOptions options = new() { TimeColumn = "at" };
        string file = _files.Write("at,a,y\n2026-01-05T10:00:00+02:00,1,1\n2026-01-05 11:30:00,2,2\n");
        Dataset data = CsvTable.ReadRegression(file, "y", options);
        Assert.Equal(["a"], data.Schema.Columns.Select(c => c.Name));
        Assert.Equal([new(2026, 1, 5, 10, 0, 0, TimeSpan.FromHours(2)), new(2026, 1, 5, 11, 30, 0, TimeSpan.Zero)], data.Times);
        Assert.Equal(TimeSpan.FromHours(2), data.Times[0].Offset);
        Assert.Equal(data.Times, CsvTable.ReadLabelled(file, "y", data.Schema, null, options).Times);
        Assert.Empty(CsvTable.ReadLabelled(file, "y", data.Schema, null).Times);
        Assert.Throws<ArgumentException>(() => CsvTable.ReadRegression(file, "at", options));
        Assert.Contains("there is no time column 'when'", Assert.Throws<CsvFormatException>(() => CsvTable.ReadRegression(file, "y", new() { TimeColumn = "when" })).Message, StringComparison.Ordinal);
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvTable.ReadRegression(_files.Write("at,a,y\n2026-01-05,1,1\nsoon,2,2\n"), "y", options));
        Assert.Equal((3, "at"), (fault.Line, fault.Column));
        Assert.Contains("expected a time such as 2026-05-31T14:00:00Z, got 'soon'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void IgnoredColumnsAreLeftOut()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("id,a,y\nx1,1,1\nx2,2,2\n"), "y", new CsvOptions { Ignore = ["id"] });
        Assert.Equal(["a"], data.Schema.Columns.Select(c => c.Name));
    }

    [Theory]
    [InlineData("")]
    [InlineData("NA")]
    [InlineData("NaN")]
    [InlineData("null")]
    [InlineData("?")]
    [InlineData("  ")]
    public void AMissingNumberIsRefusedUnlessDeclared(string missing)
    {
        string text = $"a,b,y\n1,1,1\n{missing},2,2\n3,3,3\n";
        CsvFormatException fault = Fault(text);
        Assert.Equal(3, fault.Line);
        Assert.Equal("a", fault.Column);
        Assert.Contains("MissingTokens", fault.Message, StringComparison.Ordinal);

        Dataset data = CsvTable.ReadRegression(_files.Write(text), "y", new CsvOptions { MissingTokens = [missing] });
        Assert.True(float.IsNaN(data.X.Row(1)[0]));
        Assert.Equal(MissingValues.Allowed, data.Schema.Columns[0].Missing);
        Assert.Equal(MissingValues.Refused, data.Schema.Columns[1].Missing);
    }

    [Fact]
    public void ADeclaredTokenMayLookLikeANumber()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("a,y\n-999,1\n5,2\n"), "y", new CsvOptions { MissingTokens = ["-999"] });
        Assert.True(float.IsNaN(data.X.Values[0]));
    }

    [Fact]
    public void ADeclaredMissingCategoryIsNaNInEveryFeatureOfTheColumn()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("c,y\nu,1\n?,2\nv,3\n"), "y", new CsvOptions { MissingTokens = ["?"] });
        Assert.Equal(["u", "v"], data.Schema.Columns[0].Categories!);
        Assert.Equal(MissingValues.Allowed, data.Schema.Columns[0].Missing);
        Assert.Equal([float.NaN, float.NaN], data.X.Row(1).ToArray());
    }

    [Fact]
    public void AnEmptyCategoryIsRefusedUnlessDeclared()
    {
        CsvFormatException fault = Fault("c,y\nu,1\n,2\nv,3\n");
        Assert.Equal((3, "c"), (fault.Line, fault.Column));
    }

    [Fact]
    public void AMostlyNumericColumnIsTakenForDamaged()
    {
        CsvFormatException fault = Fault("age,y\n1,1\n2,1\nabc,1\n4,1\nxyz,1\n");
        Assert.Equal((4, "age"), (fault.Line, fault.Column));
        Assert.StartsWith(_files.Path("t.csv") + ", line 4, column 'age': expected a number", fault.Message, StringComparison.Ordinal);
        Assert.Contains("'abc'", fault.Message, StringComparison.Ordinal);
        Assert.Contains("TextColumns", fault.Message, StringComparison.Ordinal);
        Dataset text = CsvTable.ReadRegression(
            _files.Write("age,y\n1,1\n2,1\nabc,1\n4,1\nxyz,1\n"), "y", new CsvOptions { TextColumns = ["age"] });
        Assert.Equal(5, text.Schema.Width);
    }

    [Fact]
    public void AMostlyTextColumnKeepsItsNumbersAsCategories()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("c,y\n1,1\nx,1\nz,1\n"), "y");
        Assert.Equal(["1", "x", "z"], data.Schema.Columns[0].Categories!);
    }

    [Theory]
    [InlineData("Infinity")]
    [InlineData("-Infinity")]
    [InlineData("inf")]
    [InlineData("-Inf")]
    [InlineData("1e999")]
    [InlineData("1e300")]
    [InlineData("3.5e38")]
    public void FeaturesMustBeFiniteFloats(string text)
    {
        CsvFormatException fault = Fault($"a,y\n1,1\n2,2\n{text},3\n");
        Assert.Equal((4, "a"), (fault.Line, fault.Column));
        Assert.Contains(text, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("?")]
    [InlineData("Infinity")]
    [InlineData("1e999")]
    [InlineData("abc")]
    public void TargetsMustBeFiniteNumbers(string text)
    {
        CsvFormatException fault = Fault($"a,y\n1,1\n2,{text}\n", new CsvOptions { MissingTokens = ["", "NaN"] });
        Assert.Equal((3, "y"), (fault.Line, fault.Column));
    }

    [Fact]
    public void TargetsMayExceedFloats() => Assert.Equal(1e300, CsvTable.ReadRegression(_files.Write("a,y\n1,1e300\n"), "y").Y[0]);

    [Fact]
    public void AColumnWithoutValuesIsRefused()
    {
        CsvFormatException fault = Fault("a,b,y\n,1,1\n,2,2\n", new CsvOptions { MissingTokens = [""] });
        Assert.Equal("a", fault.Column);
        Assert.Contains("Ignore", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AThousandCategoriesAreTheMost()
    {
        static string Table(int n) => "id,y\n" + string.Concat(Enumerable.Range(0, n).Select(i => $"x{i},1\n"));
        Assert.Equal(1000, CsvTable.ReadRegression(_files.Write(Table(1000)), "y").Schema.Width);
        CsvFormatException fault = Fault(Table(1234));
        Assert.Equal("id", fault.Column);
        Assert.Contains("1234", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Ignore", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassesAreSortedByValueWhenTheyAreNumbers()
    {
        Dataset data = CsvTable.ReadClassification(_files.Write("a,y\n1,10\n2,9\n3,10\n4,-1\n"), "y");
        Assert.Equal(["-1", "9", "10"], data.Classes!);
        Assert.Equal([2.0, 1, 2, 0], data.Y);
    }

    [Fact]
    public void ClassesAreSortedOrdinallyWhenTheyAreTexts()
    {
        Dataset data = CsvTable.ReadClassification(_files.Write("a,y\n1,no\n2,Yes\n3,9\n"), "y");
        Assert.Equal(["9", "Yes", "no"], data.Classes!);
        Assert.Equal([2.0, 1, 0], data.Y);
    }

    [Fact]
    public void OneClassIsNotAClassification()
    {
        AssumptionException broken = Assert.Throws<AssumptionException>(() => CsvTable.ReadClassification(_files.Write("a,y\n1,u\n2,u\n"), "y"));
        Assert.Equal(Assumption.Variation, broken.Assumption);
        Assert.Contains("'u'", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneNumberInTwoSpellingsIsNotTwoClasses() =>
        Assert.Throws<CsvFormatException>(() => CsvTable.ReadClassification(_files.Write("a,y\n1,1\n2,1.0\n"), "y"));

    [Fact]
    public void AQuantityIsNotAClass()
    {
        string text = "a,y\n" + string.Concat(Enumerable.Range(0, 1500).Select(i => $"{i},{i}.5\n"));
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvTable.ReadClassification(_files.Write(text), "y"));
        Assert.Contains("regression", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ALabelledTableIsReadWithTheSchemaOfTheModel()
    {
        Dataset fitted = CsvTable.ReadClassification(_files.Write("a,c,y\n1,u,no\n2,v,yes\n"), "y");
        string path = _files.Write("extra,y,c,a\n0,yes,v,7\n", "e.csv");
        Dataset data = CsvTable.ReadLabelled(path, "y", fitted.Schema, fitted.Classes);
        Assert.Equal([7f, 0, 1], data.X.Values.ToArray());
        Assert.Equal([1.0], data.Y);
        string unknown = _files.Write("y,c,a\nmaybe,v,7\n", "u.csv");
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvTable.ReadLabelled(unknown, "y", fitted.Schema, fitted.Classes));
        Assert.Contains("'maybe'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GzipIsKnownByContentNotByName()
    {
        Assert.Equal([2.0], CsvTable.ReadRegression(_files.Write(Files.Zip("a,y\n1,2\n"), "plain.csv"), "y").Y);
        Assert.Equal([2.0], CsvTable.ReadRegression(_files.Write(Encoding.UTF8.GetBytes("a,y\n1,2\n"), "zipped.csv.gz"), "y").Y);
    }

    [Theory]
    [InlineData("cls-iris", 150, 4, 3)]
    [InlineData("cls-wine", 178, 13, 3)]
    [InlineData("cls-breast-cancer", 569, 30, 2)]
    [InlineData("cls-digits", 1797, 64, 10)]
    public void BundledClassificationsAreRead(string name, int rows, int features, int classes)
    {
        Dataset data = CsvTable.ReadClassification(Files.Bundled(name), "target");
        Assert.Equal((rows, features, classes), (data.X.Rows, data.Schema.Width, data.Classes!.Count));
        Assert.Equal(Enumerable.Range(0, classes).Select(i => $"{i}"), data.Classes);
        Assert.True(data.Schema.IsNumeric);
    }

    [Fact]
    public void DiabetesIsRead()
    {
        Dataset data = CsvTable.ReadRegression(Files.Bundled("reg-diabetes"), "target");
        Assert.Equal((442, 10), (data.X.Rows, data.X.Columns));
        Assert.Equal(59f, data.X.Row(0)[0]);
        Assert.Equal(4.8598f, data.X.Row(0)[8]);
        Assert.Equal(151, data.Y[0]);
    }

    [Fact]
    public void DiamondsHaveThreeCategoricalColumns()
    {
        Dataset data = CsvTable.ReadRegression(Files.Optional("reg-diamonds"), "target");
        Assert.Equal(53940, data.X.Rows);
        Assert.Equal(["Fair", "Good", "Ideal", "Premium", "Very Good"], data.Schema.Columns.Single(c => c.Name == "cut").Categories!);
        Assert.Equal(6 + 5 + 7 + 8, data.Schema.Width);
        Assert.Equal(53940 * 3, data.X.Values.ToArray().Where((_, i) => i % 26 is >= 1 and < 21).Count(v => v == 1));
    }

    [Fact]
    public void AdultKeepsTheQuestionMarkAsACategoryUnlessDeclaredMissing()
    {
        string path = Files.Optional("cls-adult");
        Dataset data = CsvTable.ReadClassification(path, "target", new CsvOptions { Ignore = ["split"] });
        Assert.Equal(48842, data.X.Rows);
        Assert.Contains("?", data.Schema.Columns.Single(c => c.Name == "workclass").Categories!);
        Dataset missing = CsvTable.ReadClassification(path, "target", new CsvOptions { Ignore = ["split"], MissingTokens = ["?"] });
        FeatureColumn column = missing.Schema.Columns.Single(c => c.Name == "workclass");
        Assert.DoesNotContain("?", column.Categories!);
        Assert.Equal(MissingValues.Allowed, column.Missing);
        Assert.Equal(data.Schema.Width - 3, missing.Schema.Width);
    }
}

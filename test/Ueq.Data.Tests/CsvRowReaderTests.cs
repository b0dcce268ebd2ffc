using System.Globalization;
using System.Text;

namespace Ueq.Data.Tests;

public sealed class CsvRowReaderTests : IDisposable
{
    private static readonly FeatureSchema Schema = new(
    [
        new FeatureColumn("a"),
        new FeatureColumn("c") { Categories = ["u", "v"] },
        new FeatureColumn("m") { Missing = MissingValues.Allowed },
        new FeatureColumn("k") { Categories = ["p", "q"], Missing = MissingValues.Allowed },
    ]);

    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    private CsvFormatException Fault(string text) => Assert.Throws<CsvFormatException>(() =>
    {
        using CsvRowReader reader = new(_files.Write(text), Schema);
        reader.Read(new float[60]);
    });

    [Fact]
    public void ColumnsAreFoundByNameAndExtraOnesListed()
    {
        using CsvRowReader reader = new(_files.Write("m,x,c,k,a,z\n,0,v,?,3,0\n5,0,u,q,4,0\n"), Schema);
        Assert.Equal(["x", "z"], reader.ExtraColumns);
        float[] x = new float[13];
        Assert.Equal(2, reader.Read(x));
        Assert.Equal([3f, 0, 1, float.NaN, float.NaN, float.NaN], x[..6]);
        Assert.Equal([4f, 1, 0, 5, 0, 1], x[6..12]);
        Assert.Equal(0, reader.Read(x));
        Assert.Equal(2, reader.Rows);
    }

    [Fact]
    public void MissingColumnsAreAllNamed()
    {
        CsvFormatException fault = Fault("A,c,mm\n1,u,2\n");
        Assert.Equal(1, fault.Line);
        Assert.Contains("'a', 'm', 'k'", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x,u,1,p", "a", "'x'")]
    [InlineData(",u,1,p", "a", "an empty field")]
    [InlineData("NaN,u,1,p", "a", "'NaN'")]
    [InlineData("1e999,u,1,p", "a", "finite")]
    [InlineData("1,u,x,p", "m", "'x'")]
    [InlineData("1,w,1,p", "c", "one of the categories 'u', 'v', got 'w'")]
    [InlineData("1,,1,p", "c", "an empty field")]
    [InlineData("1,u,1,r", "k", "'r'")]
    public void ABadFieldIsNamedByLineColumnAndValue(string row, string column, string expected)
    {
        CsvFormatException fault = Fault($"a,c,m,k\n1,u,1,p\n{row}\n");
        Assert.Equal((3, column), (fault.Line, fault.Column));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TenCategoriesAreShownOfMany()
    {
        FeatureSchema schema = new([new FeatureColumn("c") { Categories = [.. Enumerable.Range(0, 50).Select(i => $"k{i}")] }]);
        using CsvRowReader reader = new(_files.Write("c\nzz\n"), schema);
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => reader.Read(new float[50]));
        Assert.Contains("'k9' and 40 more, got 'zz'", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("'k10'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABatchNeedsRoomForOneRow()
    {
        using CsvRowReader reader = new(_files.Write("a,c,m,k\n1,u,1,p\n"), Schema);
        Assert.Throws<ArgumentException>(() => reader.Read(new float[5]));
    }

    [Fact]
    public void BatchesOfAnySizeGiveTheTableAgain()
    {
        Dataset data = CsvTable.ReadRegression(Files.Bundled("reg-diabetes"), "target");
        foreach (int rows in (int[])[1, 7, 442, 1000])
        {
            using CsvRowReader reader = new(Files.Bundled("reg-diabetes"), data.Schema);
            Assert.Equal(["target"], reader.ExtraColumns);
            float[] batch = new float[rows * 10];
            List<float> all = [];
            for (int n; (n = reader.Read(batch)) > 0;) all.AddRange(batch[..(n * 10)]);
            Assert.Equal(data.X.Values.ToArray(), all);
        }
    }

    [Fact]
    public void NothingIsAllocatedPerRow()
    {
        StringBuilder text = new("a,c,m,k\n");
        for (int i = 0; i < 20_000; i++) text.Append(CultureInfo.InvariantCulture, $"{i / 7.0},u,{i},p\n");
        using CsvRowReader reader = new(_files.Write(text.ToString()), Schema);
        float[] batch = new float[6 * 1000];
        reader.Read(batch);
        long before = GC.GetAllocatedBytesForCurrentThread();
        int rows = 0;
        for (int n; (n = reader.Read(batch)) > 0;) rows += n;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(19_000, rows);
        Assert.True(allocated < 8192, $"{allocated} bytes for {rows} rows");
    }
}

using CsCheck;

namespace Ueq.Data.Tests;

public sealed class CsvRowWriterTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void RowsAreWrittenInTheShortestFormThatReadsBack()
    {
        string path = _files.Path("r.csv");
        using (CsvRowWriter writer = new(path, ["a", "b,c"]))
        {
            writer.WriteRow([0.1, double.PositiveInfinity]);
            writer.WriteRow([1e300, double.NegativeInfinity]);
            writer.Add(7L);
            writer.Add("x \"y\"\nz");
            writer.EndRow();
            writer.Add(double.NaN);
            writer.Add("");
            writer.EndRow();
            Assert.Equal(4, writer.Rows);
            writer.Complete();
        }

        Assert.Equal("a,\"b,c\"\n0.1,Infinity\n1E+300,-Infinity\n7,\"x \"\"y\"\"\nz\"\nNaN,\"\"\n", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_files.Folder));
    }

    [Fact]
    public void NoFileAppearsWithoutComplete()
    {
        string path = _files.Write("old", "r.csv");
        using (CsvRowWriter writer = new(path, ["a"])) writer.WriteRow([1]);
        Assert.Equal("old", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(_files.Folder));
    }

    [Fact]
    public void ARowHasAsManyFieldsAsTheHeader()
    {
        using CsvRowWriter writer = new(_files.Path("r.csv"), ["a", "b"]);
        Assert.Throws<InvalidOperationException>(() => writer.WriteRow([1]));
        Assert.Throws<InvalidOperationException>(writer.Complete);
        Assert.Throws<InvalidOperationException>(() => writer.WriteRow([1, 2]));
    }

    [Fact]
    public void NothingIsAllocatedPerRow()
    {
        using CsvRowWriter writer = new(_files.Path("r.csv"), ["a", "b", "c"]);
        double[] row = [Math.PI, -1e-300, 5];
        writer.WriteRow(row);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 20_000; i++) writer.WriteRow(row);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 1024);
    }

    [Theory]
    [InlineData("r.csv")]
    [InlineData("r.csv.gz")]
    public void NumbersReadBackToTheSameBits(string name)
    {
        string path = _files.Path(name);
        Gen.Double.Array[2].Array[1, 50].Sample(
            rows =>
            {
                rows = [.. rows.Where(r => !r.Any(double.IsNaN))];
                if (rows.Length == 0) return;
                using (CsvRowWriter writer = new(path, ["a", "b"]))
                {
                    foreach (double[] row in rows) writer.WriteRow(row);
                    writer.Complete();
                }

                CsvNumbers read = CsvNumbers.Read(path, ["a", "b"], [], ["a", "b"]);
                Assert.Equal(rows.Select(r => BitConverter.DoubleToInt64Bits(r[0])), read["a"].Select(BitConverter.DoubleToInt64Bits));
                Assert.Equal(rows.Select(r => BitConverter.DoubleToInt64Bits(r[1])), read["b"].Select(BitConverter.DoubleToInt64Bits));
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void TextsReadBackAsCategories()
    {
        string path = _files.Path("t.csv");
        Gen<string> text = Gen.String[Gen.OneOf(Gen.Char['a', 'z'], Gen.OneOf(',', '"', '\n', '\r', ' ', 'é', '漢')), 1, 20];
        text.Array[2, 20].Sample(
            texts =>
            {
                texts = [.. texts.Where(t => t.Trim(' ').Length > 0)];
                if (texts.Length == 0) return;
                using (CsvRowWriter writer = new(path, ["c", "y"]))
                {
                    foreach (string t in texts)
                    {
                        writer.Add(t);
                        writer.Add(1);
                        writer.EndRow();
                    }

                    writer.Complete();
                }

                Dataset data = CsvTable.ReadRegression(path, "y", new CsvOptions { TextColumns = ["c"] });
                Assert.Equal(texts.Distinct().Order(StringComparer.Ordinal), data.Schema.Columns[0].Categories!);
            },
            iter: 200,
            threads: 1);
    }

    [Fact]
    public void ALongTextIsWrittenWhole()
    {
        string path = _files.Path("t.csv"), text = string.Concat(Enumerable.Repeat("漢😀\"", 40_000));
        using (CsvRowWriter writer = new(path, ["c"]))
        {
            writer.Add(text);
            writer.EndRow();
            writer.Complete();
        }

        Assert.Equal("c\n\"" + text.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"\n", File.ReadAllText(path));
    }
}

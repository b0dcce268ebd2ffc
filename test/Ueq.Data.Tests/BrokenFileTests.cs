using System.Text;

namespace Ueq.Data.Tests;

public sealed class BrokenFileTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    private CsvFormatException Fault(string text, CsvOptions? options = null) => Fault(Encoding.UTF8.GetBytes(text), options);

    private CsvFormatException Fault(byte[] bytes, CsvOptions? options = null)
    {
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvTable.ReadRegression(_files.Write(bytes), "target", options));
        Assert.StartsWith(_files.Path("t.csv"), fault.Message, StringComparison.Ordinal);
        Assert.Equal(_files.Path("t.csv"), fault.File);
        return fault;
    }

    [Theory]
    [InlineData("a,a,target\n1,2,3\n", "'a' twice")]
    [InlineData("a,,target\n1,2,3\n", "column 2 of 3 has no name")]
    [InlineData("a,b,Target\n1,2,3\n", "Did you mean 'Target'? The columns are 'a', 'b', 'Target'")]
    [InlineData("a,b,tarqet\n1,2,3\n", "Did you mean 'tarqet'?")]
    [InlineData("a;b;target\n1;2;3\n", "if ';' separates fields")]
    [InlineData("a\tb\ttarget\n1\t2\t3\n", "if a tab separates fields")]
    [InlineData("target\n1\n", "no column beside the target")]
    [InlineData("\na,target\n1,2\n", "blank line")]
    public void TheHeaderMustMakeSense(string text, string expected)
    {
        CsvFormatException fault = Fault(text);
        Assert.Equal(1, fault.Line);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFarNameIsNotSuggested() => Assert.DoesNotContain("Did you mean", Fault("apple,pear\n1,2\n").Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "empty file")]
    [InlineData("a,target\n", "got none")]
    [InlineData("a,target\n\n\n", "got none")]
    public void ATableNeedsRows(string text, string expected) => Assert.Contains(expected, Fault(text).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("a,target\n1,2\n3\n", 3, "expected 2 fields as in the header, got 1")]
    [InlineData("a,target\n1,2\n1,2,3\n", 3, "expected 2 fields as in the header, got 3")]
    [InlineData("a,target\n\"1\n\",2\n1,2,3\n", 4, "got 3")]
    [InlineData("a,target\n1,2\n\n3,4\n", 3, "got a blank line")]
    [InlineData("a,target\n1,2\n\"3,4\n5,6\n", 3, "broken quotes: a quoted field that is never closed")]
    [InlineData("a,target\n1,2\n\"3\"x,4\n", 3, "broken quotes: text after the closing quote")]
    [InlineData("a,target\n1,2\n3\"x,4\n", 3, "broken quotes: a quote inside an unquoted field")]
    public void ABrokenRowIsNamedByItsLine(string text, int line, string expected)
    {
        CsvFormatException fault = Fault(text);
        Assert.Equal(line, fault.Line);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BytesThatAreNotUtf8AreRefused()
    {
        CsvFormatException fault = Fault([.. "a,target\n1,2\n"u8, 0xE9, .. ",3\n"u8]);
        Assert.Equal(3, fault.Line);
        Assert.Contains("UTF-8", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ATruncatedOrDamagedGzipIsRefused()
    {
        StringBuilder text = new("a,target\n");
        Rng rng = Rng.Stream(1, 0);
        for (int i = 0; i < 20_000; i++) text.Append(rng.NextUniform()).Append(",1\n");
        byte[] whole = Files.Zip(text.ToString());
        foreach (int length in (int[])[whole.Length / 2, whole.Length - 4, whole.Length - 8, whole.Length - 9, 12])
            Assert.Contains("gzip", Fault(whole[..length]).Message, StringComparison.Ordinal);
        byte[] damaged = [.. whole];
        damaged[whole.Length / 2] ^= 0xFF;
        Fault(damaged);
    }

    [Fact]
    public void AGzipFileMayHaveSeveralMembers()
    {
        byte[] bytes = [.. Files.Zip("a,target\n1,2\n"), .. Files.Zip(""), .. Files.Zip("3,4\n5,"), .. Files.Zip("6\n")];
        Assert.Equal([2.0, 4, 6], CsvTable.ReadRegression(_files.Write(bytes), "target").Y);
        Assert.Contains("empty file", Fault(Files.Zip("")).Message, StringComparison.Ordinal);
        Assert.Contains("gzip", Fault([.. Files.Zip("a,target\n1,2\n"), 1, 2, 3]).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AByteOrderMarkMayDeclareUtf16()
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("a,target\n1,2\n")];
        Assert.Equal([2.0], CsvTable.ReadRegression(_files.Write(bytes), "target").Y);
    }

    [Theory]
    [InlineData("a,target\r\n1,2\r\n3,4\r\n")]
    [InlineData("\uFEFFa,target\n1,2\n3,4")]
    [InlineData("a,target\n1,2\n3,4\n\n\n")]
    [InlineData("a,target\r\n1,2\r\n3,4\r\n\r\n")]
    [InlineData("\"a\",\"target\"\n\"1\",\"2\"\n\"3\",\"4\"\n")]
    public void HarmlessSpellingsReadTheSame(string text)
    {
        Dataset data = CsvTable.ReadRegression(_files.Write(text), "target");
        Assert.Equal("a", data.Schema.Columns[0].Name);
        Assert.Equal([1f, 3f], data.X.Values.ToArray());
        Assert.Equal([2.0, 4.0], data.Y);
    }

    [Fact]
    public void OtherDelimitersAreRead()
    {
        Dataset data = CsvTable.ReadRegression(_files.Write("a;target\n1;2\n"), "target", new CsvOptions { Delimiter = ';' });
        Assert.Equal([2.0], data.Y);
        Assert.Throws<ArgumentException>(() => CsvTable.ReadRegression(_files.Write("a;target\n1;2\n"), "target", new CsvOptions { Delimiter = '"' }));
    }

    [Fact]
    public void OptionsMustNameColumnsThatAreThere()
    {
        Assert.Contains("'b'", Fault("a,target\n1,2\n", new CsvOptions { Ignore = ["b"] }).Message, StringComparison.Ordinal);
        Assert.Contains("'b'", Fault("a,target\n1,2\n", new CsvOptions { TextColumns = ["b"] }).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => CsvTable.ReadRegression(_files.Write("a,target\n1,2\n"), "target", new CsvOptions { Ignore = ["target"] }));
    }

    [Fact]
    public void AFileThatIsNotThereIsNotFound() =>
        Assert.Throws<FileNotFoundException>(() => CsvTable.ReadRegression(_files.Path("no.csv"), "target"));
}

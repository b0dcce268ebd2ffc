namespace Ueq.Data.Tests;

public sealed class SplitRowsTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void EachLineIsOneSplit()
    {
        string path = _files.Write("0 2 4\n1  3\r\n");
        Assert.Equal([0, 2, 4], SplitRows.Read(path, 0, 5));
        Assert.Equal([1, 3], SplitRows.Read(path, 1, 5));
    }

    [Theory]
    [InlineData("0 5", "got '5'")]
    [InlineData("0 -1", "got '-1'")]
    [InlineData("0 x", "got 'x'")]
    [InlineData("0 1.5", "got '1.5'")]
    [InlineData("3 1 3", "row 3 occurs twice")]
    [InlineData("", "blank")]
    public void ABadRowIsNamed(string line, string expected)
    {
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => SplitRows.Read(_files.Write($"0\n{line}\n1\n"), 1, 5));
        Assert.Equal(2, fault.Line);
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSplitMustBeThere() =>
        Assert.Contains("got 1 lines", Assert.Throws<CsvFormatException>(() => SplitRows.Read(_files.Write("0 1\n"), 1, 5)).Message, StringComparison.Ordinal);

    [Fact]
    public void ThePublishedSplitsOfYachtCoverEveryRow()
    {
        int rows = CsvTable.ReadRegression(Files.Optional("uci-yacht"), "target").X.Rows;
        int[] train = SplitRows.Read(Files.Optional("uci-yacht", Path.Combine("splits", "train.txt")), 3, rows);
        int[] test = SplitRows.Read(Files.Optional("uci-yacht", Path.Combine("splits", "test.txt")), 3, rows);
        Assert.Equal(Enumerable.Range(0, rows), train.Concat(test).Order());
    }
}

namespace Ueq.Data.Tests;

public sealed class CsvNumbersTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void NamedColumnsAreReadAndOthersLeftOut()
    {
        CsvNumbers numbers = CsvNumbers.Read(_files.Write("id,target,prediction,lower\nx,1,2,3\ny,4,5,6\n"), ["prediction", "target"], ["lower", "sigma"]);
        Assert.Equal(2, numbers.Rows);
        Assert.Equal([2.0, 5.0], numbers["prediction"]);
        Assert.Equal([1.0, 4.0], numbers["target"]);
        Assert.Equal([3.0, 6.0], numbers["lower"]);
        Assert.False(numbers.Has("sigma"));
        Assert.Throws<ArgumentException>(() => numbers["sigma"]);
    }

    [Fact]
    public void InfinityIsAValueOnlyWhereTheCallerSaysSo()
    {
        string path = _files.Write("lower,upper\n-Infinity,1\n0,Infinity\n");
        CsvNumbers numbers = CsvNumbers.Read(path, ["lower", "upper"], [], ["lower", "upper"]);
        Assert.Equal([double.NegativeInfinity, 0], numbers["lower"]);
        Assert.Equal([1, double.PositiveInfinity], numbers["upper"]);
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvNumbers.Read(path, ["lower", "upper"], [], ["lower"]));
        Assert.Equal((3, "upper"), (fault.Line, fault.Column));
    }

    [Theory]
    [InlineData("inf", double.PositiveInfinity)]
    [InlineData(" +INF ", double.PositiveInfinity)]
    [InlineData("-inf", double.NegativeInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public void InfinityIsReadAsNumpyAndPandasWriteItToo(string text, double expected) =>
        Assert.Equal(expected, CsvNumbers.Read(_files.Write($"lower\n{text}\n"), ["lower"], [], ["lower"])["lower"][0]);

    [Theory]
    [InlineData("")]
    [InlineData("NaN")]
    [InlineData("1e999")]
    [InlineData("-1e999")]
    [InlineData("x")]
    public void EveryOtherTextIsAFault(string text)
    {
        string path = _files.Write($"p,q\n1,1\n{text},1\n");
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvNumbers.Read(path, ["p"], ["q"], ["p"]));
        Assert.Equal((3, "p"), (fault.Line, fault.Column));
    }

    [Fact]
    public void ARequiredColumnMustBeThere()
    {
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => CsvNumbers.Read(_files.Write("predictions\n1\n"), ["prediction"], []));
        Assert.Contains("Did you mean 'predictions'?", fault.Message, StringComparison.Ordinal);
        Assert.Throws<CsvFormatException>(() => CsvNumbers.Read(_files.Write("p\n"), ["p"], []));
    }
}

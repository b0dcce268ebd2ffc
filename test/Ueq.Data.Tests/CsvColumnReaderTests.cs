namespace Ueq.Data.Tests;

public sealed class CsvColumnReaderTests : IDisposable
{
    private readonly Files _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void QuantitiesAreReadAsTheyAreAndTextsByTheirPlaceInOrdinalOrder()
    {
        string path = _files.Write("size,place,left\n1.5,north,1\n-2e3,east,2\n0,west,3\n");
        ColumnCodes codes = ColumnCodes.Learn(path, [], null, new CsvOptions { Ignore = ["left"] });
        Assert.Equal(["size", "place"], codes.Names);
        Assert.Equal(["east", "north", "west"], codes.Texts(1));
        Assert.Null(codes.Texts(0));
        Assert.Equal(3, codes.Rows);
        Assert.Equal([[1.5f, 1], [-2000, 0], [0, 2]], Rows(path, codes));
    }

    [Fact]
    public void EveryWayToWriteNothingIsMissingAndSoIsATextNeverSeen()
    {
        string learnt = _files.Write("a,b\n1,x\n?,y\nNA,\n", "learnt.csv"), live = _files.Write("b,extra,a\nz,1,\nx,2,NaN\nNULL,3,9e99\ny,4,n/a\n", "live.csv");
        ColumnCodes codes = ColumnCodes.Learn(learnt, []);
        Assert.Equal([[float.NaN, float.NaN], [float.NaN, 0], [float.PositiveInfinity, float.NaN], [float.NaN, 1]], Rows(live, codes));
    }

    [Fact]
    public void ColumnsAreChosenAndOrderedByName()
    {
        string path = _files.Write("a,b,c\n1,2,3\n4,5,6\n");
        ColumnCodes codes = ColumnCodes.Learn(path, ["c", "a"]);
        Assert.Equal([[3, 1], [6, 4]], Rows(path, codes));
    }

    [Fact]
    public void TimesAreReadWithTheirOffsetAndAreUtcWithoutOne()
    {
        string path = _files.Write("a,at\n1,2026-05-31T14:00:00+02:00\n2,2026-06-01 03:30\n");
        ColumnCodes codes = ColumnCodes.Learn(path, [], "at");
        Assert.Equal(["a"], codes.Names);
        using CsvColumnReader reader = new(path, codes, "at");
        float[] row = new float[1];
        Assert.Equal(DateTimeOffset.UnixEpoch, reader.Time);
        Assert.True(reader.Read(row));
        Assert.Equal(new DateTimeOffset(2026, 5, 31, 14, 0, 0, TimeSpan.FromHours(2)), reader.Time);
        Assert.Equal(TimeSpan.FromHours(2), reader.Time.Offset);
        Assert.True(reader.Read(row));
        Assert.Equal(new DateTimeOffset(2026, 6, 1, 3, 30, 0, TimeSpan.Zero), reader.Time);
        Assert.False(reader.Read(row));
        Assert.Equal(2, reader.Rows);
    }

    [Fact]
    public void FaultsNameFileLineAndColumn()
    {
        string good = _files.Write("a,at\n1,2026-01-01\n", "good.csv");
        ColumnCodes codes = ColumnCodes.Learn(good, ["a"]);
        string text = _files.Write("a,at\n1,2026-01-01\nsoon,2026-01-01\n", "text.csv"), time = _files.Write("a,at\n1,soon\n", "time.csv");
        CsvFormatException fault = Assert.Throws<CsvFormatException>(() => Rows(text, codes));
        Assert.Equal((3, "a"), (fault.Line, fault.Column));
        Assert.Contains("expected a number, got 'soon'", fault.Message, StringComparison.Ordinal);
        fault = Assert.Throws<CsvFormatException>(() => Rows(time, codes, "at"));
        Assert.Equal((2, "at"), (fault.Line, fault.Column));
        Assert.Contains("expected a time", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Did you mean 'at'?", Assert.Throws<CsvFormatException>(() => Rows(good, codes, "att")).Message, StringComparison.Ordinal);
        Assert.Contains("watched column 'x'", Assert.Throws<CsvFormatException>(() => ColumnCodes.Learn(good, ["x"])).Message, StringComparison.Ordinal);
        Assert.Contains("got none", Assert.Throws<CsvFormatException>(() => ColumnCodes.Learn(_files.Write("a\n", "empty.csv"), [])).Message, StringComparison.Ordinal);
        Assert.Contains("no value", Assert.Throws<CsvFormatException>(() => ColumnCodes.Learn(_files.Write("a\nNA\n", "na.csv"), [])).Message, StringComparison.Ordinal);
        Assert.Contains("left out", Assert.Throws<CsvFormatException>(() => ColumnCodes.Learn(good, [], null, new CsvOptions { Ignore = ["a", "at"] })).Message, StringComparison.Ordinal);
        string names = _files.Write("a\n" + string.Concat(Enumerable.Range(0, 1001).Select(i => $"name {i}\n")), "names.csv");
        Assert.Contains("1000 different texts", Assert.Throws<CsvFormatException>(() => ColumnCodes.Learn(names, [])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TooLittleRoomForARowIsRefused()
    {
        string path = _files.Write("a,b\n1,2\n");
        using CsvColumnReader reader = new(path, ColumnCodes.Learn(path, []));
        Assert.Throws<ArgumentException>(() => reader.Read(new float[1]));
    }

    private static float[][] Rows(string path, ColumnCodes codes, string? time = null)
    {
        using CsvColumnReader reader = new(path, codes, time);
        List<float[]> rows = [];
        float[] row = new float[codes.Names.Count];
        while (reader.Read(row)) rows.Add([.. row]);
        return [.. rows];
    }
}

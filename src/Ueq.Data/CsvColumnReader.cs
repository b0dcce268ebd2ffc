namespace Ueq.Data;

/// <summary>The rows of a file as numbers of known columns, one after the other, in memory that does not grow with the file.</summary>
/// <remarks>
/// Columns are found by name, in any order. A missing value, and a text that the columns have not learnt, is NaN. Faults are
/// <see cref="CsvFormatException"/>.
/// </remarks>
public sealed class CsvColumnReader : IDisposable
{
    private readonly CsvSource _source;
    private readonly ColumnCodes _codes;
    private readonly MissingTexts _missing;
    private readonly int[] _fields;
    private readonly bool[] _isText;
    private readonly int _time = -1;

    /// <summary>Opens a file and finds the columns in its header.</summary>
    /// <param name="path">A .csv or .csv.gz file; gzip is known by its content.</param>
    /// <param name="codes">The columns.</param>
    /// <param name="time">Name of a column of times; <c>null</c> without one.</param>
    /// <param name="options">Delimiter and missing texts; the rest does not apply here.</param>
    public CsvColumnReader(string path, ColumnCodes codes, string? time = null, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(codes);
        options ??= CsvOptions.Default;
        _codes = codes;
        _missing = new MissingTexts(options);
        _source = new CsvSource(path, options);
        try
        {
            _fields = [.. codes.Names.Select(name => _source.Require(name, "watched"))];
            if (time is not null) _time = _source.Require(time, "time");
        }
        catch
        {
            _source.Dispose();
            throw;
        }

        _isText = [.. Enumerable.Range(0, _fields.Length).Select(c => codes.Texts(c) is not null)];
    }

    /// <summary>Number of rows read so far.</summary>
    public long Rows => _source.Rows;

    /// <summary>Line of the file at which the current row starts.</summary>
    public long Line => _source.Line;

    /// <summary>How many bytes of the file have been read, for progress against its length; may be asked from another thread.</summary>
    public long Position => _source.Position;

    /// <summary>The time of the current row; the beginning of 1970 without a column of times.</summary>
    public DateTimeOffset Time { get; private set; } = DateTimeOffset.UnixEpoch;

    /// <summary>Moves to the next row and reads its numbers; <c>false</c> at the end of the file.</summary>
    public bool Read(Span<float> row)
    {
        if (row.Length < _fields.Length) throw new ArgumentException($"Expected room for {_fields.Length} numbers, got {row.Length}.", nameof(row));
        if (!_source.Read()) return false;
        for (int c = 0; c < _fields.Length; c++) row[c] = Number(c);
        if (_time >= 0) Time = TimeCell.Read(_source, _time);
        return true;
    }

    /// <summary>A fault in a column of the current row.</summary>
    public CsvFormatException Fault(int column, string message) => _source.Fault(_fields[column], message);

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();

    private float Number(int column)
    {
        ReadOnlySpan<byte> text = _source.Field(_fields[column]);
        if (_isText[column]) return ColumnCodes.IsMissing(text, _missing) ? float.NaN : _codes.Code(column, text);
        if (!_missing.Contains(text))
        {
            if (Cell.TryNumber(text, out double value)) return (float)value;
            if (!Cell.LooksMissing(text)) throw _source.Fault(_fields[column], $"expected a number, got {Cell.Show(text)}");
        }

        return float.NaN;
    }
}

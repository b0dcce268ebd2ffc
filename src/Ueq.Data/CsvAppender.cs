namespace Ueq.Data;

/// <summary>A file copied row by row with columns added at the end, in memory that does not grow with the file.</summary>
/// <remarks>
/// The texts of the input are kept as they are. The output appears on <see cref="Complete"/>, whole or not at all. Faults are
/// <see cref="CsvFormatException"/>.
/// </remarks>
public sealed class CsvAppender : IDisposable
{
    private readonly CsvSource _source;
    private readonly CsvRowWriter _writer;
    private readonly int[] _fields;
    private readonly bool[] _infinite;

    /// <summary>Opens the input and starts the output.</summary>
    /// <param name="input">A .csv or .csv.gz file with a header.</param>
    /// <param name="output">Where the copy is to appear.</param>
    /// <param name="numbers">Columns that are read as numbers, all of which must be there.</param>
    /// <param name="mayBeInfinite">Those of them in which Infinity and -Infinity are values.</param>
    /// <param name="added">Names of the columns to add; none may be in the input.</param>
    /// <param name="options">The delimiter of the input; the output has commas.</param>
    public CsvAppender(
        string input, string output, IReadOnlyList<string> numbers, IReadOnlyList<string> mayBeInfinite, IReadOnlyList<string> added,
        CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        ArgumentNullException.ThrowIfNull(mayBeInfinite);
        ArgumentNullException.ThrowIfNull(added);
        _source = new CsvSource(input, options ?? CsvOptions.Default);
        try
        {
            _fields = [.. numbers.Select(name => _source.Require(name, "number"))];
            _infinite = [.. numbers.Select(mayBeInfinite.Contains)];
            foreach (string name in added.Where(name => _source.Find(name) >= 0))
                throw _source.Fault(_source.Find(name), "the input already has a column of this name, which is to be added");
            _writer = new CsvRowWriter(output, [.. _source.Names, .. added]);
        }
        catch
        {
            _source.Dispose();
            throw;
        }
    }

    /// <summary>Line of the input at which the current row starts.</summary>
    public long Line => _source.Line;

    /// <summary>Number of rows read so far.</summary>
    public long Rows => _source.Rows;

    /// <summary>Moves to the next row and reads its numbers; <c>false</c> at the end of the input.</summary>
    public bool Read(Span<double> numbers)
    {
        if (!_source.Read()) return false;
        for (int i = 0; i < _fields.Length; i++) numbers[i] = CsvNumbers.Number(_source, _fields[i], _infinite[i]);
        return true;
    }

    /// <summary>Writes the current row with the added numbers.</summary>
    public void Write(ReadOnlySpan<double> added)
    {
        for (int i = 0; i < _source.Names.Length; i++) _writer.Add(_source.Text(i));
        _writer.WriteRow(added);
    }

    /// <summary>A fault at the current row of the input.</summary>
    public CsvFormatException Fault(int number, string message) => _source.Fault(_fields[number], message);

    /// <summary>Puts the output in its place.</summary>
    public void Complete() => _writer.Complete();

    /// <summary>Closes both files; without <see cref="Complete"/> there is no output.</summary>
    public void Dispose()
    {
        _source.Dispose();
        _writer.Dispose();
    }
}

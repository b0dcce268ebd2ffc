namespace Ueq.Data;

/// <summary>The rows of a file as features of a known schema, batch by batch, in memory that does not grow with the file.</summary>
/// <remarks>
/// Columns are found by name, in any order; columns that the schema does not know are left out and listed. A missing value (a declared
/// text, an empty field, NA, NaN, null or a question mark) is NaN in a column that allows it, in every feature of the column if it is
/// categorical, and an error elsewhere. Faults are <see cref="CsvFormatException"/>.
/// </remarks>
public sealed class CsvRowReader : IDisposable
{
    private readonly CsvSource _source;
    private readonly RowEncoder _encoder;
    private readonly int _width;

    /// <summary>Opens a file and finds the columns of the schema in its header.</summary>
    /// <param name="path">A .csv or .csv.gz file; gzip is known by its content.</param>
    /// <param name="schema">The columns the model was fitted on.</param>
    /// <param name="options">Delimiter and missing texts; the rest does not apply here.</param>
    public CsvRowReader(string path, FeatureSchema schema, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        if (schema.Width == 0) throw new ArgumentException("Expected a schema with one feature or more, got none.", nameof(schema));
        options ??= CsvOptions.Default;
        _width = schema.Width;
        _source = new CsvSource(path, options);
        try
        {
            _encoder = new RowEncoder(_source, schema, options);
        }
        catch
        {
            _source.Dispose();
            throw;
        }

        HashSet<string> known = [.. schema.Columns.Select(column => column.Name)];
        ExtraColumns = [.. _source.Names.Where(name => !known.Contains(name))];
    }

    /// <summary>Columns of the file that the schema does not know.</summary>
    public IReadOnlyList<string> ExtraColumns { get; }

    /// <summary>Number of rows read so far.</summary>
    public long Rows => _source.Rows;

    /// <summary>Fills whole rows from the start of <paramref name="destination"/>.</summary>
    /// <returns>Number of rows written; zero at the end of the file.</returns>
    public int Read(Span<float> destination)
    {
        int capacity = destination.Length / _width;
        if (capacity == 0)
            throw new ArgumentException($"Expected room for {_width} features, one row or more, got {destination.Length}.", nameof(destination));
        int rows = 0;
        while (rows < capacity && _source.Read()) _encoder.Encode(_source, destination.Slice(rows++ * _width, _width));
        return rows;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _source.Dispose();
}

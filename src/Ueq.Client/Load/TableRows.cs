namespace Ueq.Client.Load;

/// <summary>Rows of a table, one after the other, over all requests; after the last the first again.</summary>
public sealed class TableRows : ILoadRows
{
    private readonly FeatureValue[][] _rows;
    private long _next = -1;

    /// <summary>Takes rows, each with the model's columns in its order.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public TableRows(IEnumerable<FeatureValue[]> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        _rows = [.. rows];
        if (_rows.Length == 0) throw Expect.Wrong(nameof(rows), $"Expected one row or more, got none.");
    }

    /// <summary>Number of rows.</summary>
    public int Count => _rows.Length;

    /// <summary>Reads the columns of a model, found by their names, from a CSV file with a header.</summary>
    /// <param name="csv">The file, in UTF-8.</param>
    /// <param name="columns">The model's columns.</param>
    /// <param name="delimiter">What separates fields.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="InvalidDataException">A column is not there, a line is no row, or there are no rows.</exception>
    public static async Task<TableRows> ReadAsync(Stream csv, IReadOnlyList<ModelColumn> columns, char delimiter = ',', CancellationToken cancellation = default)
    {
        List<FeatureValue[]> rows = [];
        await foreach (FeatureValue[] row in CsvRows.ReadAsync(csv, columns, delimiter, cancellation).ConfigureAwait(false)) rows.Add(row);
        return rows.Count > 0 ? new TableRows(rows) : throw new InvalidDataException("Expected rows, got a header only.");
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json, int row)
    {
        long turn = Interlocked.Increment(ref _next) % _rows.Length;
        RowWriter.Write(json, _rows[turn], turn);
    }
}

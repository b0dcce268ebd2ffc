namespace Ueq;

/// <summary>A row-major view of rows × columns features; it never copies and never owns.</summary>
/// <remarks>NaN stands for a missing value. <c>default</c> is the matrix of no rows and no columns.</remarks>
public readonly struct FeatureMatrix
{
    private readonly ReadOnlyMemory<float> _values;

    /// <summary>A view of <paramref name="values"/> as rows of <paramref name="columns"/> numbers.</summary>
    /// <exception cref="ArgumentException">The number of values is not a multiple of the number of columns.</exception>
    public FeatureMatrix(ReadOnlyMemory<float> values, int columns)
    {
        if (columns < 0 || (columns == 0 && values.Length > 0)) Throw.OutOfRange(nameof(columns), columns, "one column or more");
        if (columns > 0 && values.Length % columns != 0)
            Throw.Length(nameof(values), values.Length, $"a multiple of {columns} values, the number of columns");
        _values = values;
        Columns = columns;
        Rows = columns == 0 ? 0 : values.Length / columns;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>Number of columns: features of a row.</summary>
    public int Columns { get; }

    /// <summary>All values, row after row.</summary>
    public ReadOnlySpan<float> Values => _values.Span;

    /// <summary>All values as memory, row after row.</summary>
    public ReadOnlyMemory<float> Memory => _values;

    /// <summary>The features of one row.</summary>
    public ReadOnlySpan<float> Row(int row) => _values.Span.Slice(row * Columns, Columns);

    /// <summary>A view of <paramref name="count"/> rows from <paramref name="start"/>.</summary>
    public FeatureMatrix Slice(int start, int count) => new(_values.Slice(start * Columns, count * Columns), Columns);

    /// <summary>A new matrix with copies of the rows at <paramref name="indices"/>, in that order.</summary>
    public FeatureMatrix Gather(ReadOnlySpan<int> indices)
    {
        float[] rows = new float[indices.Length * Columns];
        for (int i = 0; i < indices.Length; i++) Row(indices[i]).CopyTo(rows.AsSpan(i * Columns));
        return new FeatureMatrix(rows, Columns);
    }
}

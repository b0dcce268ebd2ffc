namespace Ueq.Monitoring;

/// <summary>Rows of two samples, thinned at random, standardised together, reference first.</summary>
internal sealed class PooledRows
{
    private readonly float[] _values;

    private PooledRows(float[] values, int columns, int referenceRows)
    {
        _values = values;
        Columns = columns;
        ReferenceRows = referenceRows;
    }

    public int Columns { get; }

    public int ReferenceRows { get; }

    public int Rows => _values.Length / Columns;

    public int CurrentRows => Rows - ReferenceRows;

    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public static PooledRows Of(FeatureMatrix reference, FeatureMatrix current, int most, ulong seed)
    {
        FeatureMatrix a = Thin(reference, most, seed, ulong.MaxValue), b = Thin(current, most, seed, ulong.MaxValue - 1);
        float[] values = [.. a.Values, .. b.Values];
        int columns = reference.Columns, rows = a.Rows + b.Rows;
        for (int c = 0; c < columns; c++)
        {
            double mean = 0, squares = 0;
            for (int r = 0; r < rows; r++) mean += values[r * columns + c];
            mean /= rows;
            for (int r = 0; r < rows; r++) squares += Math.Pow(values[r * columns + c] - mean, 2);
            double scale = squares > 0 ? 1 / Math.Sqrt(squares / rows) : 0;
            for (int r = 0; r < rows; r++) values[r * columns + c] = (float)((values[r * columns + c] - mean) * scale);
        }

        return new PooledRows(values, columns, a.Rows);
    }

    /// <summary>At most so many rows, drawn without replacement.</summary>
    public static FeatureMatrix Thin(FeatureMatrix x, int most, ulong seed, ulong stream)
    {
        if (x.Rows <= most) return x;
        int[] rows = [.. Enumerable.Range(0, x.Rows)];
        Rng rng = Rng.Stream(seed, stream);
        rng.Shuffle(rows.AsSpan());
        return x.Gather(rows.AsSpan(0, most));
    }
}

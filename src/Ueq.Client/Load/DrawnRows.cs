namespace Ueq.Client.Load;

/// <summary>Rows drawn at random, each column for itself, as the model's reference is distributed where it has one.</summary>
/// <remarks>
/// A row that came again and again would be the drift that the service watches for. Columns of which nothing is known are standard normal.
/// Drawing columns apart loses what ties them together, so predictions may still be distributed otherwise than in the reference.
/// </remarks>
public sealed class DrawnRows : ILoadRows
{
    private readonly IReadOnlyList<ModelColumn> _columns;
    private readonly Arrivals _random;
    private readonly Lock _gate = new();

    /// <summary>Rows of a model's columns.</summary>
    /// <param name="columns">The columns.</param>
    /// <param name="seed">Names the rows.</param>
    /// <exception cref="ArgumentException">There is no column.</exception>
    public DrawnRows(IReadOnlyList<ModelColumn> columns, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(columns);
        if (columns.Count == 0) throw Expect.Wrong(nameof(columns), $"Expected one column or more, got none.");
        _columns = columns;
        _random = new Arrivals(seed);
    }

    /// <inheritdoc/>
    public void Write(Utf8JsonWriter json, int row)
    {
        lock (_gate)
        {
            json.WriteStartArray();
            foreach (ModelColumn column in _columns)
            {
                if (column.Categories is { } categories) json.WriteStringValue(categories[Draw(column.Reference?.Counts, categories.Count, _random)]);
                else json.WriteNumberValue((float)Number(column.Reference, _random));
            }

            json.WriteEndArray();
        }
    }

    // Of a bin without an end, a value as far beyond its edge as the neighbouring bin is wide, at most.
    private static double Number(ColumnReference? reference, Arrivals random)
    {
        if (reference is null || reference.Edges.Count == 0 || reference.Counts.Count != reference.Edges.Count + 1)
            return Math.Sqrt(-2 * Math.Log(1 - random.Share())) * Math.Cos(2 * Math.PI * random.Share());
        IReadOnlyList<double> edges = reference.Edges;
        int bin = Draw(reference.Counts, reference.Counts.Count, random);
        double first = edges[0], last = edges[^1], step = edges.Count > 1 ? (last - first) / (edges.Count - 1) : Math.Max(Math.Abs(first), 1) * 1e-3;
        double from = bin == 0 ? first - (edges.Count > 1 ? edges[1] - first : step) : edges[bin - 1];
        double to = bin == edges.Count ? last + (edges.Count > 1 ? last - edges[^2] : step) : edges[bin];
        return to - (to - from) * random.Share();
    }

    private static int Draw(IReadOnlyList<long>? counts, int many, Arrivals random)
    {
        if (counts?.Count != many || counts.Sum() is not (> 0 and var all)) return (int)(random.Share() * many);
        double left = random.Share() * all;
        for (int i = 0; i < many; i++)
        {
            left -= counts[i];
            if (left < 0) return i;
        }

        return many - 1;
    }
}

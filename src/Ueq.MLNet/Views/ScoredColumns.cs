using Microsoft.ML;

namespace Ueq.MLNet.Views;

/// <summary>Columns computed from one column of a scored row: what a calibrated transformer appends.</summary>
internal abstract class ScoredColumns
{
    /// <summary>Name of the model's column that the appended ones are computed from.</summary>
    public abstract string Source { get; }

    /// <summary>The scored schema with the appended columns at its end.</summary>
    public DataViewSchema Extend(DataViewSchema scored)
    {
        CheckSource(scored);
        DataViewSchema.Builder extended = new();
        extended.AddColumns(scored);
        Append(extended);
        return extended.ToSchema();
    }

    /// <summary>The columns of the scored schema that these columns of the extended one are made of.</summary>
    public IEnumerable<DataViewSchema.Column> Needed(DataViewSchema scored, IEnumerable<DataViewSchema.Column> columns)
    {
        bool[] needed = new bool[scored.Count];
        foreach (DataViewSchema.Column column in columns) needed[column.Index < scored.Count ? column.Index : scored[Source].Index] = true;
        return scored.Where(column => needed[column.Index]);
    }

    /// <summary>Getters over one row; for one thread at a time.</summary>
    public abstract ScoredGetters Open(DataViewRow scored);

    /// <summary>Throws unless the model's column is there and of the right type.</summary>
    protected abstract void CheckSource(DataViewSchema scored);

    protected abstract void Append(DataViewSchema.Builder schema);
}

/// <summary>The getters of appended columns, and of the column they share, which is asked for once per row.</summary>
internal abstract class ScoredGetters(DataViewRow scored)
{
    // No row has this position, so the first one is never taken for known.
    private long _position = long.MinValue;

    /// <summary>The getter of the model's own column, answered from what is known of the row.</summary>
    public abstract Delegate Source { get; }

    /// <summary>The getter of the appended column of this index.</summary>
    public abstract Delegate this[int appended] { get; }

    protected abstract void Read();

    protected void Refresh()
    {
        long position = scored.Position;
        if (position == _position) return;
        Read();
        _position = position;
    }
}

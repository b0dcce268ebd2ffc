using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>Which columns of an extended row are asked for, and their getters.</summary>
internal sealed class AppendedAccess
{
    private readonly DataViewRow _scored;
    private readonly bool[] _active;
    private readonly ScoredGetters? _getters;
    private readonly int _source;

    public AppendedAccess(DataViewRow scored, DataViewSchema schema, ScoredColumns columns, IEnumerable<DataViewSchema.Column> needed)
    {
        _scored = scored;
        Schema = schema;
        _active = new bool[schema.Count];
        bool appended = false;
        foreach (DataViewSchema.Column column in needed)
        {
            _active[column.Index] = true;
            appended |= column.Index >= scored.Schema.Count;
        }

        _source = scored.Schema[columns.Source].Index;
        if (appended) _getters = columns.Open(scored);
    }

    public DataViewSchema Schema { get; }

    public bool IsActive(DataViewSchema.Column column) => column.Index < _active.Length && _active[column.Index];

    public ValueGetter<TValue> Getter<TValue>(DataViewSchema.Column column)
    {
        if (!IsActive(column)) throw new ArgumentOutOfRangeException(nameof(column), column.Name, $"Expected a column that was asked for, got '{column.Name}'.");
        int own = column.Index - _scored.Schema.Count;
        if (own < 0 && (column.Index != _source || _getters is null)) return _scored.GetGetter<TValue>(_scored.Schema[column.Index]);
        return (own < 0 ? _getters!.Source : _getters![own]) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"The column '{column.Name}' holds {column.Type}, not {typeof(TValue)}.");
    }
}

/// <summary>A scored row with the appended columns.</summary>
internal sealed class AppendedRow(DataViewRow scored, AppendedAccess access) : DataViewRow
{
    public override long Position => scored.Position;

    public override long Batch => scored.Batch;

    public override DataViewSchema Schema => access.Schema;

    public override bool IsColumnActive(DataViewSchema.Column column) => access.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => access.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => scored.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing) scored.Dispose();
        base.Dispose(disposing);
    }
}

/// <summary>A cursor over scored rows with the appended columns.</summary>
internal sealed class AppendedCursor(DataViewRowCursor scored, AppendedAccess access) : DataViewRowCursor
{
    public override long Position => scored.Position;

    public override long Batch => scored.Batch;

    public override DataViewSchema Schema => access.Schema;

    public override bool MoveNext() => scored.MoveNext();

    public override bool IsColumnActive(DataViewSchema.Column column) => access.IsActive(column);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => access.Getter<TValue>(column);

    public override ValueGetter<DataViewRowId> GetIdGetter() => scored.GetIdGetter();

    protected override void Dispose(bool disposing)
    {
        if (disposing) scored.Dispose();
        base.Dispose(disposing);
    }
}

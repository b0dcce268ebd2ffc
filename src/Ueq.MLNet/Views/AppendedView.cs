using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>Scored rows with the appended columns: lazy, streaming, and only what is asked for is computed.</summary>
internal sealed class AppendedView(IDataView scored, ScoredColumns columns) : IDataView
{
    public bool CanShuffle => scored.CanShuffle;

    public DataViewSchema Schema { get; } = columns.Extend(scored.Schema);

    public long? GetRowCount() => scored.GetRowCount();

#pragma warning disable RS0030 // The interface takes a System.Random; it is the caller's and passed on.
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return Extend(scored.GetRowCursor(columns.Needed(scored.Schema, needed), rand), needed);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
    {
        DataViewSchema.Column[] needed = [.. columnsNeeded];
        return [.. scored.GetRowCursorSet(columns.Needed(scored.Schema, needed), n, rand).Select(cursor => Extend(cursor, needed))];
    }
#pragma warning restore RS0030

    private AppendedCursor Extend(DataViewRowCursor cursor, DataViewSchema.Column[] needed) =>
        new(cursor, new AppendedAccess(cursor, Schema, columns, needed));
}

/// <summary>The same for single rows, as prediction engines ask for them.</summary>
internal sealed class AppendedMapper(IRowToRowMapper scored, ScoredColumns columns) : IRowToRowMapper
{
    public DataViewSchema InputSchema => scored.InputSchema;

    public DataViewSchema OutputSchema { get; } = columns.Extend(scored.OutputSchema);

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns) =>
        scored.GetDependencies(columns.Needed(scored.OutputSchema, dependingColumns));

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
    {
        DataViewSchema.Column[] needed = [.. activeColumns];
        DataViewRow row = scored.GetRow(input, columns.Needed(scored.OutputSchema, needed));
        return new AppendedRow(row, new AppendedAccess(row, OutputSchema, columns, needed));
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>Some rows of a data view, in their order, without copying them.</summary>
/// <param name="rows">All rows.</param>
/// <param name="chosen">Indices of the chosen ones, rising.</param>
internal sealed class RowSubset(IDataView rows, int[] chosen) : IDataView
{
    public bool CanShuffle => false;

    public DataViewSchema Schema => rows.Schema;

    public long? GetRowCount() => chosen.Length;

#pragma warning disable RS0030 // The interface takes a System.Random; rows keep their order, so it is not used.
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new Cursor(rows.GetRowCursor(columnsNeeded), chosen);

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) =>
        [GetRowCursor(columnsNeeded)];
#pragma warning restore RS0030

    /// <summary>How many rows a view has; counts them where it does not know.</summary>
    public static int Count(IDataView rows)
    {
        if (rows.GetRowCount() is { } known) return checked((int)known);
        using DataViewRowCursor cursor = rows.GetRowCursor([]);
        int count = 0;
        while (cursor.MoveNext()) count++;
        return count;
    }

    private sealed class Cursor(DataViewRowCursor rows, int[] chosen) : DataViewRowCursor
    {
        private long _next;
        private int _row = -1;

        public override long Position => _row;

        public override long Batch => 0;

        public override DataViewSchema Schema => rows.Schema;

        public override bool MoveNext()
        {
            if (_row + 1 < chosen.Length)
            {
                do
                {
                    if (!rows.MoveNext()) throw new InvalidOperationException($"Expected a data view of {chosen[^1] + 1} rows or more, as when they were counted, got {_next}.");
                }
                while (_next++ != chosen[_row + 1]);
                _row++;
                return true;
            }

            _row = -1;
            chosen = [];
            return false;
        }

        public override bool IsColumnActive(DataViewSchema.Column column) => rows.IsColumnActive(column);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) => rows.GetGetter<TValue>(column);

        public override ValueGetter<DataViewRowId> GetIdGetter() => rows.GetIdGetter();

        protected override void Dispose(bool disposing)
        {
            if (disposing) rows.Dispose();
            base.Dispose(disposing);
        }
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet;

/// <summary>One row that is filled again and again: what a fitted transformer reads when single rows are scored.</summary>
internal abstract class SettableRow : DataViewRow
{
    private long _position = -1;

    // ML.NET remembers what it computed for a position, so every row has its own.
    public sealed override long Position => _position;

    public sealed override long Batch => 0;

    public void Set(ReadOnlySpan<float> features)
    {
        Fill(features);
        _position++;
    }

    public sealed override bool IsColumnActive(DataViewSchema.Column column) => true;

    public sealed override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    protected abstract void Fill(ReadOnlySpan<float> features);
}

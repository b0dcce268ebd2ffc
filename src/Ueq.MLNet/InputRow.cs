using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet;

/// <summary>One row that is filled again and again: what a fitted transformer reads when single rows are scored.</summary>
internal sealed class InputRow : DataViewRow
{
    private readonly float[] _features;
    private readonly float _missingAs;
    private long _position = -1;

    public InputRow(int width, float missingAs)
    {
        _missingAs = missingAs;
        _features = new float[width];
        Schema = TableView.SchemaOf(width, LabelKind.None);
    }

    // ML.NET remembers what it computed for a position, so every row has its own.
    public override long Position => _position;

    public override long Batch => 0;

    public override DataViewSchema Schema { get; }

    public void Set(ReadOnlySpan<float> features)
    {
        features.CopyTo(_features);
        Missing.Replace(_features, _missingAs);
        _position++;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => true;

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        (ValueGetter<VBuffer<float>>)GetFeatures as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"The column '{column.Name}' does not hold {typeof(TValue)}.");

    private void GetFeatures(ref VBuffer<float> features)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref features, _features.Length);
        _features.CopyTo(editor.Values);
        features = editor.Commit();
    }
}

using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet;

/// <summary>A row of features in one column: what the models of our own trainers read.</summary>
internal sealed class InputRow : SettableRow
{
    private readonly float[] _features;
    private readonly float _missingAs;

    public InputRow(int width, float missingAs)
    {
        _missingAs = missingAs;
        _features = new float[width];
        Schema = TableView.SchemaOf(width, LabelKind.None);
    }

    public override DataViewSchema Schema { get; }

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        (ValueGetter<VBuffer<float>>)GetFeatures as ValueGetter<TValue>
        ?? throw new InvalidOperationException($"The column '{column.Name}' does not hold {typeof(TValue)}.");

    protected override void Fill(ReadOnlySpan<float> features)
    {
        features.CopyTo(_features);
        Missing.Replace(_features, _missingAs);
    }

    private void GetFeatures(ref VBuffer<float> features)
    {
        VBufferEditor<float> editor = VBufferEditor.Create(ref features, _features.Length);
        _features.CopyTo(editor.Values);
        features = editor.Commit();
    }
}

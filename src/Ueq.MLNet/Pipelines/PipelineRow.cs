using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Pipelines;

/// <summary>A row of features in a pipeline's own columns. Features are checked before they come here.</summary>
internal sealed class PipelineRow(PipelineInput input) : SettableRow
{
    private readonly float[] _features = new float[input.Features.Width];

    public override DataViewSchema Schema => input.Schema;

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
        Getter(input.Sources[column.Index], column.Type) as ValueGetter<TValue>
        ?? (input.Sources[column.Index] is NoSource ? (ref TValue value) => value = default! : throw new InvalidOperationException($"The column '{column.Name}' does not hold {typeof(TValue)}."));

    protected override void Fill(ReadOnlySpan<float> features) => features.CopyTo(_features);

    private Delegate? Getter(ColumnSource source, DataViewType type) => source switch
    {
        NumberSource number when type.RawType == typeof(float) => (ValueGetter<float>)((ref float value) => value = _features[number.Feature]),
        NumberSource number when type.RawType == typeof(bool) => (ValueGetter<bool>)((ref bool value) => value = _features[number.Feature] != 0),
        NumberSource number => NumberType.Of(type.RawType)?.Scalar(_features, number.Feature),
        VectorSource vector => type is VectorDataViewType of ? NumberType.Of(of.ItemType.RawType)?.Vector(_features, vector.Features) : null,
        AnswerSource answer => (ValueGetter<bool>)((ref bool value) => value = answer.Answers[Chosen(answer.Offset, answer.Answers.Length)]),
        TextSource text => Text(text),
        _ => null,
    };

    private ValueGetter<ReadOnlyMemory<char>> Text(TextSource text)
    {
        ReadOnlyMemory<char>[] categories = [.. text.Categories.Select(category => category.AsMemory())];
        return (ref ReadOnlyMemory<char> value) => value = float.IsNaN(_features[text.Offset]) ? default : categories[Chosen(text.Offset, categories.Length)];
    }

    private int Chosen(int offset, int count) => _features.AsSpan(offset, count).IndexOf(1f);
}

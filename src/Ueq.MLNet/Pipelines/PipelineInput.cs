using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Pipelines;

/// <summary>How rows of features become rows of a pipeline's own columns.</summary>
internal sealed class PipelineInput
{
    private readonly List<(int Feature, NumberType? Type, DataViewSchema.Column Column)> _whole = [];

    private readonly List<Choice> _choices = [];

    public PipelineInput(DataViewSchema schema, IReadOnlyList<ColumnSource> sources, FeatureSchema features)
    {
        Schema = schema;
        Sources = sources;
        Features = features;
        foreach (DataViewSchema.Column column in schema)
        {
            Type type = (column.Type is VectorDataViewType vector ? vector.ItemType : column.Type).RawType;
            int[] read = sources[column.Index] switch { NumberSource number => [number.Feature], VectorSource of => of.Features, _ => [] };
            if (sources[column.Index] is TextSource text) _choices.Add(new Choice(text.Offset, text.Categories.Count, column, MissingValues.Allowed));
            if (sources[column.Index] is AnswerSource answer) _choices.Add(new Choice(answer.Offset, answer.Answers.Length, column, MissingValues.Refused));
            if (type == typeof(bool) || NumberType.Of(type) is { IsWhole: true }) _whole.AddRange(read.Select(feature => (feature, NumberType.Of(type), column)));
        }
    }

    /// <summary>The pipeline's own columns.</summary>
    public DataViewSchema Schema { get; }

    /// <summary>Where each of them comes from.</summary>
    public IReadOnlyList<ColumnSource> Sources { get; }

    /// <summary>What the features of a row are.</summary>
    public FeatureSchema Features { get; }

    public bool AcceptsMissing => Features.Columns.Any(column => column.Missing == MissingValues.Allowed);

    /// <summary>A row that the pipeline must be able to answer: zeros, and the first of each column's texts.</summary>
    public float[] Sample()
    {
        float[] row = new float[Features.Width];
        foreach (Choice choice in _choices) row[choice.Offset] = 1;
        return row;
    }

    /// <summary>Throws unless every feature can be a value of its column.</summary>
    public void Check(FeatureMatrix x)
    {
        for (int i = 0; i < x.Rows; i++)
        {
            ReadOnlySpan<float> row = x.Row(i);
            foreach ((int feature, NumberType? type, DataViewSchema.Column column) in _whole)
            {
                float value = row[feature];
                if (type is null ? value is 0 or 1 : value >= type.Least && value <= type.Most && value == MathF.Floor(value)) continue;
                throw Wrong(i, feature, type is null ? "0 or 1" : "a whole number", column, value);
            }

            foreach (Choice choice in _choices) CheckChosen(row.Slice(choice.Offset, choice.Count), i, choice);
        }
    }

    private static void CheckChosen(ReadOnlySpan<float> one, int row, Choice choice)
    {
        int chosen = 0, missing = 0;
        for (int k = 0; k < one.Length; k++)
        {
            if (one[k] == 1) chosen++;
            else if (float.IsNaN(one[k])) missing++;
            else if (one[k] != 0) throw Wrong(row, choice.Offset + k, "0 or 1, whether it is this category,", choice.Column, one[k]);
        }

        if ((chosen == 1 && missing == 0) || (choice.Missing == MissingValues.Allowed && missing == one.Length)) return;
        throw new ArgumentException(
            $"Expected one category at row {row}, columns {choice.Offset} to {choice.Offset + choice.Count - 1}, for the pipeline's column '{choice.Column.Name}', got {chosen} and {missing} missing.", nameof(row));
    }

    private static ArgumentException Wrong(int row, int feature, string expected, DataViewSchema.Column column, float value) => new(
        $"Expected {expected} at row {row}, column {feature}, for the pipeline's column '{column.Name}' ({column.Type}), got {value.ToString("R", CultureInfo.InvariantCulture)}.", nameof(value));

    /// <summary>The features of one text: exactly one is 1.</summary>
    private readonly record struct Choice(int Offset, int Count, DataViewSchema.Column Column, MissingValues Missing);
}

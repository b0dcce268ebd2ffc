using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.MLNet.Views;

namespace Ueq.MLNet.Pipelines;

/// <summary>Finds for each column that a pipeline reads the columns of the data it comes from.</summary>
/// <remarks>
/// A single value comes from the column of its name. A vector comes from the columns that its slots are named after or, without such
/// names, from the columns that nothing else is made of, in their order.
/// </remarks>
internal static class PipelineColumns
{
    private const string Label = "Label";
    private static readonly string[] _yes = ["true", "yes", "1", "t", "y"], _no = ["false", "no", "0", "f", "n"];

    /// <exception cref="ArgumentException">A column is missing or of another type: names the file, what was found and expected.</exception>
    public static PipelineInput Match(string source, DataViewSchema schema, IReadOnlyList<DataViewSchema.Column> needed, FeatureSchema data)
    {
        Dictionary<string, int> places = data.Columns.Select((column, i) => (column.Name, i)).ToDictionary(pair => pair.Name, pair => pair.i, StringComparer.Ordinal);
        ColumnSource[] sources = new ColumnSource[schema.Count];
        Array.Fill(sources, new NoSource());
        HashSet<int> used = [];
        foreach (DataViewSchema.Column column in needed.Where(column => column.Type is not VectorDataViewType))
        {
            if (places.TryGetValue(column.Name, out int place))
            {
                sources[column.Index] = Single(source, column, data, place);
                used.Add(place);
            }
            else if (column.Name != Label)
            {
                throw Absent(source, column, data);
            }

            // A label that something computes with is not there when rows are asked about; its pipeline answers without it.
        }

        DataViewSchema.Column[] vectors = [.. needed.Where(column => column.Type is VectorDataViewType)];
        foreach (DataViewSchema.Column column in vectors)
        {
            VectorDataViewType type = (VectorDataViewType)column.Type;
            if (!type.IsKnownSize || NumberType.Of(type.ItemType.RawType) is null || type.ItemType is KeyDataViewType)
                throw new ArgumentException($"{source}: expected the pipeline's column '{column.Name}' to be a vector of numbers of a known length, got {column.Type}.", nameof(schema));
            string[]? names = ClassNames.Of(column, type.Size);
            int[] chosen = names is not null && Array.TrueForAll(names, places.ContainsKey) ? [.. names.Select(name => places[name])]
                : vectors.Length == 1 ? [.. Enumerable.Range(0, data.Columns.Count).Where(place => !used.Contains(place))]
                : throw new ArgumentException($"{source}: expected names of the slots of the pipeline's column '{column.Name}' ({column.Type}) among the data's columns {Names(data)}, since it reads {vectors.Length} vectors, found {(names is null ? "none" : Expect.Some(names))}.", nameof(schema));
            // One vector takes the features as they are: its one-hot columns were encoded before the pipeline saw them.
            int[] features = [.. chosen.SelectMany(place => Enumerable.Range(data.Offset(place), data.Columns[place].Width))];
            if (features.Length != type.Size)
                throw new ArgumentException($"{source}: expected {type.Size} features for the pipeline's column '{column.Name}', got {features.Length} from the columns {Expect.Some(chosen.Select(place => data.Columns[place].Name))}.", nameof(data));
            sources[column.Index] = new VectorSource(features);
        }

        return new PipelineInput(schema, sources, data);
    }

    private static ColumnSource Single(string source, DataViewSchema.Column column, FeatureSchema data, int place)
    {
        FeatureColumn found = data.Columns[place];
        int offset = data.Offset(place);
        if (found.Categories is { } categories)
        {
            if (column.Type is TextDataViewType) return new TextSource(offset, categories);
            if (column.Type is BooleanDataViewType && categories.All(category => IsOf(_yes, category) || IsOf(_no, category)))
                return new AnswerSource(offset, [.. categories.Select(category => IsOf(_yes, category))]);
            throw Wrong(source, column, found, $"texts such as '{categories[0]}'");
        }

        if (column.Type is KeyDataViewType || (column.Type is not BooleanDataViewType && NumberType.Of(column.Type.RawType) is null)) throw Wrong(source, column, found, "numbers");
        return new NumberSource(offset);
    }

    private static bool IsOf(string[] words, string text) => words.Contains(text.Trim(), StringComparer.OrdinalIgnoreCase);

    private static ArgumentException Wrong(string source, DataViewSchema.Column column, FeatureColumn found, string what) => new(
        $"{source}: expected {column.Type} in the column '{found.Name}', as the pipeline reads it (Single, Double, Boolean, whole numbers and texts can be), got {what}.", nameof(column));

    private static ArgumentException Absent(string source, DataViewSchema.Column column, FeatureSchema data) =>
        new($"{source}: the pipeline reads the column '{column.Name}' ({column.Type}); expected it among the data's columns, got {Names(data)}.", nameof(data));

    private static string Names(FeatureSchema data) => Expect.Some(data.Columns.Select(column => column.Name));
}

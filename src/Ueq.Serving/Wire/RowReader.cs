using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>Reads one JSON row into encoded features.</summary>
/// <param name="Schema">The columns a row must have.</param>
/// <param name="Path">JSON path of what holds the rows, such as <c>$.X</c>, or of the row itself.</param>
internal readonly record struct RowReader(FeatureSchema Schema, string Path)
{
    private const int CategoriesSaid = 20;
    private const int LongestText = 256;

    /// <summary>Reads from just after the opening bracket to the closing one.</summary>
    /// <param name="json">Stands at the row's opening bracket.</param>
    /// <param name="row">Number of the row among those of <see cref="Path"/>; −1 when the path is the row's.</param>
    /// <param name="features">Receives the encoded features.</param>
    /// <param name="column">The column being read, for the words of an error that the JSON reader finds.</param>
    public void Read(ref Utf8JsonReader json, int row, Span<float> features, out int column)
    {
        int columns = Schema.Columns.Count;
        bool numeric = Schema.IsNumeric;
        for (column = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; column++)
        {
            if (column == columns) throw WrongCount(ref json, row, column + 1);
            if (numeric && json.TokenType == JsonTokenType.Number) features[column] = Number(ref json, row, column);
            else ReadAny(ref json, row, column, features);
        }

        if (column != columns) throw WrongCount(row, column);
    }

    private float Number(ref Utf8JsonReader json, int row, int column)
    {
        float value = FloatText.Read(json.ValueSpan);
        return float.IsFinite(value) ? value : throw Bad(ref json, row, column, "a number within ±3.4e38");
    }

    private void ReadAny(ref Utf8JsonReader json, int row, int column, Span<float> features)
    {
        FeatureColumn about = Schema.Columns[column];
        Span<float> own = features.Slice(Schema.Offset(column), about.Width);
        if (json.TokenType == JsonTokenType.Null && about.Missing == MissingValues.Allowed)
        {
            own.Fill(float.NaN);
        }
        else if (about.Categories is { } categories)
        {
            int category = Category(ref json, column);
            if (category < 0) throw Bad(ref json, row, column, $"{Expected(categories)} (column \"{about.Name}\")");
            own.Clear();
            own[category] = 1;
        }
        else
        {
            if (json.TokenType != JsonTokenType.Number) throw Bad(ref json, row, column, "a number");
            own[0] = Number(ref json, row, column);
        }
    }

    // A category may look like a number; then the number's own text is looked up.
    private int Category(ref Utf8JsonReader json, int column)
    {
        if (json.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || json.ValueSpan.Length > LongestText) return -1;
        Span<char> text = stackalloc char[LongestText];
        int length = json.TokenType == JsonTokenType.String ? json.CopyString(text) : Encoding.UTF8.GetChars(json.ValueSpan, text);
        return Schema.CategoryIndex(column, text[..length]);
    }

    /// <summary>What a value of categories may be, in words.</summary>
    public static string Expected(IReadOnlyList<string> categories)
    {
        string known = string.Join(", ", categories.Take(CategoriesSaid).Select(c => $"\"{c}\""));
        string more = categories.Count > CategoriesSaid ? $", … ({categories.Count} in all)" : "";
        return $"one of {known}{more}";
    }

    private RefusalException Bad(ref Utf8JsonReader json, int row, int column, string expected) =>
        RefusalException.BadRequest($"{PathOf(row, column)}: expected {expected}, got {JsonWords.Value(ref json)}");

    private RefusalException WrongCount(ref Utf8JsonReader json, int row, int found)
    {
        json.TrySkip();
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            json.TrySkip();
            found++;
        }

        return WrongCount(row, found);
    }

    private RefusalException WrongCount(int row, int found) =>
        RefusalException.BadRequest($"{PathOf(row)}: expected {Schema.Columns.Count} values in a row, found {found}");

    private string PathOf(int row) => row < 0 ? Path : string.Create(CultureInfo.InvariantCulture, $"{Path}[{row}]");

    private string PathOf(int row, int column) => string.Create(CultureInfo.InvariantCulture, $"{PathOf(row)}[{column}]");
}

namespace Ueq.Data;

/// <summary>Turns the fields of a row into features as a schema says; columns are found by name.</summary>
internal sealed class RowEncoder
{
    private readonly FeatureSchema _schema;
    private readonly MissingTexts _missing;
    private readonly int[] _fields;

    public RowEncoder(CsvSource source, FeatureSchema schema, CsvOptions options)
    {
        _schema = schema;
        _missing = new MissingTexts(options);
        _fields = [.. schema.Columns.Select(column => source.Find(column.Name))];
        string[] absent = [.. schema.Columns.Select(c => c.Name).Where(name => source.Find(name) < 0)];
        if (absent.Length > 0)
        {
            string hint = absent.Length == 1 ? NearestName.Hint(absent[0], source.Names) : "";
            string found = NearestName.List(source.Names);
            throw source.Fault($"the model needs the columns {NearestName.List(absent)} and they are not there.{hint} The columns are {found}");
        }
    }

    /// <summary>Writes the features of the current row.</summary>
    public void Encode(CsvSource source, Span<float> features)
    {
        for (int c = 0; c < _fields.Length; c++)
        {
            FeatureColumn column = _schema.Columns[c];
            Span<float> destination = features.Slice(_schema.Offset(c), column.Width);
            if (column.Categories is null) destination[0] = Number(source, c, column);
            else OneHot(source, c, column, destination);
        }
    }

    private float Number(CsvSource source, int c, FeatureColumn column)
    {
        ReadOnlySpan<byte> text = source.Field(_fields[c]);
        bool declared = _missing.Contains(text);
        if (!declared && Cell.TryNumber(text, out double value) && !double.IsNaN(value))
        {
            float feature = (float)value;
            if (float.IsFinite(feature)) return feature;
            throw source.Fault(_fields[c], NotFinite(value, text));
        }

        if (declared || Cell.LooksMissing(text))
        {
            if (column.Missing == MissingValues.Allowed) return float.NaN;
            throw source.Fault(_fields[c], $"expected a number, got {Cell.Show(text)}, and no value was missing in this column when the model was fitted");
        }

        throw source.Fault(_fields[c], $"expected a number, got {Cell.Show(text)}");
    }

    /// <summary>Why a number cannot be a feature.</summary>
    public static string NotFinite(double value, ReadOnlySpan<byte> text) => double.IsFinite(value)
        ? $"expected a number of at most ±{float.MaxValue:R}, got {Cell.Show(text)}"
        : $"expected a finite number, got {Cell.Show(text)}";

    private void OneHot(CsvSource source, int c, FeatureColumn column, Span<float> destination)
    {
        ReadOnlySpan<byte> text = source.Field(_fields[c]);
        int index = Cell.Category(_schema, c, text);
        if (index >= 0)
        {
            destination.Clear();
            destination[index] = 1;
        }
        else if (column.Missing == MissingValues.Allowed && (_missing.Contains(text) || Cell.LooksMissing(text)))
        {
            destination.Fill(float.NaN);
        }
        else
        {
            const int Shown = 10;
            string known = string.Join(", ", column.Categories!.Take(Shown).Select(k => $"'{k}'"));
            string more = column.Categories!.Count > Shown ? $" and {column.Categories.Count - Shown} more" : "";
            throw source.Fault(_fields[c], $"expected one of the categories {known}{more}, got {Cell.Show(text)}");
        }
    }
}

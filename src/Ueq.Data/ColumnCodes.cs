namespace Ueq.Data;

/// <summary>Columns of a table as numbers: quantities as they are, texts by the place of each text among those that were learnt.</summary>
/// <remarks>
/// For tables without a model. A field that is empty, NA, N/A, NaN, null, a question mark or a declared text is missing, in every
/// column. A column of numbers is a quantity unless it is declared text; a column of texts may hold at most 1,000 different ones.
/// </remarks>
public sealed class ColumnCodes
{
    private readonly FeatureSchema _schema;

    private ColumnCodes(FeatureSchema schema, long rows)
    {
        _schema = schema;
        Rows = rows;
    }

    /// <summary>Names of the columns, in the order of the numbers of a row.</summary>
    public IReadOnlyList<string> Names => [.. _schema.Columns.Select(column => column.Name)];

    /// <summary>Number of rows that were learnt from.</summary>
    public long Rows { get; }

    /// <summary>The known texts of a column, in the order of their numbers 0, 1, …; <c>null</c> for a quantity.</summary>
    public IReadOnlyList<string>? Texts(int column) => _schema.Columns[column].Categories;

    /// <summary>What the columns of a file hold; the file is read once, from top to bottom.</summary>
    /// <param name="path">A .csv or .csv.gz file with a header.</param>
    /// <param name="columns">Names of columns that must be there; none stands for all that are not ignored.</param>
    /// <param name="time">Name of a column of times, which must be there and is not watched; <c>null</c> without one.</param>
    /// <param name="options">Delimiter, missing texts, columns to leave out, columns of text.</param>
    /// <exception cref="CsvFormatException">A column is not there or cannot be read, or there is no row.</exception>
    public static ColumnCodes Learn(string path, IReadOnlyList<string> columns, string? time = null, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(columns);
        options ??= CsvOptions.Default;
        using CsvSource source = new(path, options);
        foreach (string name in options.Ignore) source.Require(name, "ignored");
        if (time is not null) source.Require(time, "time");
        foreach (string name in options.TextColumns) source.Require(name, "text");
        string[] names = [.. columns.Count > 0 ? columns.Distinct() : source.Names.Where(name => name != time).Except(options.Ignore)];
        if (names.Length == 0) throw source.Fault("there is no column that is not left out; one or more is needed");
        int[] fields = [.. names.Select(name => source.Require(name, "watched"))];
        ColumnProfile[] profiles = [.. names.Select(name => new ColumnProfile(name))];
        MissingTexts missing = new(options);
        while (source.Read())
        {
            for (int c = 0; c < fields.Length; c++)
            {
                ReadOnlySpan<byte> text = source.Field(fields[c]);
                if (!IsMissing(text, missing)) profiles[c].Add(text, source.Line, missing);
            }
        }

        if (source.Rows == 0) throw source.Fault("expected rows after the header, got none");
        FeatureColumn[] found = new FeatureColumn[names.Length];
        for (int c = 0; c < names.Length; c++)
        {
            int field = fields[c];
            found[c] = profiles[c].Column(options.TextColumns.Contains(names[c]), (line, what) => source.Fault(field, line, what));
            if (found[c].Categories is not null && profiles[c].Overflows)
            {
                throw source.Fault(field, 0,
                    $"expected numbers, or at most {ColumnProfile.MostCategories} different texts, got more; leave the column out (option Ignore) or group its values");
            }
        }

        return new ColumnCodes(new FeatureSchema(found), source.Rows);
    }

    /// <summary>Whether a field stands for a missing value.</summary>
    internal static bool IsMissing(ReadOnlySpan<byte> text, MissingTexts missing) => missing.Contains(text) || Cell.LooksMissing(text);

    /// <summary>The number of a text; NaN when it is not known.</summary>
    internal float Code(int column, ReadOnlySpan<byte> text)
    {
        int code = Cell.Category(_schema, column, text);
        return code < 0 ? float.NaN : code;
    }
}

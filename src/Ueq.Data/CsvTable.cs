using Ueq.Versions;

namespace Ueq.Data;

/// <summary>Labelled tables from CSV and CSV.gz files.</summary>
/// <remarks>
/// <para>
/// The file is read twice: once to learn what the columns are, once to fill the matrix. gzip is known by content, not by name.
/// </para>
/// <para>
/// A column whose present values are all numbers (invariant culture) is one numeric feature. A column of texts is categorical: one
/// feature per category, categories in ordinal order, at most 1,000 of them. A column of more numbers than texts is taken for a damaged
/// numeric column and is an error, unless it is declared text. A missing value (an empty field, NA, N/A, NaN, null, a question mark) in
/// a numeric column is an error unless its text is declared; declared ones become NaN, in every feature of a categorical column, and
/// the column allows missing values from then on. In a column of texts these words are categories like any other, except the empty field.
/// </para>
/// <para>Faults of the file are <see cref="CsvFormatException"/>.</para>
/// </remarks>
public static class CsvTable
{
    /// <summary>A table whose target is a number.</summary>
    /// <param name="path">A .csv or .csv.gz file with a header.</param>
    /// <param name="target">Name of the target column; every other column is a feature unless ignored.</param>
    /// <param name="options">Delimiter, missing texts, columns to leave out, columns of text, column of times.</param>
    public static Dataset ReadRegression(string path, string target, CsvOptions? options = null) =>
        Read(path, target, ModelTask.Regression, options ?? CsvOptions.Default);

    /// <summary>A table whose target is a class, named by its text.</summary>
    /// <inheritdoc cref="ReadRegression" path="/param"/>
    /// <exception cref="AssumptionException">The target column holds one class only.</exception>
    public static Dataset ReadClassification(string path, string target, CsvOptions? options = null) =>
        Read(path, target, ModelTask.Classification, options ?? CsvOptions.Default);

    /// <summary>A table for evaluating a model: read as the schema of the model says, columns by name, others left out.</summary>
    /// <param name="path">A .csv or .csv.gz file with a header.</param>
    /// <param name="target">Name of the target column.</param>
    /// <param name="schema">The columns the model was fitted on.</param>
    /// <param name="classes">The classes of the model; <c>null</c> for regression.</param>
    /// <param name="options">Delimiter, missing texts and column of times; the rest does not apply here.</param>
    public static Dataset ReadLabelled(
        string path, string target, FeatureSchema schema, IReadOnlyList<string>? classes, CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        options ??= CsvOptions.Default;
        long rows = 0;
        using (CsvSource source = new(path, options))
        {
            source.Require(target, "target");
            while (source.Read()) rows++;
            if (rows == 0) throw NoRows(source);
        }

        return Fill(path, target, schema, classes, rows, options);
    }

    private static Dataset Read(string path, string target, ModelTask task, CsvOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(target);
        if (options.Ignore.Contains(target)) throw new ArgumentException($"The target '{target}' cannot be an ignored column.", nameof(options));
        using CsvSource source = new(path, options);
        int targetField = source.Require(target, "target");
        foreach (string name in options.Ignore) source.Require(name, "ignored");
        foreach (string name in options.TextColumns) source.Require(name, "text");
        if (options.TimeColumn == target) throw new ArgumentException($"The target '{target}' cannot be the column of times.", nameof(options));
        HashSet<string> leftOut = [.. options.Ignore, target];
        if (options.TimeColumn is { } time)
        {
            source.Require(time, "time");
            leftOut.Add(time);
        }

        int[] fields = [.. Enumerable.Range(0, source.Names.Length).Where(i => !leftOut.Contains(source.Names[i]))];
        if (fields.Length == 0) throw source.Fault($"there is no column beside the target '{target}'; one feature or more is needed");
        ColumnProfile[] profiles = [.. fields.Select(i => new ColumnProfile(source.Names[i]))];
        HashSet<string>? classNames = task == ModelTask.Classification ? new(StringComparer.Ordinal) : null;
        Profile(source, fields, profiles, targetField, classNames, options);

        FeatureColumn[] columns = new FeatureColumn[fields.Length];
        for (int c = 0; c < fields.Length; c++)
        {
            int field = fields[c];
            columns[c] = profiles[c].Column(options.TextColumns.Contains(source.Names[field]), (line, what) => source.Fault(field, line, what));
            if (columns[c].Categories is not null && profiles[c].Overflows) throw TooMany(path, source, field, options);
        }

        string[]? classes = classNames is null ? null : ClassNames.Order(classNames, what => source.Fault(targetField, 0, what));
        return Fill(path, target, new FeatureSchema(columns), classes, source.Rows, options);
    }

    private static void Profile(
        CsvSource source, int[] fields, ColumnProfile[] profiles, int targetField, HashSet<string>? classNames, CsvOptions options)
    {
        MissingTexts missing = new(options);
        while (source.Read())
        {
            for (int c = 0; c < fields.Length; c++) profiles[c].Add(source.Field(fields[c]), source.Line, missing);
            if (classNames is null) continue;
            if (TargetColumn.IsMissing(source.Field(targetField), missing)) throw TargetColumn.Missing(source, targetField);
            if (classNames.Add(source.Text(targetField)) && classNames.Count > ColumnProfile.MostCategories)
            {
                throw source.Fault(
                    targetField, 0, $"the target has more than {ColumnProfile.MostCategories} classes; if it is a quantity, this is a regression");
            }
        }

        if (source.Rows == 0) throw NoRows(source);
    }

    private static Dataset Fill(
        string path, string target, FeatureSchema schema, IReadOnlyList<string>? classes, long rows, CsvOptions options)
    {
        using CsvSource source = new(path, options);
        RowEncoder encoder = new(source, schema, options);
        TargetColumn column = new(source, target, classes, options);
        int time = options.TimeColumn is { } name ? source.Require(name, "time") : -1;
        if (rows * schema.Width > Array.MaxLength)
        {
            throw new CsvFormatException(
                path, 0, null, $"{rows} rows of {schema.Width} features do not fit into one table of {Array.MaxLength} numbers; leave columns or rows out");
        }

        float[] x = new float[rows * schema.Width];
        double[] y = new double[rows];
        DateTimeOffset[] times = new DateTimeOffset[time < 0 ? 0 : rows];
        int row = 0;
        while (row < y.Length && source.Read())
        {
            encoder.Encode(source, x.AsSpan(row * schema.Width, schema.Width));
            if (time >= 0) times[row] = TimeCell.Read(source, time);
            y[row++] = column.Read(source);
        }

        if (row < y.Length || source.Read()) throw new CsvFormatException(path, 0, null, "the file changed while it was read");
        return new Dataset(schema, new FeatureMatrix(x, schema.Width), y, target, classes, times);
    }

    private static CsvFormatException NoRows(CsvSource source) => source.Fault("expected rows after the header, got none");

    private static CsvFormatException TooMany(string path, CsvSource profiled, int field, CsvOptions options)
    {
        HashSet<string> texts = new(StringComparer.Ordinal);
        using CsvSource source = new(path, options);
        while (source.Read()) texts.Add(source.Text(field));
        return profiled.Fault(
            field,
            0,
            $"expected at most {ColumnProfile.MostCategories} categories, got {texts.Count}; leave the column out (option Ignore) or group its values");
    }
}

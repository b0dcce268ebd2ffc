namespace Ueq.Data;

/// <summary>Named columns of numbers from a CSV or CSV.gz file, such as predictions and targets.</summary>
public sealed class CsvNumbers
{
    private readonly Dictionary<string, double[]> _columns;

    private CsvNumbers(int rows, Dictionary<string, double[]> columns)
    {
        Rows = rows;
        _columns = columns;
    }

    /// <summary>Number of rows.</summary>
    public int Rows { get; }

    /// <summary>The values of a column that was asked for and is there.</summary>
    public double[] this[string name] => _columns.TryGetValue(name, out double[]? values)
        ? values
        : throw new ArgumentException($"Expected one of the columns {NearestName.List(_columns.Keys)}, got '{name}'.", nameof(name));

    /// <summary>Whether a column that was asked for is there.</summary>
    public bool Has(string name) => _columns.ContainsKey(name);

    /// <summary>Reads the columns by name; other columns are left out.</summary>
    /// <param name="path">A .csv or .csv.gz file with a header.</param>
    /// <param name="required">Columns that must be there.</param>
    /// <param name="optional">Columns that may be there.</param>
    /// <param name="mayBeInfinite">Columns in which the texts Infinity and -Infinity are values; elsewhere they are errors.</param>
    /// <param name="options">The delimiter; a missing value is an error here whatever is declared.</param>
    /// <exception cref="CsvFormatException">A column is not there, a field is not a number, or the file is broken.</exception>
    public static CsvNumbers Read(
        string path,
        IReadOnlyList<string> required,
        IReadOnlyList<string> optional,
        IReadOnlyList<string>? mayBeInfinite = null,
        CsvOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(required);
        ArgumentNullException.ThrowIfNull(optional);
        using CsvSource source = new(path, options ?? CsvOptions.Default);
        List<int> fields = [.. required.Select(name => source.Require(name, "number"))];
        fields.AddRange(optional.Where(name => !required.Contains(name)).Select(source.Find).Where(field => field >= 0));
        bool[] infinite = [.. fields.Select(field => mayBeInfinite?.Contains(source.Names[field]) ?? false)];
        List<double>[] values = [.. fields.Select(_ => new List<double>())];
        while (source.Read())
        {
            for (int i = 0; i < values.Length; i++) values[i].Add(Number(source, fields[i], infinite[i]));
        }

        if (source.Rows == 0) throw source.Fault("expected rows after the header, got none");
        Dictionary<string, double[]> columns = new(StringComparer.Ordinal);
        for (int i = 0; i < values.Length; i++) columns.Add(source.Names[fields[i]], [.. values[i]]);
        return new CsvNumbers((int)source.Rows, columns);
    }

    internal static double Number(CsvSource source, int field, bool mayBeInfinite)
    {
        ReadOnlySpan<byte> text = source.Field(field);
        // A number of digits beyond all doubles, such as 1e999, is a mistake where the word is a value.
        bool said = text.IndexOfAnyInRange((byte)'0', (byte)'9') < 0;
        if (Cell.TryNumber(text, out double value) && (double.IsFinite(value) || (mayBeInfinite && said && double.IsInfinity(value)))) return value;
        throw source.Fault(field, $"expected a {(mayBeInfinite ? "number, Infinity or -Infinity" : "finite number")}, got {Cell.Show(text)}");
    }
}

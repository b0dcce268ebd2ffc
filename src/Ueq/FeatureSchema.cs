using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace Ueq;

/// <summary>Whether a column may lack a value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<MissingValues>))]
public enum MissingValues
{
    /// <summary>A missing value is an error that names row and column.</summary>
    [JsonStringEnumMemberName("refused")]
    Refused,

    /// <summary>A missing value is a feature of its own: NaN to the model.</summary>
    [JsonStringEnumMemberName("allowed")]
    Allowed,
}

/// <summary>One column of the data as people know it, before encoding.</summary>
/// <param name="Name">Name in the header of the file.</param>
public sealed record FeatureColumn(string Name)
{
    /// <summary>The known texts of a categorical column in the order of their one-hot features; <c>null</c> for a numeric column.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Categories { get; init; }

    /// <summary>Whether a value may be missing. Default: refused.</summary>
    public MissingValues Missing { get; init; } = MissingValues.Refused;

    /// <summary>How many features the column becomes: one if numeric, one per category otherwise.</summary>
    [JsonIgnore]
    public int Width => Categories?.Count ?? 1;
}

/// <summary>The columns a model was fitted on, and how they become the features of a <see cref="FeatureMatrix"/>.</summary>
public sealed class FeatureSchema
{
    private readonly Dictionary<string, int>?[] _categories;
    private readonly int[] _offsets;

    /// <summary>A schema of these columns, in order.</summary>
    /// <exception cref="ArgumentException">A name or a category occurs twice, or a column has no category.</exception>
    public FeatureSchema(IReadOnlyList<FeatureColumn> columns)
    {
        ArgumentNullException.ThrowIfNull(columns);
        Columns = columns;
        _categories = new Dictionary<string, int>?[columns.Count];
        _offsets = new int[columns.Count];
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int c = 0; c < columns.Count; c++)
        {
            FeatureColumn column = columns[c] ?? throw new ArgumentException($"Expected a column at place {c}, got null.", nameof(columns));
            if (!names.Add(column.Name)) Throw.Argument(nameof(columns), $"Expected distinct column names, got '{column.Name}' twice.");
            _offsets[c] = Width;
            Width += column.Width;
            if (column.Categories is { } categories) _categories[c] = Index(column.Name, categories);
        }
    }

    /// <summary>A schema of numeric columns named f0, f1, … for data without names.</summary>
    public static FeatureSchema Numeric(int columns, MissingValues missing = MissingValues.Refused) =>
        new([.. Enumerable.Range(0, columns).Select(c => new FeatureColumn($"f{c}") { Missing = missing })]);

    /// <summary>The columns in order.</summary>
    public IReadOnlyList<FeatureColumn> Columns { get; }

    /// <summary>Number of features after encoding: columns of the matrix.</summary>
    public int Width { get; }

    /// <summary>Whether every column is numeric, so that columns and features are the same.</summary>
    public bool IsNumeric => Columns.Count == Width && Array.TrueForAll(_categories, c => c is null);

    /// <summary>Index of the first feature of a column.</summary>
    public int Offset(int column) => _offsets[column];

    /// <summary>Index of a category within its column, or −1 when the text is unknown.</summary>
    public int CategoryIndex(int column, ReadOnlySpan<char> text) =>
        _categories[column] is { } known && known.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text, out int index) ? index : -1;

    /// <summary>SHA-256 over names, kinds, categories and missing rules, in hexadecimal: equal digests mean the same features.</summary>
    public string Digest
    {
        get
        {
            StringBuilder text = new();
            foreach (FeatureColumn column in Columns)
            {
                Append(text, column.Name).Append((int)column.Missing);
                if (column.Categories is null) text.Append('n');
                else foreach (string category in column.Categories) Append(text, category);
                text.Append('\n');
            }

            return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
        }
    }

    // Length first, so that no two different lists read the same.
    private static StringBuilder Append(StringBuilder text, string part) => text.Append(part.Length).Append(':').Append(part);

    private static Dictionary<string, int> Index(string column, IReadOnlyList<string> categories)
    {
        if (categories.Count == 0) Throw.Argument(nameof(categories), $"Expected one category or more in column '{column}', got none.");
        Dictionary<string, int> index = new(StringComparer.Ordinal);
        for (int i = 0; i < categories.Count; i++)
        {
            if (categories[i] is null) Throw.Argument(nameof(categories), $"Expected a text as category {i} of column '{column}', got null.");
            if (!index.TryAdd(categories[i], i))
                Throw.Argument(nameof(categories), $"Expected distinct categories in column '{column}', got '{categories[i]}' twice.");
        }

        return index;
    }
}

namespace Ueq.Data;

/// <summary>How a table file is to be read.</summary>
public sealed record CsvOptions
{
    /// <summary>The usual reading: comma, nothing declared missing, every column used.</summary>
    public static CsvOptions Default { get; } = new();

    /// <summary>The texts that stand for a missing value. Default: none, so that a missing value is an error.</summary>
    /// <remarks>Compared exactly; the empty text stands for an empty field. Declare every spelling that occurs, such as "" and NA.</remarks>
    public IReadOnlyList<string> MissingTokens { get; init; } = [];

    /// <summary>Names of columns that are left out. Default: none.</summary>
    public IReadOnlyList<string> Ignore { get; init; } = [];

    /// <summary>Names of columns that are categories although their values look like numbers, such as zip codes. Default: none.</summary>
    public IReadOnlyList<string> TextColumns { get; init; } = [];

    /// <summary>Name of the column that says when each row came, such as 2026-05-31T14:00:00Z; it is no feature. Default: none.</summary>
    public string? TimeColumn { get; init; }

    /// <summary>What separates fields: an ASCII character other than a quote, a line break, a letter or a digit. Default: comma.</summary>
    public char Delimiter { get; init; } = ',';
}

namespace Ueq.Data;

/// <summary>A table file that cannot be read as it stands; the message names file, line and column and what was expected.</summary>
/// <remarks>The message reads like <c>houses.csv, line 17, column 'age': expected a number, got 'abc'</c>.</remarks>
public sealed class CsvFormatException : Exception
{
    /// <summary>A fault at a place of a file.</summary>
    /// <param name="file">Path of the file as the caller gave it.</param>
    /// <param name="line">Line of the file, from 1 (the header); 0 when the fault is not in one line.</param>
    /// <param name="column">Name of the column, or <c>null</c> when the fault is not in one column.</param>
    /// <param name="message">What was expected and what was found.</param>
    /// <param name="cause">What the file system or the decompressor said, if anything.</param>
    public CsvFormatException(string file, long line, string? column, string message, Exception? cause = null)
        : base(Place(file, line, column) + ": " + message, cause)
    {
        File = file;
        Line = line;
        Column = column;
    }

    /// <summary>Path of the file.</summary>
    public string File { get; }

    /// <summary>Line of the file, from 1 (the header); 0 when the fault is not in one line.</summary>
    public long Line { get; }

    /// <summary>Name of the column, or <c>null</c>.</summary>
    public string? Column { get; }

    private static string Place(string file, long line, string? column) =>
        file + (line > 0 ? $", line {line}" : "") + (column is null ? "" : $", column '{column}'");
}

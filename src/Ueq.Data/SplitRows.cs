using System.Globalization;

namespace Ueq.Data;

/// <summary>Row numbers of a split: a text file with one line per split, 0-based rows separated by spaces.</summary>
public static class SplitRows
{
    /// <summary>The rows of one split, as they stand in the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="split">Which line, from 0.</param>
    /// <param name="rows">Number of rows of the table; every row number must be below.</param>
    /// <exception cref="CsvFormatException">There is no such line, or a value is not a row, or a row occurs twice.</exception>
    public static int[] Read(string path, int split, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(split);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        int lines = 0;
        foreach (string line in File.ReadLines(path))
        {
            if (lines++ == split) return Parse(path, split + 1, line, rows);
        }

        throw new CsvFormatException(path, 0, null, $"expected a line {split + 1} for split {split}, got {lines} lines");
    }

    private static int[] Parse(string path, int lineNumber, ReadOnlySpan<char> line, int rows)
    {
        List<int> indices = [];
        bool[] taken = new bool[rows];
        foreach (Range range in line.SplitAny(' ', '\t'))
        {
            ReadOnlySpan<char> text = line[range];
            if (text.IsEmpty) continue;
            if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int row) || row < 0 || row >= rows)
                throw new CsvFormatException(path, lineNumber, null, $"expected a row from 0 to {rows - 1}, got '{text}'");
            if (taken[row]) throw new CsvFormatException(path, lineNumber, null, $"the row {row} occurs twice in one split");
            taken[row] = true;
            indices.Add(row);
        }

        if (indices.Count == 0) throw new CsvFormatException(path, lineNumber, null, "expected rows separated by spaces, got a blank line");
        return [.. indices];
    }
}

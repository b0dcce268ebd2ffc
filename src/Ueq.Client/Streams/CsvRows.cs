using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using CsvHelper;

namespace Ueq.Client.Streams;

/// <summary>Rows of a model out of a CSV file.</summary>
internal static class CsvRows
{
    private const int LongestRecord = 1 << 20;

    /// <summary>Reads the rows of a file with a header.</summary>
    /// <exception cref="InvalidDataException">A column is not there, or a line is no row.</exception>
    public static async IAsyncEnumerable<FeatureValue[]> ReadAsync(
        Stream csv, IReadOnlyList<ModelColumn> columns, char delimiter, [EnumeratorCancellation] CancellationToken cancellation)
    {
        CsvReaderOptions options = new()
        {
            Separator = delimiter,
            HasHeader = false,
            TrackLineNumbers = true,
            TrimWhitespace = false,
            MalformedData = CsvMalformedDataHandling.Throw,
            MaxRecordSize = LongestRecord,
            Encoding = Encoding.UTF8,
        };
        using CsvReader reader = CsvReader.Create(csv, options, leaveOpen: true);
        if (!await Advance(reader, cancellation).ConfigureAwait(false)) throw new InvalidDataException("Expected a header with the names of columns, got an empty file.");
        string[] header = [.. Enumerable.Range(0, reader.FieldCount).Select(reader.GetString)];
        int[] places = [.. columns.Select(column => Place(header, column.Name))];
        while (await Advance(reader, cancellation).ConfigureAwait(false))
        {
            if (reader.FieldCount != header.Length) throw new InvalidDataException($"Line {reader.LineNumber}: expected {header.Length} fields as in the header, got {reader.FieldCount}.");
            FeatureValue[] row = new FeatureValue[columns.Count];
            for (int i = 0; i < row.Length; i++) row[i] = Value(reader.GetString(places[i]), columns[i], reader.LineNumber);
            yield return row;
        }
    }

    private static async ValueTask<bool> Advance(CsvReader reader, CancellationToken cancellation)
    {
        try
        {
            return await reader.ReadAsync(cancellation).ConfigureAwait(false);
        }
        catch (CsvFormatException fault)
        {
            throw new InvalidDataException($"Line {fault.LineNumber}: expected CSV, got broken quotes: {fault.Message}", fault);
        }
    }

    private static int Place(string[] header, string name)
    {
        int place = Array.FindIndex(header, field => field.Trim('\uFEFF', ' ') == name);
        return place >= 0 ? place : throw new InvalidDataException($"Expected a column '{name}', which the model has, got {string.Join(", ", header.Take(20).Select(field => $"'{field}'"))}.");
    }

    private static FeatureValue Value(string field, ModelColumn column, long line)
    {
        if (column.IsCategorical) return field.Length > 0 || column.Categories!.Contains("") ? field : FeatureValue.Missing;
        if (string.IsNullOrWhiteSpace(field)) return FeatureValue.Missing;
        return double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new InvalidDataException($"Line {line}, column '{column.Name}': expected a number, got '{field}'.");
    }
}

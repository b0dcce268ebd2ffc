using System.Globalization;

namespace Ueq.Client.Wire;

/// <summary>Writes rows as JSON, and refuses here what the service would refuse there.</summary>
internal static class RowWriter
{
    public static void Write(Utf8JsonWriter json, ReadOnlySpan<float> row, long index)
    {
        json.WriteStartArray();
        for (int column = 0; column < row.Length; column++)
        {
            float value = row[column];
            if (float.IsNaN(value)) json.WriteNullValue();
            else if (float.IsFinite(value)) json.WriteNumberValue(value);
            else throw NotFinite(value, index, column);
        }

        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<double> row, long index)
    {
        json.WriteStartArray();
        for (int column = 0; column < row.Length; column++) Write(json, row[column], index, column);
        json.WriteEndArray();
    }

    public static void Write(Utf8JsonWriter json, ReadOnlySpan<FeatureValue> row, long index)
    {
        json.WriteStartArray();
        for (int column = 0; column < row.Length; column++)
        {
            if (row[column].Text is { } text) json.WriteStringValue(text);
            else Write(json, row[column].Number, index, column);
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, double value, long row, int column)
    {
        if (double.IsNaN(value)) json.WriteNullValue();
        else if (double.IsFinite(value)) json.WriteNumberValue(value);
        else throw NotFinite(value, row, column);
    }

    private static ArgumentException NotFinite(double value, long row, int column) =>
        new(string.Create(CultureInfo.InvariantCulture, $"Expected a finite number at row {row}, column {column}, or NaN for a missing value, got {value}."), nameof(row));
}

using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace Ueq.MLNet.Views;

/// <summary>What is expected of the columns of a data view, worded in one place.</summary>
internal static class Expect
{
    private const int Most = 20;

    public static DataViewSchema.Column Column(DataViewSchema schema, string name, string what) =>
        schema.GetColumnOrNull(name) ?? throw NoColumn(name, what, schema.Where(column => !column.IsHidden).Select(column => column.Name));

    public static SchemaShape.Column Column(SchemaShape shape, string name, string what)
    {
        foreach (SchemaShape.Column column in shape)
            if (column.Name == name) return column;
        throw NoColumn(name, what, shape.Select(column => column.Name));
    }

    /// <summary>A getter of numbers that are Single or Double.</summary>
    public static Func<double> Number(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type == NumberDataViewType.Single)
        {
            ValueGetter<float> single = row.GetGetter<float>(column);
            float value = 0;
            return () =>
            {
                single(ref value);
                return value;
            };
        }

        if (column.Type != NumberDataViewType.Double) throw WrongType(column.Name, "Single or Double, the truth of a regression", column.Type.ToString());
        ValueGetter<double> getter = row.GetGetter<double>(column);
        double number = 0;
        return () =>
        {
            getter(ref number);
            return number;
        };
    }

    public static double Finite(double value, DataViewSchema.Column column, int row) => double.IsFinite(value)
        ? value
        : throw new ArgumentException($"Expected a finite number in the column '{column.Name}' at row {row}, found {Say(value)}.");

    public static AssumptionException NotFinite(double value, DataViewSchema.Column column, int row) => new(
        Assumption.FiniteAnswers, $"Expected a finite answer of the model in the column '{column.Name}' at row {row}, found {Say(value)}.");

    public static AssumptionException NoProbability(double value, DataViewSchema.Column column, int row) => new(
        Assumption.FiniteAnswers,
        $"Expected probabilities from 0 to 1 in the column '{column.Name}', found {Say(value)} at row {row}; a trainer without probabilities needs a calibrator (Platt) first.");

    public static void Rows(int count)
    {
        if (count < 1) throw new AssumptionException(Assumption.EnoughRows, "Expected one row or more to calibrate on, found none.");
    }

    public static ArgumentException WrongType(string column, string expected, string? found) =>
        new($"Expected the column '{column}' to be {expected}, found {found}.");

    /// <summary>A shape with more columns, in the place of those of the same name.</summary>
    public static SchemaShape With(SchemaShape shape, SchemaShape.Column[] added) =>
        new(shape.Where(column => !added.Any(other => other.Name == column.Name)).Concat(added));

    public static string Some(IEnumerable<string> names)
    {
        string[] all = [.. names];
        return string.Join(", ", all.Take(Most)) + (all.Length > Most ? $", … ({all.Length} in all)" : "");
    }

    private static ArgumentException NoColumn(string name, string what, IEnumerable<string> found) =>
        new($"Expected a column '{name}' with {what}, found {Some(found)}.");

    private static string Say(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}

namespace Ueq.Data;

/// <summary>The target of each row: a finite number, or the index of a known class.</summary>
internal sealed class TargetColumn
{
    private readonly int _field;
    private readonly MissingTexts _missing;
    private readonly FeatureSchema? _classes;

    public TargetColumn(CsvSource source, string target, IReadOnlyList<string>? classes, CsvOptions options)
    {
        _field = source.Require(target, "target");
        _missing = new MissingTexts(options);
        // A class is looked up exactly as a category is.
        _classes = classes is null ? null : new FeatureSchema([new FeatureColumn(target) { Categories = classes }]);
    }

    public double Read(CsvSource source)
    {
        ReadOnlySpan<byte> text = source.Field(_field);
        if (IsMissing(text, _missing)) throw Missing(source, _field);
        if (_classes is null)
        {
            if (Cell.TryNumber(text, out double value) && double.IsFinite(value)) return value;
            throw source.Fault(_field, $"expected a finite number as target, got {Cell.Show(text)}");
        }

        int index = Cell.Category(_classes, 0, text);
        if (index >= 0) return index;
        throw source.Fault(_field, $"expected one of the classes {NearestName.List([.. _classes.Columns[0].Categories!])}, got {Cell.Show(text)}");
    }

    /// <summary>Whether the text cannot be a target: declared missing, or what people write for it.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> text, MissingTexts missing) => missing.Contains(text) || Cell.LooksMissing(text);

    public static CsvFormatException Missing(CsvSource source, int field) =>
        source.Fault(field, $"the target may not be missing, got {Cell.Show(source.Field(field))}; leave the row out");
}

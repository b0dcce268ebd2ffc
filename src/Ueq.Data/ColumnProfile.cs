using System.Text;

namespace Ueq.Data;

/// <summary>What the fields of one column turned out to be, read once from top to bottom.</summary>
internal sealed class ColumnProfile(string name)
{
    /// <summary>More categories than this in one column is an identifier or free text, not a category.</summary>
    public const int MostCategories = 1000;

    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private long _numbers, _others;
    private bool _missing;
    private (long Line, string Message)? _bad, _suspect, _unbounded, _empty;

    public string Name => name;

    /// <summary>Whether there are more distinct texts than a column may have categories.</summary>
    public bool Overflows => _texts.Count > MostCategories;

    public void Add(ReadOnlySpan<byte> text, long line, MissingTexts missing)
    {
        if (missing.Contains(text))
        {
            _missing = true;
            return;
        }

        Remember(text);
        if (Cell.TryNumber(text, out double value) && !double.IsNaN(value))
        {
            _numbers++;
            if (!float.IsFinite((float)value)) _unbounded ??= (line, RowEncoder.NotFinite(value, text));
        }
        else if (Cell.LooksMissing(text))
        {
            if (text.Trim((byte)' ').IsEmpty) _empty ??= (line, Cell.Show(text));
            _suspect ??= (line, Cell.Show(text));
        }
        else
        {
            _others++;
            _bad ??= (line, Cell.Show(text));
        }
    }

    /// <summary>The column of the schema, once every row was added.</summary>
    /// <param name="forcedText">Whether the caller declared the column to be text.</param>
    /// <param name="fault">Makes an exception from line and message.</param>
    public FeatureColumn Column(bool forcedText, Func<long, string, Exception> fault)
    {
        if (_numbers + _others == 0) throw fault(0, "the column holds no value; leave it out (option Ignore)");
        MissingValues rule = _missing ? MissingValues.Allowed : MissingValues.Refused;
        const string Declare = "if it stands for a missing value, declare it (option MissingTokens)";
        if (!forcedText && _others == 0)
        {
            if (_suspect is { } hole) throw fault(hole.Line, $"expected a number, got {hole.Message}; {Declare}");
            if (_unbounded is { } huge) throw fault(huge.Line, huge.Message);
            return new FeatureColumn(name) { Missing = rule };
        }

        if (!forcedText && _numbers > _others)
        {
            (long line, string text) = _bad!.Value;
            throw fault(
                line,
                $"expected a number as in {_numbers} other rows, got {text}; {Declare}, and if the column is categories, "
                + "declare that (option TextColumns)");
        }

        if (_empty is { } gap) throw fault(gap.Line, $"expected a category, got {gap.Message}; {Declare}");
        string[] categories = [.. _texts.Order(StringComparer.Ordinal)];
        return new FeatureColumn(name) { Categories = categories, Missing = rule };
    }

    // Enough to know the categories, or that there are too many.
    private void Remember(ReadOnlySpan<byte> text)
    {
        const int ShortText = 256;
        if (Overflows) return;
        Span<char> buffer = text.Length <= ShortText ? stackalloc char[ShortText] : new char[text.Length];
        _texts.GetAlternateLookup<ReadOnlySpan<char>>().Add(buffer[..Encoding.UTF8.GetChars(text, buffer)]);
    }
}

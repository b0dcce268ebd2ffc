using System.Globalization;
using System.Text;

namespace Ueq.Data;

/// <summary>What the text of one field can be: the only copy of what counts as a number and as missing.</summary>
internal static class Cell
{
    /// <summary>Longest category that is looked up without renting a buffer.</summary>
    private const int ShortText = 256;

    /// <summary>Reads an invariant-culture number; texts such as 1e999, Infinity and inf read as infinities, NaN as NaN.</summary>
    public static bool TryNumber(ReadOnlySpan<byte> text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) || TryInfinity(text, out value);

    // As numpy, pandas, R and C write it.
    private static bool TryInfinity(ReadOnlySpan<byte> text, out double value)
    {
        ReadOnlySpan<byte> word = text.Trim((byte)' ');
        value = word.Length > 0 && word[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity;
        return Ascii.EqualsIgnoreCase(word.Length == 4 && word[0] is (byte)'-' or (byte)'+' ? word[1..] : word, "inf"u8);
    }

    /// <summary>Whether people write this text for a missing value: nothing, NA, N/A, NaN, null or a question mark.</summary>
    public static bool LooksMissing(ReadOnlySpan<byte> text) => text.Length switch
    {
        0 => true,
        1 => text[0] == '?',
        2 => Ascii.EqualsIgnoreCase(text, "NA"u8),
        3 => Ascii.EqualsIgnoreCase(text, "NaN"u8) || Ascii.EqualsIgnoreCase(text, "N/A"u8),
        4 => Ascii.EqualsIgnoreCase(text, "null"u8),
        _ => text.Trim((byte)' ').IsEmpty,
    };

    /// <summary>Index of a category, or −1.</summary>
    public static int Category(FeatureSchema schema, int column, ReadOnlySpan<byte> text)
    {
        Span<char> buffer = text.Length <= ShortText ? stackalloc char[ShortText] : new char[text.Length];
        return schema.CategoryIndex(column, buffer[..Encoding.UTF8.GetChars(text, buffer)]);
    }

    /// <summary>The text as a message shows it: quoted, at most forty characters.</summary>
    public static string Show(ReadOnlySpan<byte> text)
    {
        const int Longest = 40;
        string shown = Encoding.UTF8.GetString(text);
        return shown.Length == 0 ? "an empty field" : shown.Length <= Longest ? $"'{shown}'" : $"'{shown[..Longest]}…'";
    }
}

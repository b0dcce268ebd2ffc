using System.Globalization;
using System.Text;

namespace Ueq.Data;

/// <summary>What the text of one field can be as a time.</summary>
internal static class TimeCell
{
    /// <summary>The time in a field of the current row; without an offset it is UTC.</summary>
    public static DateTimeOffset Read(CsvSource source, int field)
    {
        ReadOnlySpan<byte> text = source.Field(field);
        Span<char> letters = stackalloc char[64];
        if (text.Length <= letters.Length && DateTimeOffset.TryParse(
            letters[..Encoding.UTF8.GetChars(text, letters)], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset time)) return time;
        throw source.Fault(field, $"expected a time such as 2026-05-31T14:00:00Z, got {Cell.Show(text)}");
    }
}

using System.Globalization;

namespace Ueq.Client;

/// <summary>Checks of what callers give.</summary>
internal static class Expect
{
    public static void Range<T>(string parameter, T value, T from, T to)
        where T : IComparable<T>, IFormattable
    {
        // Written so that NaN is outside.
        if (!(value.CompareTo(from) >= 0 && value.CompareTo(to) <= 0))
            throw new ArgumentOutOfRangeException(parameter, value, string.Create(CultureInfo.InvariantCulture, $"Expected {parameter} from {from} to {to}, got {value}."));
    }

    public static void Coverage(string parameter, double? level)
    {
        if (level is { } value && !(value > 0 && value < 1))
            throw new ArgumentOutOfRangeException(parameter, value, string.Create(CultureInfo.InvariantCulture, $"Expected {parameter} strictly between 0 and 1, got {value}."));
    }

    public static ArgumentException Wrong(string parameter, FormattableString message) => new(message.ToString(CultureInfo.InvariantCulture), parameter);
}

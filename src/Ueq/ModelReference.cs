using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ueq;

/// <summary>Which version of which model is meant: <c>name</c>, <c>name@alias</c>, <c>name:version</c> or <c>name:digest</c>.</summary>
/// <remarks>
/// Names and aliases match <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$</c>. A version is a whole number from 1 to 9999999 without leading zeros; a digest is
/// the first 8 to 64 digits of the version's SHA-256, lower-case hexadecimal. A bare name leaves the choice to whoever knows the versions. The
/// default value names nothing.
/// </remarks>
public readonly record struct ModelReference
{
    /// <summary>The most characters of a name or an alias.</summary>
    public const int LongestName = 64;

    /// <summary>The largest number of a version.</summary>
    public const int MostVersions = 9_999_999;

    private const int ShortestDigest = 8, LongestDigest = 64;

    private static readonly SearchValues<char> _hexadecimal = SearchValues.Create("0123456789abcdef");

    private readonly string? _name;

    private ModelReference(string name, string? alias, int? version, string? digest) => (_name, Alias, Version, Digest) = (name, alias, version, digest);

    /// <summary>The model; empty of the default value.</summary>
    public string Name => _name ?? "";

    /// <summary>The alias, if it is by alias.</summary>
    public string? Alias { get; }

    /// <summary>The number of the version, if it is by number.</summary>
    public int? Version { get; }

    /// <summary>The beginning of the version's digest, if it is by digest.</summary>
    public string? Digest { get; }

    /// <summary>Whether neither alias nor version nor digest is said.</summary>
    public bool IsBare => Alias is null && Version is null && Digest is null;

    /// <summary>A model by its name alone.</summary>
    /// <exception cref="ArgumentException">It is no name.</exception>
    public static ModelReference Of(string name) => new(Checked(name, nameof(name), "name of a model"), null, null, null);

    /// <summary>The version of a model that an alias points to.</summary>
    /// <exception cref="ArgumentException">Name or alias is none.</exception>
    public static ModelReference Of(string name, string alias) =>
        new(Checked(name, nameof(name), "name of a model"), Checked(alias, nameof(alias), "name of an alias"), null, null);

    /// <summary>A version of a model by its number.</summary>
    /// <exception cref="ArgumentException">It is no name, or no number of a version.</exception>
    public static ModelReference Of(string name, int version)
    {
        if (version is < 1 or > MostVersions) Throw.OutOfRange(nameof(version), version, $"a version from 1 to {MostVersions}");
        return new(Checked(name, nameof(name), "name of a model"), null, version, null);
    }

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FormatException">It is none: says what was expected.</exception>
    public static ModelReference Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TryParse(text, out ModelReference reference)
            ? reference
            : throw new FormatException($"Expected a model as name, name@alias or name:version, where names are 1 to {LongestName} letters, digits, '.', '_' or '-' and begin with a letter or digit, got '{Shown(text)}'.");
    }

    /// <summary>Reads a reference; <c>false</c> if it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ModelReference reference)
    {
        reference = default;
        // A name, a sign and a digest: nothing longer is looked at.
        if (text is null || text.Length > LongestName + 1 + LongestDigest) return false;
        int sign = text.AsSpan().IndexOfAny('@', ':');
        string name = sign < 0 ? text : text[..sign], which = sign < 0 ? "" : text[(sign + 1)..];
        if (!IsName(name)) return false;
        if (sign < 0)
        {
            reference = new(name, null, null, null);
            return true;
        }

        if (text[sign] == '@')
        {
            if (!IsName(which)) return false;
            reference = new(name, which, null, null);
            return true;
        }

        if (which.Length < ShortestDigest)
        {
            if (which.Length == 0 || which[0] == '0' || !int.TryParse(which, NumberStyles.None, CultureInfo.InvariantCulture, out int version)) return false;
            reference = new(name, null, version, null);
            return true;
        }

        if (which.Length > LongestDigest || which.AsSpan().ContainsAnyExcept(_hexadecimal)) return false;
        reference = new(name, null, null, which);
        return true;
    }

    /// <summary>Whether a text may be the name of a model or of an alias.</summary>
    public static bool IsName([NotNullWhen(true)] string? text)
    {
        if (text is null || text.Length is 0 or > LongestName || !char.IsAsciiLetterOrDigit(text[0])) return false;
        foreach (char c in text)
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_' or '-')) return false;
        return true;
    }

    /// <summary>The reference as it is written.</summary>
    public override string ToString() =>
        Alias is not null ? $"{Name}@{Alias}"
        : Version is { } version ? string.Create(CultureInfo.InvariantCulture, $"{Name}:{version}")
        : Digest is not null ? $"{Name}:{Digest}"
        : Name;

    private static string Checked(string text, string parameter, string what)
    {
        ArgumentNullException.ThrowIfNull(text, parameter);
        return IsName(text) ? text : throw new ArgumentException(
            $"Expected a {what} of 1 to {LongestName} letters, digits, '.', '_' or '-' that begins with a letter or digit, got '{Shown(text)}'.", parameter);
    }

    // What is refused may come from anybody: nothing of it may break a line or a terminal.
    private static string Shown(string text)
    {
        string cut = text.Length > 100 ? text[..100] + "…" : text;
        return string.Create(cut.Length, cut, static (shown, from) =>
        {
            for (int i = 0; i < shown.Length; i++) shown[i] = char.IsControl(from[i]) || char.IsSurrogate(from[i]) ? '?' : from[i];
        });
    }
}

using System.Globalization;

namespace Ueq.Serving.Configuration;

/// <summary>A value as a configuration file or the environment states it: a text, a list of texts, or named texts.</summary>
/// <remarks>A text that the file quotes is never a number. Every conversion says what was expected in a <see cref="FormatException"/>.</remarks>
internal sealed record ConfigValue
{
    public string? Text { get; init; }

    public bool IsQuoted { get; init; }

    public IReadOnlyList<string>? Items { get; init; }

    public IReadOnlyDictionary<string, string>? Entries { get; init; }

    /// <summary>A list of mappings.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, ConfigValue>>? Parts { get; init; }

    public bool IsNull => Items is null && Entries is null && Parts is null && (Text is null || (!IsQuoted && Text is "" or "~" or "null" or "Null" or "NULL"));

    public static ConfigValue Plain(string text) => new() { Text = text };

    public static ConfigValue Of(double value) => Plain(value.ToString("R", CultureInfo.InvariantCulture));

    public static ConfigValue Of(int value) => Plain(value.ToString(CultureInfo.InvariantCulture));

    public static ConfigValue Of(string? text) => text is null ? new() : new() { Text = text, IsQuoted = true };

    public static ConfigValue Of(IReadOnlyList<string> names) => names.Count == 0 ? new() : new() { Items = names };

    /// <summary>A list of names; one text may hold several with semicolons between them.</summary>
    public IReadOnlyList<string> Names(string expected)
    {
        if (IsNull) return [];
        string[] names = Items?.ToArray() ?? Text?.Split(';', StringSplitOptions.TrimEntries) ?? throw Bad(expected);
        return names.Length > 0 && Array.TrueForAll(names, name => !string.IsNullOrWhiteSpace(name)) ? names : throw Bad(expected);
    }

    public double Number(Predicate<double> allowed, string expected) =>
        !IsQuoted && double.TryParse(Text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && allowed(value)
            ? value
            : throw Bad(expected);

    public int Whole(Predicate<int> allowed, string expected) =>
        !IsQuoted && int.TryParse(Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) && allowed(value)
            ? value
            : throw Bad(expected);

    public static ConfigValue Of(bool flag) => Plain(flag ? "true" : "false");

    public bool Flag() => IsQuoted ? throw Bad("true or false") : Text switch
    {
        "true" or "True" or "TRUE" => true,
        "false" or "False" or "FALSE" => false,
        _ => throw Bad("true or false"),
    };

    public string Word(string expected) => IsNull || string.IsNullOrWhiteSpace(Text) ? throw Bad(expected) : Text;

    public string? Path(string expected) => IsNull ? null : Word(expected);

    public static ConfigValue Of<T>(T choice)
        where T : struct, Enum => Of(NameOf(choice));

    /// <summary>One of the names of an enumeration, in small letters.</summary>
    public T Choice<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().Cast<T?>().FirstOrDefault(each => NameOf(each!.Value) == Text) ?? throw Bad($"one of {string.Join(", ", Enum.GetValues<T>().Select(NameOf))}");

    /// <summary>Whether two values say the same.</summary>
    public static bool Same(ConfigValue one, ConfigValue other) =>
        one.IsNull == other.IsNull && one.Text == other.Text
        && (one.Items ?? []).SequenceEqual(other.Items ?? [])
        && Sorted(one.Entries).SequenceEqual(Sorted(other.Entries))
        && (one.Parts ?? []).Count == (other.Parts ?? []).Count
        && (one.Parts ?? []).Zip(other.Parts ?? []).All(pair => pair.First.Count == pair.Second.Count && pair.First.All(e => pair.Second.TryGetValue(e.Key, out ConfigValue? value) && Same(e.Value, value)));

    private static IEnumerable<KeyValuePair<string, string>> Sorted(IReadOnlyDictionary<string, string>? entries) => (entries ?? new Dictionary<string, string>()).OrderBy(e => e.Key, StringComparer.Ordinal);

    public FormatException Bad(string expected) => new($"expected {expected}, got {Say}");

    private static string NameOf<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();

    private string Say => this switch
    {
        { Items: not null } or { Parts: not null } => "a list",
        { Entries: not null } => "a mapping",
        { IsNull: true } => "nothing",
        { IsQuoted: true } => $"the text \"{Text}\"",
        _ => Text!,
    };
}

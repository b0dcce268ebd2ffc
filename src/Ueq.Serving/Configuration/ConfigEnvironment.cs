namespace Ueq.Serving.Configuration;

/// <summary>Configuration from environment variables: <c>UEQ_</c> and the key in capitals, two underscores between sections.</summary>
internal static class ConfigEnvironment
{
    private const string Prefix = "UEQ_";
    private const int TypingMistake = 2;

    public static void Read(IEnumerable<KeyValuePair<string, string>> variables, ConfigDraft draft)
    {
        foreach ((string variable, string text) in variables)
        {
            if (!variable.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string name = variable[Prefix.Length..].ToLowerInvariant().Replace("__", ".", StringComparison.Ordinal);
            if (ConfigKey.Find(name) is { } key)
            {
                draft.Set(key, ConfigValue.Plain(text), ConfigOrigin.Environment, _ => variable);
                continue;
            }

            // Other variables may share the prefix; only one that is nearly a key is taken for a mistake.
            string nearest = Spelling.Nearest(name, ConfigKey.All.Select(k => k.Name));
            if (Spelling.Distance(name, nearest) <= TypingMistake) draft.Fault($"{variable}: unknown variable; did you mean {NameOf(nearest)}?");
        }
    }

    public static string NameOf(string key) => Prefix + key.Replace(".", "__", StringComparison.Ordinal).ToUpperInvariant();
}

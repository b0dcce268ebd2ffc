namespace Ueq.Serving.Configuration;

/// <summary>Configuration from environment variables: <c>UEQ_</c> and the key in capitals.</summary>
internal static class ConfigEnvironment
{
    private const string Prefix = "UEQ_";
    private const int TypingMistake = 2;

    public static UeqServiceConfig Over(UeqServiceConfig config, IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach ((string variable, string text) in variables)
        {
            if (!variable.StartsWith(Prefix, StringComparison.Ordinal)) continue;
            string name = variable[Prefix.Length..].ToLowerInvariant();
            if (ConfigKey.Find(name) is not { } key)
            {
                // Other variables may share the prefix; only one that is nearly a key is taken for a mistake.
                string nearest = Spelling.Nearest(name, ConfigKey.All.Select(k => k.Name));
                if (Spelling.Distance(name, nearest) > TypingMistake) continue;
                throw new InvalidDataException($"{variable}: unknown variable; did you mean {Prefix}{nearest.ToUpperInvariant()}?");
            }

            try
            {
                config = key.Read(config, ConfigValue.Plain(text));
            }
            catch (FormatException bad)
            {
                throw new InvalidDataException($"{variable}: {bad.Message}", bad);
            }
        }

        return config;
    }
}

using System.Text.RegularExpressions;
using Ueq.Serving.Security;

namespace Ueq.Serving.Configuration;

/// <summary>The keys of the sections <c>security</c> and <c>tls</c>.</summary>
internal static partial class SecurityKeys
{
    private static readonly string[] Believed = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("security.keys", (c, v) => With(c, c.Security with { Keys = ReadKeys(v) }), c => c.Security.Keys.Count == 0 ? new() : new() { Entries = c.Security.Keys.ToDictionary(k => k.Key, k => k.Value.ToString()) }) { Effect = ConfigEffect.Live },
        new("security.metrics", (c, v) => With(c, c.Security with { Metrics = v.Choice<MetricsAccess>() }), c => ConfigValue.Of(c.Security.Metrics)) { Effect = ConfigEffect.Live },
        new("security.health", (c, v) => With(c, c.Security with { Health = v.Choice<HealthAccess>() }), c => ConfigValue.Of(c.Security.Health)) { Effect = ConfigEffect.Live },
        new("security.openapi", (c, v) => With(c, c.Security with { OpenApi = v.Choice<OpenApiAccess>() }), c => ConfigValue.Of(c.Security.OpenApi)) { Effect = ConfigEffect.Live },
        new("security.jwt.authority", (c, v) => With(c, c.Security.Jwt with { Authority = ReadAuthority(v) }), c => ConfigValue.Of(c.Security.Jwt.Authority)) { Effect = ConfigEffect.Live },
        new("security.jwt.issuer", (c, v) => With(c, c.Security.Jwt with { Issuer = v.Path("a text or nothing") }), c => ConfigValue.Of(c.Security.Jwt.Issuer)) { Effect = ConfigEffect.Live },
        new("security.jwt.audience", (c, v) => With(c, c.Security.Jwt with { Audience = v.Path("a text or nothing") }), c => ConfigValue.Of(c.Security.Jwt.Audience)) { Effect = ConfigEffect.Live },
        new("security.jwt.public_key_file", (c, v) => With(c, c.Security.Jwt with { PublicKeyFile = v.Path("a path or nothing") }), c => ConfigValue.Of(c.Security.Jwt.PublicKeyFile)) { Effect = ConfigEffect.Live },
        new("security.jwt.algorithms", (c, v) => With(c, c.Security.Jwt with { Algorithms = ReadAlgorithms(v) }), c => new() { Items = c.Security.Jwt.Algorithms }) { Effect = ConfigEffect.Live },
        new("security.jwt.scope_claim", (c, v) => With(c, c.Security.Jwt with { ScopeClaim = v.Word("the name of a claim") }), c => ConfigValue.Of(c.Security.Jwt.ScopeClaim)) { Effect = ConfigEffect.Live },
        new("tls.certificate", (c, v) => c with { Tls = c.Tls with { Certificate = v.Path("a path or nothing") } }, c => ConfigValue.Of(c.Tls.Certificate)) { Effect = ConfigEffect.Live },
        new("tls.key", (c, v) => c with { Tls = c.Tls with { Key = v.Path("a path or nothing") } }, c => ConfigValue.Of(c.Tls.Key)) { Effect = ConfigEffect.Live },
        new("tls.password_file", (c, v) => c with { Tls = c.Tls with { PasswordFile = v.Path("a path or nothing") } }, c => ConfigValue.Of(c.Tls.PasswordFile)) { Effect = ConfigEffect.Live },
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, SecurityConfig security) => config with { Security = security };

    private static UeqServiceConfig With(UeqServiceConfig config, JwtConfig jwt) => config with { Security = config.Security with { Jwt = jwt } };

    private static Dictionary<string, ApiKey> ReadKeys(ConfigValue value)
    {
        Dictionary<string, ApiKey> keys = [];
        if (value.IsNull) return keys;
        // A variable holds them as name=key with semicolons between.
        IEnumerable<KeyValuePair<string, string>> entries = value.Entries
            ?? value.Text?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(entry => entry.Split('=', 2))
                .Select(parts => parts.Length == 2 ? KeyValuePair.Create(parts[0].Trim(), parts[1].Trim()) : throw new FormatException("expected name=key with semicolons between"))
            ?? throw value.Bad("a mapping of names to keys");
        foreach ((string name, string text) in entries)
        {
            if (!KeyName().IsMatch(name)) throw new ConfigEntryException(name, "expected a name of 1 to 64 letters, digits, dots, dashes and underscores");
            try
            {
                if (!keys.TryAdd(name, ApiKey.Parse(text))) throw new FormatException("expected the name once, got it twice");
            }
            catch (FormatException bad)
            {
                throw new ConfigEntryException(name, $"{name}: {bad.Message}");
            }
        }

        return keys;
    }

    private static string[] ReadAlgorithms(ConfigValue value)
    {
        string[] names = [.. value.Items ?? value.Text?.Split([',', ';', ' '], StringSplitOptions.RemoveEmptyEntries) ?? []];
        return names.Length > 0 && names.All(Believed.Contains) ? names : throw new FormatException($"expected algorithms out of {string.Join(", ", Believed)}, got {(names.Length == 0 ? "nothing" : string.Join(", ", names))}");
    }

    private static string? ReadAuthority(ConfigValue value)
    {
        if (value.Path("an address or nothing") is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.UserInfo.Length == 0 && (uri.Scheme == "https" || (uri.Scheme == "http" && uri.IsLoopback))
            ? text
            : throw value.Bad("an address that begins with https://");
    }

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
    private static partial Regex KeyName();
}

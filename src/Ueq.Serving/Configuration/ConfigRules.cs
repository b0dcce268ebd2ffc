using System.Net;

namespace Ueq.Serving.Configuration;

/// <summary>What several keys say together: what cannot be, and what may be a mistake.</summary>
internal static class ConfigRules
{
    private const int LargeBody = 256 << 20;
    private const int CertificateDays = 14;

    /// <summary>What cannot be, with the key to blame.</summary>
    public static IEnumerable<(string Key, string Message)> Faults(UeqServiceConfig config)
    {
        if (config.ReceiptKeyFile is { } file)
        {
            if (config.ReceiptKey is not null) yield return ("receipt_key_file", "expected either receipt_key or receipt_key_file, got both");
            else if (SecretFile.Fault(file, text => ReceiptKeys.Bytes(text) is null ? $"expected {ReceiptKeys.LeastKeyBytes} bytes or more, in base64 or as a text, got fewer" : null) is { } fault)
                yield return ("receipt_key_file", fault);
        }

        foreach ((string Key, string Message) fault in Faults(config.Security.Jwt)) yield return fault;
        if (config.Tls.Certificate is not null && Certificates.Fault(config.Tls) is { } bad) yield return ("tls.certificate", bad);
        if (config.Tls.Certificate is null && config.Urls.Any(IsSecure)) yield return ("urls", "an address that begins with https:// needs tls.certificate");
        if (config.GrpcUrls.FirstOrDefault(IsSecure) is { } secure) yield return ("grpc_urls", $"expected addresses that begin with http://, got {secure}; over TLS, urls answer gRPC too");
        if (config.Tls.Certificate is null && config.Tls.Key is not null) yield return ("tls.key", "expected tls.certificate beside it, got none");
    }

    /// <summary>What may be a mistake, each with its place.</summary>
    public static IEnumerable<string> Warnings(ConfigDraft draft)
    {
        UeqServiceConfig config = draft.Config;
        foreach ((string key, string message) in Warnings(config))
            yield return draft.PlaceOf(key) is { Length: > 0 } place ? $"{place}: {key}: {message}" : $"{key}: {message}";

        foreach (ConfigKey key in ConfigKey.All.Where(key => key.HoldsSecret(config) && draft.OriginOf(key.Name) == ConfigOrigin.File))
        {
            string place = draft.PlaceOf(key.Name), file = place[..place.LastIndexOf(':')];
            if (SecretFile.OthersMayRead(file)) yield return $"{place}: {key.Name}: a secret in a file that every account of this machine may read; chmod 600 {file}, or say it by {ConfigEnvironment.NameOf(key.Name)}";
        }
    }

    /// <summary>The files that a configuration names and that may change while serving.</summary>
    public static IEnumerable<string> Files(UeqServiceConfig config)
    {
        string?[] named = [config.ReceiptKeyFile, config.Security.Jwt.PublicKeyFile, config.Tls.Certificate, config.Tls.Key, config.Tls.PasswordFile];
        return named.OfType<string>();
    }

    /// <summary>Whether an address is one of this machine alone.</summary>
    public static bool IsLoopback(string url)
    {
        string host = url.Contains("://*", StringComparison.Ordinal) || url.Contains("://+", StringComparison.Ordinal) ? "" : new Uri(url).DnsSafeHost;
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out IPAddress? address) && IPAddress.IsLoopback(address));
    }

    private static bool IsSecure(string url) => url.StartsWith("https://", StringComparison.OrdinalIgnoreCase);

    private static IEnumerable<(string Key, string Message)> Faults(JwtConfig jwt)
    {
        if (jwt is { Authority: not null, PublicKeyFile: not null }) yield return ("security.jwt.public_key_file", "expected either an authority or a public key, got both");
        if (!jwt.IsOn)
        {
            if (jwt.Audience is not null) yield return ("security.jwt.audience", "expected security.jwt.authority or security.jwt.public_key_file beside it, got neither");
            yield break;
        }

        string at = jwt.Authority is null ? "security.jwt.public_key_file" : "security.jwt.authority";
        if (jwt.Audience is null) yield return (at, "expected security.jwt.audience beside it: a token that is made out for another service must not be taken here");
        if (jwt.PublicKeyFile is not { } file) yield break;
        if (jwt.Issuer is null) yield return (at, "expected security.jwt.issuer beside it, got none");
        if (SecretFile.Fault(file, text => TokenReader.Fault(text, file)) is { } fault) yield return (at, fault);
    }

    private static IEnumerable<(string Key, string Message)> Warnings(UeqServiceConfig config)
    {
        bool asksWho = config.Security.Keys.Count > 0 || config.Security.Jwt.IsOn;
        if (config.Addresses.FirstOrDefault(url => !IsLoopback(url)) is { } exposed)
        {
            if (!asksWho) yield return ("urls", $"{exposed} is reached from other machines and nobody is asked who they are: everybody may predict, and nothing may be changed; 'ueq keys create' makes a key");
            else if (!IsSecure(exposed)) yield return ("urls", $"keys and tokens travel to {exposed} in the clear, unless something before it speaks TLS; see tls.certificate");
        }

        if (asksWho && config.Security.Metrics == MetricsAccess.Open) yield return ("security.metrics", "everybody may read /metrics, which tells how the service is used");
        if (config.Tls.Certificate is not null && Certificates.End(config.Tls) is var end && end < TimeProvider.System.GetUtcNow().AddDays(CertificateDays))
            yield return ("tls.certificate", FormattableString.Invariant($"the certificate ends on {end:yyyy-MM-dd}"));
        if (config.HealthPolicy == HealthPolicy.Guide)
            yield return ("health_policy", "drift makes /health answer 503; a liveness probe that asks it restarts every replica at once");
        if (config.LogLevel < Microsoft.Extensions.Logging.LogLevel.Information)
            yield return ("log_level", "DEBUG is for looking for a fault; it writes much");
        if (config.MaxBodyBytes > LargeBody)
            yield return ("max_body_bytes", "every request may take this much memory");
    }
}

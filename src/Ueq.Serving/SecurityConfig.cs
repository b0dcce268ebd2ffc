using Ueq.Serving.Security;

namespace Ueq.Serving;

/// <summary>Who may read <c>/metrics</c> once there are keys or tokens.</summary>
public enum MetricsAccess
{
    /// <summary>Programs on this machine; others by the scope <c>read</c>.</summary>
    Loopback,

    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Whoever has the scope <c>read</c>.</summary>
    Scope,
}

/// <summary>Who may read <c>/health</c> once there are keys or tokens; <c>/health/live</c> and <c>/health/ready</c> are always open.</summary>
public enum HealthAccess
{
    /// <summary>Everybody.</summary>
    Open,

    /// <summary>Whoever has the scope <c>read</c>.</summary>
    Scope,
}

/// <summary>Who may read <c>/openapi/v1.json</c> and its page once there are keys or tokens.</summary>
public enum OpenApiAccess
{
    /// <summary>Whoever has the scope <c>read</c>.</summary>
    Scope,

    /// <summary>Everybody; names of models and columns among them.</summary>
    Open,
}

/// <summary>Who may do what: the section <c>security</c>. Without keys and without tokens nobody is asked.</summary>
public sealed record SecurityConfig
{
    /// <summary>Keys by the names of those who hold them; of a key only its digest. Default none.</summary>
    public IReadOnlyDictionary<string, ApiKey> Keys { get; init; } = new Dictionary<string, ApiKey>();

    /// <summary>Who may read <c>/metrics</c>. Default loopback.</summary>
    public MetricsAccess Metrics { get; init; }

    /// <summary>Who may read <c>/health</c>. Default everybody.</summary>
    public HealthAccess Health { get; init; }

    /// <summary>Who may read <c>/openapi/v1.json</c> and <c>/scalar</c>. Default by scope.</summary>
    public OpenApiAccess OpenApi { get; init; }

    /// <summary>Tokens of an identity provider.</summary>
    public JwtConfig Jwt { get; init; } = new();
}

/// <summary>Signed tokens (JWT) of an identity provider: the section <c>security.jwt</c>. Off until an authority or a key file is named.</summary>
public sealed record JwtConfig
{
    /// <summary>Address of the provider, whose signing keys are read from <c>/.well-known/openid-configuration</c>; https unless it is on this machine.</summary>
    public string? Authority { get; init; }

    /// <summary>What a token must state as its issuer. Default: what the provider says of itself; needed with a key file.</summary>
    public string? Issuer { get; init; }

    /// <summary>What a token must be made out for. Needed.</summary>
    public string? Audience { get; init; }

    /// <summary>File with the public key instead of an authority: PEM (key or certificate) or a JSON Web Key Set.</summary>
    public string? PublicKeyFile { get; init; }

    /// <summary>Algorithms of signatures that are believed; only such with a public key. Default RS256 and ES256.</summary>
    public IReadOnlyList<string> Algorithms { get; init; } = ["RS256", "ES256"];

    /// <summary>The claim that names scopes, as a text with spaces or as a list. Default <c>scope</c>.</summary>
    public string ScopeClaim { get; init; } = "scope";

    /// <summary>Whether tokens are taken.</summary>
    internal bool IsOn => Authority is not null || PublicKeyFile is not null;
}

/// <summary>The certificate of addresses that begin with https: the section <c>tls</c>. TLS 1.2 and 1.3 are spoken.</summary>
public sealed record TlsConfig
{
    /// <summary>PEM file with the certificate and those that lead to its authority, or a PFX file.</summary>
    public string? Certificate { get; init; }

    /// <summary>PEM file with the private key; none when the certificate is a PFX file.</summary>
    public string? Key { get; init; }

    /// <summary>File that holds the password of the key or of the PFX file; none when there is no password.</summary>
    public string? PasswordFile { get; init; }
}

using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Ueq.Serving.Security;

/// <summary>Checks signed tokens of an identity provider: signature by a pinned algorithm, issuer, audience, time.</summary>
internal sealed class TokenReader
{
    private const int LongestToken = 16 * 1024;
    private const int LongestName = 200;

    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly JsonWebTokenHandler _handler = new() { MapInboundClaims = false, MaximumTokenSizeInBytes = LongestToken };
    private readonly TokenValidationParameters _rules;
    private readonly ConfigurationManager<OpenIdConnectConfiguration>? _provider;
    private readonly string _scopeClaim;

    /// <exception cref="IOException">The key file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The key file holds no public key.</exception>
    public TokenReader(JwtConfig config)
    {
        _scopeClaim = config.ScopeClaim;
        _rules = new TokenValidationParameters
        {
            ValidAlgorithms = config.Algorithms,
            ValidAudience = config.Audience,
            ValidIssuer = config.Issuer,
            ClockSkew = ClockSkew,
            RequireSignedTokens = true,
            RequireExpirationTime = true,
        };
        if (config.PublicKeyFile is { } file)
        {
            _rules.IssuerSigningKeys = ReadKeys(SecretFile.Read(file), file);
            return;
        }

        string authority = config.Authority!.TrimEnd('/');
        _provider = new ConfigurationManager<OpenIdConnectConfiguration>(
            $"{authority}/.well-known/openid-configuration", new OpenIdConnectConfigurationRetriever(), new HttpDocumentRetriever { RequireHttps = !ConfigRules.IsLoopback(authority) });
        _rules.ConfigurationManager = _provider;
    }

    /// <summary>The subject and scopes of a token.</summary>
    /// <exception cref="SecurityTokenException">The token is not to be believed; the message says why in our words.</exception>
    /// <exception cref="InvalidOperationException">The provider cannot be asked for its keys.</exception>
    public async Task<(string Name, AccessScopes Scopes)> ReadAsync(string token, CancellationToken gone)
    {
        // Asked for here, since the check itself would take an absent provider for a bad token.
        if (_provider is not null) await _provider.GetConfigurationAsync(gone);
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, _rules);
        if (!result.IsValid) throw new SecurityTokenException(Reason(result.Exception));
        JsonWebToken read = (JsonWebToken)result.SecurityToken;
        // RFC 7515, 4.1.11: who does not understand all of them must refuse the token, and the library does not look.
        if (read.TryGetHeaderValue("crit", out object? _)) throw new SecurityTokenException("the token asks for extensions that are not known here (crit)");
        AccessScopes scopes = AccessScopes.None;
        foreach (string words in read.Claims.Where(claim => claim.Type == _scopeClaim).Select(claim => claim.Value))
            foreach (string word in words.Split(' ')) scopes |= ApiKey.ScopeOf(word);
        string name = read.Subject is { Length: > 0 } subject ? subject : read.TryGetPayloadValue("client_id", out string? client) && client is { Length: > 0 } ? client : "unnamed";
        return (name.Length > LongestName ? name[..LongestName] : name, scopes);
    }

    /// <summary>What is wrong with a key file's text; <c>null</c> when nothing is.</summary>
    public static string? Fault(string text, string file)
    {
        try
        {
            return ReadKeys(text, file).Count > 0 ? null : $"{file}: expected a public key, got none";
        }
        catch (InvalidDataException bad)
        {
            return bad.Message;
        }
    }

    /// <exception cref="InvalidDataException">The text holds no public key.</exception>
    private static IReadOnlyList<SecurityKey> ReadKeys(string text, string file)
    {
        try
        {
            if (text.Contains("PRIVATE KEY", StringComparison.Ordinal)) throw new InvalidDataException($"{file}: expected a public key, got a private one, which only the issuer should have");
            if (text.TrimStart().StartsWith('{')) return [.. new JsonWebKeySet(text).GetSigningKeys()];
            if (text.Contains("BEGIN CERTIFICATE", StringComparison.Ordinal)) return [new X509SecurityKey(X509Certificate2.CreateFromPem(text))];
            return [Key(text)];
        }
        catch (Exception bad) when (bad is ArgumentException or CryptographicException)
        {
            throw new InvalidDataException($"{file}: expected a public key as PEM or a JSON Web Key Set, got something else", bad);
        }
    }

    private static SecurityKey Key(string pem)
    {
        try
        {
            RSA rsa = RSA.Create();
            rsa.ImportFromPem(pem);
            return new RsaSecurityKey(rsa);
        }
        catch (CryptographicException)
        {
            ECDsa curve = ECDsa.Create();
            curve.ImportFromPem(pem);
            return new ECDsaSecurityKey(curve);
        }
    }

    // The library's own words hold parts of the token.
    private static string Reason(Exception failure) => failure switch
    {
        SecurityTokenExpiredException => "the token has expired",
        SecurityTokenNotYetValidException => "the token is not valid yet",
        SecurityTokenInvalidAudienceException => "the token is made out for somebody else (audience)",
        SecurityTokenInvalidIssuerException => "the token is of another issuer",
        SecurityTokenNoExpirationException => "the token does not say when it expires",
        SecurityTokenInvalidAlgorithmException or SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException =>
            "the token's signature is not the issuer's, or not by an algorithm that is believed here",
        _ => "the token is no JSON Web Token that could be checked",
    };
}

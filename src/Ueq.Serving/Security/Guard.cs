using System.Globalization;
using System.Net;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;

namespace Ueq.Serving.Security;

/// <summary>Stands before every address: who asks, whether they may, and whether not too often.</summary>
/// <remarks>A request with a key costs one SHA-256 and allocates nothing.</remarks>
internal sealed class Guard : ILiveSetting, IDisposable
{
    private const string KeyHeader = "X-API-Key";
    private const string Bearer = "Bearer ";

    /// <summary>Headers that proxies add.</summary>
    public static readonly IReadOnlyList<string> Forwarding = ["X-Forwarded-For", "Forwarded", "X-Real-IP", "X-Forwarded-Host", "Via"];

    private readonly ErrorAnswers _errors;
    private readonly ServiceParts _parts;
    private volatile Rules _rules;
    private Rates? _retired;

    public Guard(UeqServiceConfig config, ServiceParts parts)
    {
        _parts = parts;
        _errors = parts.Errors;
        _rules = Make(config, null);
    }

    /// <summary>Whether a request comes from this machine, and not through a proxy on it.</summary>
    public static bool IsLocal(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from)) return false;
        return !Forwarding.Any(http.Request.Headers.ContainsKey);
    }

    /// <summary>Puts itself before an endpoint.</summary>
    public void Protect(EndpointBuilder endpoint)
    {
        if (endpoint.RequestDelegate is not { } handle || endpoint is not RouteEndpointBuilder { RoutePattern.RawText: { } pattern }) return;
        pattern = "/" + pattern.Trim('/');
        Access reading = RouteAccess.Of(pattern, HttpMethods.Get), changing = RouteAccess.Of(pattern, HttpMethods.Post);
        endpoint.RequestDelegate = http => Admit(http, HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method) ? reading : changing, handle);
    }

    public void Apply(UeqServiceConfig config)
    {
        Rules before = _rules;
        // A file that lost half of itself must not open the doors.
        if (before.AsksWho && config.Security.Keys.Count == 0 && !config.Security.Jwt.IsOn)
            throw new InvalidDataException("security: taking the last key away opens the service to everybody, which needs a restart; the keys stay in force until then");
        _rules = Make(config, before.Rates);
        // A request that has read the rules before may still ask their buckets.
        _retired?.Dispose();
        _retired = before.Rates;
    }

    public void Dispose()
    {
        _retired?.Dispose();
        _rules.Rates.Dispose();
    }

    private static Rules Make(UeqServiceConfig config, Rates? former)
    {
        Rates rates = new(config.Limits);
        KeyRing keys = new(config.Security.Keys, (name, own) => rates.OfKey(name, own, former));
        return new Rules(config, keys, config.Security.Jwt.IsOn ? new TokenReader(config.Security.Jwt) : null, rates, config.Addresses.FirstOrDefault(url => !ConfigRules.IsLoopback(url)));
    }

    private Task Admit(HttpContext http, Access needed, RequestDelegate handle)
    {
        Rules rules = _rules;
        // Whoever keeps a connection is to come back by another, which a balancer sends elsewhere.
        if (_parts.IsStopping && HttpProtocol.IsHttp11(http.Request.Protocol)) http.Response.Headers.Connection = "close";
        if (needed >= Access.Read) HtmlHeaders.Prepare(http);
        if (!rules.AsksWho) return Anybody(http, needed, rules, handle);
        if (rules.IsOpen(http, needed)) return handle(http);
        IHeaderDictionary headers = http.Request.Headers;
        StringValues authorization = headers.Authorization, key = headers[KeyHeader];
        if (authorization.Count + key.Count > 1) return Unknown(http, rules, "expected one credential, got several", "invalid_request");
        ReadOnlySpan<char> secret = key.Count == 1 ? key[0] : authorization.Count == 1 && authorization[0]!.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[0].AsSpan(Bearer.Length) : default;
        secret = secret.Trim();
        if (secret.IsEmpty)
            return Unknown(http, rules, $"expected a key or token, as \"Authorization: Bearer …\" or \"{KeyHeader}: …\", got {(authorization.Count + key.Count == 0 ? "none" : "something else")}", null);
        if (rules.Tokens is not null && key.Count == 0 && secret.Contains('.')) return Token(http, needed, rules, secret.ToString(), handle);
        return rules.Keys.Find(secret) is { } caller ? Known(http, needed, caller, caller.Limit?.AttemptAcquire(), handle) : Unknown(http, rules, "the key is not known here", "invalid_token");
    }

    private Task Anybody(HttpContext http, Access needed, Rules rules, RequestDelegate handle)
    {
        if (needed == Access.Admin && rules.ExposedAt is { } url)
        {
            return _errors.Refuse(
                http, StatusCodes.Status403Forbidden,
                $"expected a service with keys: this one listens beyond its machine ({url}) and asks nobody who they are, so nothing may be changed; make a key with 'ueq keys create --name ops --scopes admin', or listen on 127.0.0.1");
        }

        if (rules.Rates.LimitsAddresses && needed is not (Access.Open or Access.Health or Access.Metrics))
        {
            using RateLimitLease? lease = rules.Rates.TakeAddress(http.Connection.RemoteIpAddress);
            if (lease is { IsAcquired: false }) return TooOften(http, lease, "this address");
        }

        return handle(http);
    }

    private async Task Token(HttpContext http, Access needed, Rules rules, string token, RequestDelegate handle)
    {
        (string name, AccessScopes scopes) = ("", AccessScopes.None);
        try
        {
            (name, scopes) = await rules.Tokens!.ReadAsync(token, http.RequestAborted);
        }
        catch (SecurityTokenException bad)
        {
            await Unknown(http, _rules, bad.Message, "invalid_token");
            return;
        }
        catch (Exception bad) when (bad is InvalidOperationException or IOException or HttpRequestException)
        {
            http.Response.Headers.RetryAfter = "5";
            await _errors.Refuse(http, StatusCodes.Status503ServiceUnavailable, "the identity provider cannot be asked for its keys, so no token can be checked now");
            return;
        }

        // The provider may have taken its time, and the rules may be others now.
        await Known(http, needed, new Caller(name, scopes, null), _rules.Rates.TakeSubject(name), handle);
    }

    private Task Known(HttpContext http, Access needed, Caller caller, RateLimitLease? lease, RequestDelegate handle)
    {
        AccessScopes scope = RouteAccess.ScopeOf(needed);
        if (!caller.Has(scope))
        {
            string missing = ApiKey.Say(scope);
            http.Response.Headers.WWWAuthenticate = $"Bearer realm=\"ueq\", error=\"insufficient_scope\", scope=\"{missing}\"";
            return _errors.Refuse(http, StatusCodes.Status403Forbidden, $"expected the scope {missing}, got {(caller.Scopes == AccessScopes.None ? "none" : ApiKey.Say(caller.Scopes))}");
        }

        if (lease is { IsAcquired: false }) return TooOften(http, lease, "this key");
        if (needed >= Access.Read || _parts.Log.IsOn) caller.Remember(http);
        return handle(http);
    }

    private Task Unknown(HttpContext http, Rules rules, string message, string? error)
    {
        using RateLimitLease? lease = rules.Rates.TakeAddress(http.Connection.RemoteIpAddress);
        if (lease is { IsAcquired: false }) return TooOften(http, lease, "this address");
        http.Response.Headers.WWWAuthenticate = error is null ? "Bearer realm=\"ueq\"" : $"Bearer realm=\"ueq\", error=\"{error}\"";
        return _errors.Refuse(http, StatusCodes.Status401Unauthorized, message);
    }

    private Task TooOften(HttpContext http, RateLimitLease lease, string who)
    {
        int seconds = lease.TryGetMetadata(MetadataName.RetryAfter, out TimeSpan wait) ? Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)) : 1;
        http.Response.Headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        return _errors.Refuse(http, StatusCodes.Status429TooManyRequests, string.Create(CultureInfo.InvariantCulture, $"{who} asks more often than it may; try again in {seconds} s"));
    }

    /// <summary>All that a request is judged by; immutable but for the buckets.</summary>
    private sealed record Rules(UeqServiceConfig Config, KeyRing Keys, TokenReader? Tokens, Rates Rates, string? ExposedAt)
    {
        public bool AsksWho { get; } = !Keys.IsEmpty || Tokens is not null;

        public bool IsOpen(HttpContext http, Access needed) => needed switch
        {
            Access.Open => true,
            Access.Health => Config.Security.Health == HealthAccess.Open,
            Access.Metrics => Config.Security.Metrics == MetricsAccess.Open || (Config.Security.Metrics == MetricsAccess.Loopback && IsLocal(http)),
            Access.Document => Config.Security.OpenApi == OpenApiAccess.Open,
            _ => false,
        };
    }
}

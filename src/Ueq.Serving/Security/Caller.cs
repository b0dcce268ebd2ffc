using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Security;

/// <summary>Who asks: the holder of a key, or the subject of a token.</summary>
internal sealed record Caller(string Name, AccessScopes Scopes, RateLimiter? Limit)
{
    private static readonly object Place = new();

    /// <summary>Whether the caller has a scope; who may change everything may see everything.</summary>
    public bool Has(AccessScopes scope) => (Scopes & scope) != 0 || (scope == AccessScopes.Read && (Scopes & AccessScopes.Admin) != 0);

    /// <summary>Who sent a request; <c>null</c> when nobody was asked. Kept for calls that change something, and where the inference log says who asked.</summary>
    public static Caller? Of(HttpContext http) => http.Items.TryGetValue(Place, out object? caller) ? (Caller?)caller : null;

    public void Remember(HttpContext http) => http.Items[Place] = this;
}

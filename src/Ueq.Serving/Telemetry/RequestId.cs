using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Telemetry;

/// <summary>The id that goes back in the header: the caller's own when it is sane, else the number that the body has too.</summary>
internal static class RequestId
{
    public const string Header = "X-Request-Id";

    private const int Longest = 64;

    /// <summary>The caller's id; <c>null</c> when there is none, or one that does not belong into a log or a header.</summary>
    public static string? OfCaller(HttpRequest request) =>
        request.Headers.TryGetValue(Header, out Microsoft.Extensions.Primitives.StringValues named) && named is [{ Length: > 0 and <= Longest } id] && IsVisible(id) ? id : null;

    public static void Write(HttpContext http, long id) => http.Response.Headers[Header] = OfCaller(http.Request) ?? id.ToString(CultureInfo.InvariantCulture);

    /// <summary>Gives the caller's id back in an answer that has no number of its own.</summary>
    public static void Echo(HttpContext http)
    {
        if (OfCaller(http.Request) is { } id) http.Response.Headers[Header] = id;
    }

    private static bool IsVisible(string id)
    {
        foreach (char c in id)
            if (c is <= ' ' or > '~') return false;
        return true;
    }
}

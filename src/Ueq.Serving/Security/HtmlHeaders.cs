using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Security;

/// <summary>Headers that keep a page from being framed, sniffed or made to load what is not ours.</summary>
internal static class HtmlHeaders
{
    private static readonly Func<object, Task> Starting = state =>
    {
        HttpResponse response = ((HttpContext)state).Response;
        if (response.ContentType?.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) != true) return Task.CompletedTask;
        IHeaderDictionary headers = response.Headers;
        headers.ContentSecurityPolicy = headers.ContentSecurityPolicy.Count > 0
            ? headers.ContentSecurityPolicy
            : "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "no-referrer";
        if (response.HttpContext.Request.IsHttps) headers.StrictTransportSecurity = "max-age=31536000";
        return Task.CompletedTask;
    };

    /// <summary>Sees to it that an answer gets them if it is a page.</summary>
    public static void Prepare(HttpContext http) => http.Response.OnStarting(Starting, http);
}

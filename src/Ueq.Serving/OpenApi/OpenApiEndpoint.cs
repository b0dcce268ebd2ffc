using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.OpenApi;

/// <summary><c>GET /openapi/v1.json</c>, and the page at <c>/scalar</c> that shows it.</summary>
/// <remarks>Nothing of it is loaded before somebody asks, and the page asks nobody but this service.</remarks>
internal sealed class OpenApiEndpoint(ServiceParts parts)
{
    private const string Page = """
        <!doctype html>
        <html lang="en">
        <head><title>UEQ</title><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,"></head>
        <body><div id="app"></div><script src="scalar/scalar.js"></script><script src="scalar/page.js"></script></body>
        </html>
        """;

    // No fonts, telemetry, proxy or assistant of others.
    private const string Start = """
        Scalar.createApiReference('#app', { url: 'openapi/v1.json', withDefaultFonts: false, telemetry: false, proxyUrl: '', agent: { disabled: true }, mcp: { disabled: true }, showDeveloperTools: 'never', hideClientButton: true })
        """;

    public Task Document(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => new ApiDocument(parts).Make().WriteTo(json));
    }

    public static Task Show(HttpContext http) => Text(http, "text/html; charset=utf-8", Page);

    public async Task File(HttpContext http)
    {
        const string Script = "text/javascript; charset=utf-8";
        switch (http.Request.RouteValues["file"])
        {
            case "page.js":
                await Text(http, Script, Start);
                break;
            case "scalar.js":
                // The library's own script, as its package has it.
                await using (Stream packed = typeof(Scalar.AspNetCore.ScalarOptions).Assembly.GetManifestResourceStream("ScalarStaticAssets.scalar.js") ?? throw new InvalidOperationException("Scalar's script is missing"))
                {
                    http.Response.ContentType = Script;
                    http.Response.Headers.CacheControl = "private, max-age=3600";
                    await using GZipStream script = new(packed, CompressionMode.Decompress);
                    await script.CopyToAsync(http.Response.Body, http.RequestAborted);
                }

                break;
            default:
                await parts.Errors.NotFound(http);
                break;
        }
    }

    private static Task Text(HttpContext http, string type, string text)
    {
        http.Response.ContentType = type;
        return http.Response.WriteAsync(text, http.RequestAborted);
    }
}

using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /health/live</c>: the process answers. <c>GET /health/ready</c>: send requests here.</summary>
internal sealed class ReadyEndpoints(Draining draining)
{
    public static Task Live(HttpContext http) => Answer(http, StatusCodes.Status200OK, "live");

    /// <remarks>Models are loaded before the service listens, so only its end makes it unready.</remarks>
    public Task Ready(HttpContext http) => draining.IsDraining ? Answer(http, StatusCodes.Status503ServiceUnavailable, "draining") : Answer(http, StatusCodes.Status200OK, "ready");

    private static Task Answer(HttpContext http, int status, string word) => JsonAnswers.Write(http, status, json =>
    {
        json.WriteStartObject();
        json.WriteString("status", word);
        json.WriteEndObject();
    });
}

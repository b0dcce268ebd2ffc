using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /coverage</c>: everything that labels have shown of the served version, and what is estimated without them.</summary>
internal sealed class CoverageEndpoint(ServiceParts parts)
{
    public Task Handle(HttpContext http)
    {
        ServedModel model = parts.Asked(http);
        model.Monitor.Flush();
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => CoverageJson.WriteAll(json, model.Coverage.Read(parts.Time.GetUtcNow()), model.Monitor.ReadEstimated(), model.Online));
    }
}

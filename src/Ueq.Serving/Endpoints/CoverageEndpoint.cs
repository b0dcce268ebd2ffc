using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /coverage</c>: everything that labels have shown of the served version.</summary>
internal sealed class CoverageEndpoint(ServiceParts parts)
{
    public Task Handle(HttpContext http)
    {
        ServedModel model = parts.Asked(http);
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => CoverageJson.WriteAll(json, model.Coverage.Read(parts.Time.GetUtcNow())));
    }
}

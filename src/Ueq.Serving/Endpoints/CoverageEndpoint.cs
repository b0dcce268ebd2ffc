using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /coverage</c>: everything that labels have shown of the served version.</summary>
internal sealed class CoverageEndpoint(ServiceParts parts)
{
    public Task Handle(HttpContext http) =>
        JsonAnswers.Write(http, StatusCodes.Status200OK, json => CoverageJson.WriteAll(json, parts.Slot.Current.Coverage.Read(parts.Time.GetUtcNow())));
}

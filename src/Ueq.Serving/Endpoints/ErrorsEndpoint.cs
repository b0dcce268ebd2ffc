using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>/errors</c>: what failed, by type, and whether what the service depends on is asked at all.</summary>
internal sealed class ErrorsEndpoint(ServiceParts parts, StoreKeeper store, IncidentDesk desk)
{
    public Task Read(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            ErrorsJson.Write(json, parts.ErrorStatistics, parts.Models.Models, store, parts.Shared);
            json.WriteEndObject();
        });
    }

    public async Task Reset(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who");
        string who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who"));
        // First what can fail: nothing is forgotten that is not in the audit log.
        await store.RequireAsync();
        long forgotten = parts.ErrorStatistics.Reset();
        await desk.NoteAsync(who, "reset_errors", "errors", forgotten.ToString(CultureInfo.InvariantCulture), "0", http.RequestAborted);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("forgotten", forgotten);
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Endpoints;

/// <summary><c>/incidents</c>, <c>/silences</c> and <c>/audit</c>: what was raised and what was done about it.</summary>
internal sealed class IncidentsEndpoint(ServiceParts parts, StoreKeeper keeper, IncidentDesk desk)
{
    private static readonly TimeSpan LongestSilence = TimeSpan.FromDays(366);

    public async Task List(HttpContext http)
    {
        AdminCall.RequireQuery(http, "state", "model", "version", "signal", "before", "limit");
        IQueryCollection asked = http.Request.Query;
        IncidentQuery query = new()
        {
            State = asked.TryGetValue("state", out var state) ? State(state.ToString()) : null,
            Model = asked.TryGetValue("model", out var model) ? model.ToString() : null,
            Version = asked.TryGetValue("version", out var version) ? version.ToString() : null,
            Signal = asked.TryGetValue("signal", out var signal) ? signal.ToString() : null,
            OpenedBefore = asked.TryGetValue("before", out var before) ? AdminCall.Time("?before", before.ToString()) : null,
            Limit = (int)(AdminCall.Number(http, "limit", 1, 1000) ?? 100),
        };
        IReadOnlyList<StoredIncident> found = await keeper.UseAsync(store => store.ListIncidentsAsync(query, http.RequestAborted));
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("incidents");
            foreach (StoredIncident stored in found) IncidentJson.Write(json, stored.Incident, desk.IsSilent(stored.Incident), timeline: null);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task Show(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        string id = Id(http);
        StoredIncident found = await keeper.UseAsync(store => store.LoadIncidentAsync(id, http.RequestAborted)) ?? throw NoSuch("an incident", id);
        await Answer(http, found.Incident);
    }

    public async Task Acknowledge(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who", "note");
        string id = Id(http), who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who"));
        await Answer(http, await desk.AcknowledgeAsync(id, who, fields.GetValueOrDefault("note", ""), http.RequestAborted) ?? throw NoSuch("an incident", id));
    }

    public async Task Silence(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who", "reason", "until", "signal", "model");
        ServedModel model = parts.Model(fields.GetValueOrDefault("model"), "$.model");
        string who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who")), reason = fields.Required("reason");
        DateTimeOffset until = AdminCall.Time("$.until", fields.Required("until")), now = parts.Time.GetUtcNow();
        if (until <= now || until > now + LongestSilence)
            throw RefusalException.BadRequest(FormattableString.Invariant($"$.until: expected a time after {now:O} and within 366 days, got {until:O}"));
        string? signal = fields.GetValueOrDefault("signal");
        IEnumerable<string> signals = [CoverageMonitor.Signal, .. model.Monitor.Read()?.Signals.Select(s => s.Name) ?? []];
        if (signal is not null && model.Monitor.HasReference && !signals.Contains(signal))
            throw RefusalException.BadRequest($"$.signal: expected a signal of the served model; did you mean \"{Spelling.Nearest(signal, signals)}\"?");
        Silence silence = await desk.SilenceAsync(model.Name, signal, until, who, reason, http.RequestAborted);
        await JsonAnswers.Write(http, StatusCodes.Status201Created, json => IncidentJson.Write(json, silence));
    }

    public async Task Silences(HttpContext http)
    {
        AdminCall.RequireQuery(http);
        IReadOnlyList<Silence> silences = await keeper.UseAsync(store => store.ListSilencesAsync(parts.Time.GetUtcNow(), http.RequestAborted));
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("silences");
            foreach (Silence silence in silences) IncidentJson.Write(json, silence);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public async Task Lift(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        AdminCall.RequireQuery(http, "who");
        string id = Id(http), who = AdminCall.Who(http, "?who", http.Request.Query.TryGetValue("who", out var named) ? named.ToString() : null);
        if (!await desk.LiftAsync(id, who, http.RequestAborted)) throw NoSuch("a silence", id);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("lifted", id);
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }

    public async Task Audit(HttpContext http)
    {
        AdminCall.RequireQuery(http, "before", "limit");
        long? before = AdminCall.Number(http, "before", 1, long.MaxValue);
        int limit = (int)(AdminCall.Number(http, "limit", 1, 1000) ?? 100);
        IReadOnlyList<StoredAudit> entries = await keeper.UseAsync(store => store.ListAuditAsync(before, limit, http.RequestAborted));
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("audit");
            foreach (StoredAudit entry in entries) IncidentJson.Write(json, entry);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private static string Id(HttpContext http) => (string)http.Request.RouteValues["id"]!;

    private static RefusalException NoSuch(string what, string id) => new(StatusCodes.Status404NotFound, $"expected the id of {what} that is stored, got \"{id}\"");

    private static IncidentState State(string text) => text switch
    {
        "open" => IncidentState.Open,
        "recovering" => IncidentState.Recovering,
        "closed" => IncidentState.Closed,
        _ => throw RefusalException.BadRequest($"?state: expected open, recovering or closed, got \"{text}\""),
    };

    private Task Answer(HttpContext http, Incident incident) =>
        JsonAnswers.Write(http, StatusCodes.Status200OK, json => IncidentJson.Write(json, incident, desk.IsSilent(incident), incident.Timeline));
}

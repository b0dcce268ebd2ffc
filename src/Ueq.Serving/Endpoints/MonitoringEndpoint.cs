using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Monitoring;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /monitoring</c>: every signal as it stands, and what is promised; freezing, resuming and rebaselining.</summary>
internal sealed class MonitoringEndpoint(ServiceParts parts, StoreKeeper store, IncidentDesk desk, WatchKeeper keeper)
{
    public Task Read(HttpContext http)
    {
        AdminCall.RequireQuery(http, "model");
        ServedModel model = parts.Asked(http);
        model.Monitor.Flush();
        WatchReading? reading = model.Monitor.Read();
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json => Write(json, model, reading));
    }

    public Task Freeze(HttpContext http) => Change(http, "freeze", watch => watch.Freeze());

    public Task Resume(HttpContext http) => Change(http, "resume", watch => watch.Resume());

    public async Task Rebaseline(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who", "note", "model");
        string who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who")), note = fields.GetValueOrDefault("note", "");
        ServedModel model = Watched(fields);
        await store.RequireAsync();
        await model.Monitor.SettleAsync();
        IReadOnlyList<(string Signal, int Epoch)> changed;
        try
        {
            // The incidents hear of it before the steps that close them.
            changed = await keeper.HoldAsync(async () =>
            {
                IReadOnlyList<(string Signal, int Epoch)> done = model.Monitor.Use(watch =>
                {
                    Dictionary<string, int> epochs = watch.Read().Signals.ToDictionary(s => s.Name, s => s.Epoch);
                    return (IReadOnlyList<(string, int)>)[.. watch.Rebaseline(parts.Time.GetUtcNow()).Select(name => (name, epochs[name]))];
                })!;
                await desk.RebaselinedAsync(model.Name, model.Version.Digest, done, who, note, http.RequestAborted);
                return done;
            }, http.RequestAborted);
        }
        catch (InvalidOperationException refused)
        {
            throw new RefusalException(StatusCodes.Status409Conflict, refused.Message);
        }

        await keeper.SaveAsync(http.RequestAborted);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("rebaselined");
            foreach ((string signal, int _) in changed) json.WriteStringValue(signal);
            json.WriteEndArray();
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }

    private async Task Change(HttpContext http, string action, Action<ModelWatch> change)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who", "note", "model");
        string who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who"));
        ServedModel model = Watched(fields);
        await store.RequireAsync();
        (bool before, bool after) = await keeper.HoldAsync(
            () => Task.FromResult(model.Monitor.Use(watch =>
            {
                bool was = watch.IsFrozen;
                change(watch);
                return (was, watch.IsFrozen);
            })),
            http.RequestAborted);
        await desk.NoteAsync(who, action, model.Name, Frozen(before), $"{Frozen(after)}{(fields.TryGetValue("note", out string? note) ? $": {note}" : "")}", http.RequestAborted);
        await keeper.SaveAsync(http.RequestAborted);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteBoolean("frozen", after);
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }

    private static string Frozen(bool frozen) => frozen ? "frozen" : "watching";

    private ServedModel Watched(Dictionary<string, string> fields) => parts.Model(fields.GetValueOrDefault("model"), "$.model") is { Monitor.HasReference: true } model
        ? model
        : throw new RefusalException(StatusCodes.Status409Conflict, "the served version has no drift reference, so nothing is watched");

    private static void Write(Utf8JsonWriter json, ServedModel model, WatchReading? reading)
    {
        json.WriteStartObject();
        json.WriteString("model", model.Name);
        json.WriteString("version", model.Version.Digest);
        json.WriteString("state", reading is null ? "no_reference" : MonitoringJson.Name(reading.State));
        json.WriteNumber("rows", reading?.Rows ?? 0);
        json.WriteNumber("dropped_rows", model.Monitor.Dropped);
        json.WriteNumber("skipped_rows", model.Monitor.Skipped);
        json.WriteBoolean("frozen", reading?.Frozen ?? false);
        if (reading is not null) WriteGuarantee(json, reading);
        json.WriteStartArray("signals");
        foreach (WatchedSignal signal in reading?.Signals ?? []) SignalJson.Write(json, signal);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteGuarantee(Utf8JsonWriter json, WatchReading reading)
    {
        json.WriteStartObject("guarantee");
        json.WriteNumber("false_alarms_per_year", reading.FalseAlarmsPerYear);
        json.WriteNumber("observations_per_year", reading.ObservationsPerYear);
        json.WriteNumber("signals", reading.Signals.Count);
        json.WriteStartArray("void");
        foreach (WatchedSignal signal in reading.Signals)
            if (signal.State == SignalState.Void) json.WriteStringValue(signal.Name);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;
using Ueq.Online;
using Ueq.Storage;

namespace Ueq.Serving.Endpoints;

/// <summary><c>POST /online/reset</c>: the online levels of a served version begin anew, at all replicas.</summary>
internal sealed class OnlineEndpoint(ServiceParts parts, StoreKeeper store, IncidentDesk desk, LabelKeeper labels)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);
    private const int Pauses = 250;

    public async Task Reset(HttpContext http)
    {
        AdminCall.RequireLocal(http);
        Dictionary<string, string> fields = await AdminCall.Fields(http, "who", "note", "model");
        string who = AdminCall.Who(http, "$.who", fields.GetValueOrDefault("who"));
        ServedModel model = parts.Model(fields.GetValueOrDefault("model"), "$.model");
        if (model.Online is not { } levels)
            throw new RefusalException(StatusCodes.Status409Conflict, $"'{model.Name}' has no online levels; online.models says which models have");
        await store.RequireAsync();
        string before = string.Join(", ", levels.Read().Select(Say));
        await desk.NoteAsync(who, "reset_online", model.Name, before, fields.GetValueOrDefault("note"), http.RequestAborted);
        StoredState reset = await store.UseAsync(async s =>
        {
            await s.SaveStateAsync(model.Name, model.Key, OnlineLevels.ResetPart, default, levels.Sequence, http.RequestAborted);
            return (await s.LoadStateAsync(model.Name, model.Key, OnlineLevels.ResetPart, http.RequestAborted))!;
        });

        // Whoever follows the ledger finds the reset there; here at once, at other replicas within seconds.
        for (int i = 0; i < Pauses && !(levels.Since >= reset.SavedAt); i++)
        {
            labels.Wake();
            await Task.Delay(Pause, http.RequestAborted);
        }

        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("model", model.Name);
            json.WriteString("version", model.Version.Digest);
            json.WriteString("since", reset.SavedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
            json.WriteString("status", "success");
            json.WriteEndObject();
        });
    }

    private static string Say(OnlineReading level) =>
        string.Create(CultureInfo.InvariantCulture, $"{level.Target.Value} at {1 - level.Miss:0.####} after {level.Updates}");
}

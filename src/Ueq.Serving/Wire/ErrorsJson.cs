using System.Globalization;
using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>How errors and circuits are written, in <c>/errors</c> and in <c>/health</c>.</summary>
internal static class ErrorsJson
{
    public static void Write(Utf8JsonWriter json, ErrorStatistics errors, IReadOnlyList<ServedModel> models, StoreKeeper store, SharedCache shared)
    {
        json.WriteStartObject("errors");
        json.WriteString("since", errors.Since.ToString("O", CultureInfo.InvariantCulture));
        json.WriteStartObject("by_type");
        foreach (ErrorCount error in errors.Read())
        {
            json.WriteStartObject(error.Type);
            json.WriteNumber("count", error.Count);
            json.WriteString("latest", error.Latest.ToString("O", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteStartObject("circuits");
        json.WriteStartObject("store");
        json.WriteString("state", Name(store.Guard.Status));
        json.WriteNumber("retries", store.Retries);
        json.WriteNumber("failures", store.Errors);
        json.WriteEndObject();
        if (shared.IsOn)
        {
            json.WriteStartObject("redis");
            json.WriteString("state", Name(shared.IsUp ? CircuitStatus.Closed : CircuitStatus.Open));
            json.WriteNumber("failures", shared.Errors);
            json.WriteEndObject();
        }

        json.WriteStartArray("models");
        foreach (ServedModel model in models)
            foreach (IRemotePredictor remote in model.Info.Remotes) Write(json, model, remote);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ServedModel model, IRemotePredictor remote)
    {
        CircuitReading reading = remote.ReadCircuit();
        json.WriteStartObject();
        json.WriteString("model", model.Reference);
        json.WriteString("host", remote.Address.Authority);
        json.WriteString("state", Name(reading.Status));
        json.WriteNumber("attempts", reading.Attempts);
        json.WriteNumber("retries", reading.Retries);
        json.WriteNumber("failures", reading.Failures);
        json.WriteEndObject();
    }

    private static string Name(CircuitStatus status) => status switch
    {
        CircuitStatus.Closed => "closed",
        CircuitStatus.HalfOpen => "half_open",
        _ => "open",
    };
}

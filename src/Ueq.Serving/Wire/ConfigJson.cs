using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>What became of the configuration's file, for <c>/health</c>.</summary>
internal static class ConfigJson
{
    public static void Write(Utf8JsonWriter json, ConfigState state)
    {
        json.WriteStartObject();
        json.WriteString("state", state.Problem is null ? "in_force" : "refused");
        json.WriteNumber("reloads", state.Reloads);
        json.WriteString("problem", state.Problem);
        json.WriteStartArray("restart_needed");
        foreach (string key in state.Waiting) json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

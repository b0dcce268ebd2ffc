using System.Text.Json;
using System.Text.Json.Serialization;
using Ueq.Monitoring;

namespace Ueq.Storage.Tables;

/// <summary>The written form of an incident.</summary>
internal static class IncidentJson
{
    private static readonly JsonSerializerOptions _json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
    };

    public static string Write(Incident incident) => JsonSerializer.Serialize(incident, _json);

    public static Incident Read(string id, string body, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<Incident>(body, _json) ?? throw new JsonException("expected an object, got null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The incident {id} in the store {place} is damaged at {e.Path ?? "$"}: {e.Message}", e);
        }
    }
}

using System.Text.Json;

namespace Ueq.Serving.Wire;

/// <summary>What <c>/health</c> says of the cache: rows, over all models whose answers are kept.</summary>
internal static class CacheJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ServedModel> models, SharedCache shared)
    {
        CacheReading[] all = [.. models.Where(m => m.Cache is not null).Select(m => m.Cache!.Read())];
        if (all.Length == 0)
        {
            json.WriteNullValue();
            return;
        }

        long hits = all.Sum(c => c.Hits), misses = all.Sum(c => c.Misses);
        json.WriteStartObject();
        json.WriteNumber("rows", all.Sum(c => c.Rows));
        json.WriteNumber("hits", hits);
        json.WriteNumber("misses", misses);
        JsonAnswers.Figure(json, "hit_rate", hits / (double)(hits + misses));
        json.WriteNumber("joined", all.Sum(c => c.Joined));
        json.WriteNumber("evictions", all.Sum(c => c.Evictions));
        json.WritePropertyName("redis");
        if (shared.IsOn) Write(json, all, shared);
        else json.WriteNullValue();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CacheReading[] all, SharedCache shared)
    {
        json.WriteStartObject();
        json.WriteString("state", shared.IsUp ? "up" : "away");
        json.WriteNumber("hits", all.Sum(c => c.SharedHits));
        json.WriteNumber("misses", all.Sum(c => c.SharedMisses));
        json.WriteNumber("errors", shared.Errors);
        json.WriteNumber("dropped", shared.Dropped);
        json.WriteEndObject();
    }
}

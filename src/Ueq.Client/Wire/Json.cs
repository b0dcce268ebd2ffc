using System.Text.Json.Serialization;

namespace Ueq.Client.Wire;

/// <summary>Pieces of the service's JSON.</summary>
internal static class Json
{
    /// <summary>A number, or one of the texts Infinity, -Infinity and NaN, which JSON has no numbers for.</summary>
    public static double Number(JsonElement element) => element.ValueKind == JsonValueKind.Number
        ? element.GetDouble()
        : element.GetString() switch
        {
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            "NaN" => double.NaN,
            var other => throw new InvalidDataException($"expected a number, got \"{other}\""),
        };

    /// <summary>A text, or what stands there in its place.</summary>
    public static string Text(JsonElement element) => element.ValueKind == JsonValueKind.String ? element.GetString()! : element.GetRawText();

    public static T[] List<T>(JsonElement array, Func<JsonElement, T> one)
    {
        T[] list = new T[array.GetArrayLength()];
        int i = 0;
        foreach (JsonElement element in array.EnumerateArray()) list[i++] = one(element);
        return list;
    }

    /// <summary>A member that is there and not null.</summary>
    public static bool TryGet(JsonElement parent, string name, out JsonElement value) => parent.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(HealthAnswer))]
[JsonSerializable(typeof(ModelInfoAnswer))]
[JsonSerializable(typeof(CoverageAnswer))]
[JsonSerializable(typeof(MonitoringAnswer))]
[JsonSerializable(typeof(FeedbackAnswer))]
internal sealed partial class AnswerJson : JsonSerializerContext;

using System.Text.Json;

namespace Ueq.Onnx;

/// <summary>Lists of names in the metadata of a model.</summary>
internal static class Metadata
{
    public const string Features = "feature_names";
    public const string Classes = "class_names";

    /// <summary>The names under a key, a JSON list or with commas between; <c>null</c> where there are none.</summary>
    public static string[]? Names(OnnxDescription description, string key)
    {
        if (!description.Metadata.TryGetValue(key, out string? text) || text.Length == 0) return null;
        if (!text.StartsWith('[')) return text.Split(',', StringSplitOptions.TrimEntries);
        try
        {
            return JsonSerializer.Deserialize(text, StoredJson.Default.StringArray);
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"{description.Source}: expected a JSON list of names as {key} in the metadata, got '{text}'.", fault);
        }
    }
}

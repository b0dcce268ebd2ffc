using System.Text;
using System.Text.Json.Nodes;

namespace Ueq.Cli.Tests.Faults;

/// <summary>A sound request, and how often it is taken for mutation relative to others.</summary>
internal sealed record Specimen(string Verb, string Target, IReadOnlyList<(string Name, string Value)> Headers, byte[] Body, int Weight)
{
    /// <summary>Every call of a service's OpenAPI document with its examples, so that a new address is mutated from the day it is written down.</summary>
    public static IReadOnlyList<Specimen> Of(JsonObject document, string receipt)
    {
        List<Specimen> found = [];
        foreach ((string path, JsonNode? item) in (JsonObject)document["paths"]!)
        {
            foreach ((string verb, JsonNode? call) in (JsonObject)item!)
            {
                string target = Address(document, path, call!);
                JsonNode? content = call!["requestBody"] is { } body ? Resolve(document, body)["content"] : null;
                foreach ((string type, JsonNode? media) in content as JsonObject ?? new JsonObject { [""] = null })
                {
                    string text = media?["example"] is not { } example ? "" : type == "application/x-ndjson" ? example.ToString() : example.ToJsonString();
                    text = text.Replace("a receipt of an answer", receipt, StringComparison.Ordinal);
                    found.Add(new(verb.ToUpperInvariant(), target, type.Length == 0 ? [] : [("Content-Type", type)], Encoding.UTF8.GetBytes(text), Weighed(path, verb)));
                }
            }
        }

        found.AddRange(WithTensorsAsBytes(found));
        return found;
    }

    // Triton's binary tensors have a length in a header, which the document has no example of.
    private static List<Specimen> WithTensorsAsBytes(List<Specimen> found)
    {
        List<Specimen> binary = [];
        foreach (Specimen infer in found.Where(s => s.Target.Contains("/infer", StringComparison.Ordinal) && s.Body.Length > 0))
        {
            JsonNode json = JsonNode.Parse(infer.Body)!;
            JsonObject tensor = (JsonObject)json["inputs"]![0]!;
            float[] row = [.. tensor["data"]!.AsArray().SelectMany(n => n as JsonArray ?? [n!.DeepClone()]).Select(n => (float)n!)];
            tensor.Remove("data");
            tensor["parameters"] = new JsonObject { ["binary_data_size"] = row.Length * sizeof(float) };
            byte[] head = Encoding.UTF8.GetBytes(json.ToJsonString());
            byte[] data = [.. row.SelectMany(BitConverter.GetBytes)];
            binary.Add(infer with { Headers = [("Content-Type", "application/octet-stream"), ("Inference-Header-Content-Length", $"{head.Length}")], Body = [.. head, .. data] });
        }

        return binary;
    }

    // Calls that work for a while or answer a megabyte are asked seldom, those that read rows often.
    private static int Weighed(string path, string verb) => path switch
    {
        "/benchmark" or "/scalar/{file}" => 1,
        "/openapi/v1.json" or "/scalar" or "/metrics" => 5,
        "/predict" or "/predict_large" or "/feedback" => 300,
        _ when path.EndsWith("/infer", StringComparison.Ordinal) => 200,
        // Each of these is written to the disk before it is answered.
        _ when verb == "post" => 20,
        _ => 60,
    };

    private static string Address(JsonObject document, string path, JsonNode call)
    {
        List<string> query = [];
        foreach (JsonNode? parameter in call["parameters"] as JsonArray ?? [])
        {
            JsonNode meant = Resolve(document, parameter!);
            if (meant["example"]?.ToString() is not { } value) continue;
            if (meant["in"]!.ToString() == "path") path = path.Replace($"{{{meant["name"]}}}", value, StringComparison.Ordinal);
            else query.Add($"{meant["name"]}={value}");
        }

        path = path.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
        return query.Count > 0 ? path + "?" + string.Join('&', query) : path;
    }

    private static JsonNode Resolve(JsonObject document, JsonNode node) =>
        node["$ref"]?.ToString() is { } reference ? reference[2..].Split('/').Aggregate((JsonNode)document, (at, key) => at[key]!) : node;
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Ueq.Versions;

namespace Ueq.Serving.OpenApi;

/// <summary>The OpenAPI document of this service: what is written in the two files, with examples of the served model and what each call asks of its caller.</summary>
internal sealed class ApiDocument(ServiceParts parts)
{
    private static readonly string[] Verbs = ["get", "post", "delete"];

    public JsonObject Make()
    {
        JsonObject document = YamlResource.Read("openapi.yaml"), components = YamlResource.Read("components.yaml");
        JsonObject shared = (JsonObject)components["pathItems"]!;
        components.Remove("pathItems");
        document["components"] = components;
        Dictionary<string, Func<JsonNode?>> values = Values();
        SecurityConfig security = parts.Config.Security;
        JsonObject paths = (JsonObject)document["paths"]!;
        foreach (string path in paths.Select(pair => pair.Key).ToArray())
        {
            // The same call at two addresses is written once.
            if (paths[path]!["$ref"] is { } reference) paths[path] = shared[reference.GetValue<string>().Split('/')[^1]]!.DeepClone();
            foreach (string verb in Verbs)
                if (paths[path]![verb] is JsonObject call) Finish(call, path, verb, security);
        }

        Fill(document, values);
        return document;
    }

    private static void Finish(JsonObject call, string path, string verb, SecurityConfig asked)
    {
        call["operationId"] = verb + path.Replace("/", "_", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal);
        if (path.Contains("{version}", StringComparison.Ordinal)) ((JsonArray)call["parameters"]!).Add(Reference("parameters/Version"));
        ((JsonObject)call["responses"]!).TryAdd("default", Reference("responses/Error"));
        Access access = RouteAccess.Of(path, verb.ToUpperInvariant());
        JsonArray security = [];
        // An empty requirement says that nobody is asked.
        bool isOpen = access switch
        {
            Access.Open => true,
            Access.Health => asked.Health == HealthAccess.Open,
            Access.Metrics => asked.Metrics != MetricsAccess.Scope,
            Access.Document => asked.OpenApi == OpenApiAccess.Open,
            _ => false,
        };
        if (isOpen || (asked.Keys.Count == 0 && !asked.Jwt.IsOn)) security.Add(new JsonObject());
        if (access != Access.Open)
        {
            string scope = ApiKey.Say(RouteAccess.ScopeOf(access));
            security.Add(new JsonObject { ["bearer"] = new JsonArray(scope) });
            security.Add(new JsonObject { ["key"] = new JsonArray(scope) });
        }

        call["security"] = security;
    }

    private static JsonObject Reference(string to) => new() { ["$ref"] = $"#/components/{to}" };

    // Texts that begin with a dollar sign stand for what only the served model knows.
    private static void Fill(JsonNode? node, Dictionary<string, Func<JsonNode?>> values)
    {
        switch (node)
        {
            case JsonObject map:
                foreach ((string key, JsonNode? child) in map.ToArray())
                {
                    if (child is JsonValue text && text.TryGetValue(out string? name) && values.TryGetValue(name, out Func<JsonNode?>? make)) map[key] = make();
                    else Fill(child, values);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? child in list) Fill(child, values);
                break;
        }
    }

    private Dictionary<string, Func<JsonNode?>> Values()
    {
        ServedModel served = parts.Models.Current;
        Manifest manifest = served.Version.Manifest;
        return new Dictionary<string, Func<JsonNode?>>
        {
            ["$rows"] = () => new JsonArray(Row(manifest)),
            ["$line"] = () => Row(manifest).ToJsonString() + "\n",
            ["$tensors"] = () => Tensors(manifest),
            ["$model"] = () => parts.Models.Served[0].Key,
            ["$version"] = () => parts.Models.Served[0].Value.Digest[..12],
            ["$receipt"] = () => "a receipt of an answer",
            ["$truth"] = () => manifest.Classes is { } classes ? classes[0] : 0.5,
            ["$until"] = () => parts.Time.GetUtcNow().AddHours(1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture),
        };
    }

    private static JsonArray Row(Manifest manifest) => new([.. manifest.Columns.Select(column => (JsonNode?)(column.Categories is { } known ? known[0] : 0.5))]);

    private static JsonArray Tensors(Manifest manifest)
    {
        if (manifest.Columns.All(column => column.Categories is null)) return [Tensor("input", "FP32", Row(manifest), 1, manifest.Columns.Count)];
        return new JsonArray([.. manifest.Columns.Select(column => (JsonNode?)(column.Categories is { } known ? Tensor(column.Name, "BYTES", [known[0]], 1) : Tensor(column.Name, "FP32", [0.5], 1)))]);
    }

    private static JsonObject Tensor(string name, string type, JsonArray data, params int[] shape) =>
        new() { ["name"] = name, ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode?)size)]), ["datatype"] = type, ["data"] = data };
}

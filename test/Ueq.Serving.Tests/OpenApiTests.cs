using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;
using Ueq.Serving.Security;

namespace Ueq.Serving.Tests;

public sealed class OpenApiTests
{
    // Calls about what this service does not have: incidents that nobody raised, experiments, a registry, and a second model that could go.
    private static readonly string[] Absent = ["/incidents/{id}", "/experiments/{name}", "/models/{name}", "/v2/repository/models/{model}/unload"];

    [Fact]
    public async Task EveryRouteAndVerbStandsInTheDocumentAndViceVersa()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        HashSet<string> mapped = [];
        foreach (RouteEndpoint route in server.Service<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>())
        {
            string pattern = "/" + route.RoutePattern.RawText!.Trim('/');
            if (pattern.Contains("**", StringComparison.Ordinal) || pattern == "/{*path}" || pattern.StartsWith("/inference.", StringComparison.Ordinal)) continue;
            // No address has this verb; each says which it has.
            (int status, _, HttpResponseMessage answer) = await server.Send(HttpMethod.Patch, pattern.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal), null);
            Assert.True(status == 405, $"{pattern}: {status}");
            foreach (string verb in answer.Content.Headers.Allow) mapped.Add($"{verb} {pattern}");
        }

        JsonObject paths = (JsonObject)(await Document(server))["paths"]!;
        HashSet<string> written = [.. paths.SelectMany(path => ((JsonObject)path.Value!).Select(call => $"{call.Key.ToUpperInvariant()} {path.Key}"))];
        Assert.Equal(mapped.Order(StringComparer.Ordinal), written.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task TheDocumentIsOpenApi31WithoutFault()
    {
        foreach (Versions.ModelVersion version in new[] { Fakes.Sum(), Fakes.Sum(Fakes.Mixed), Fakes.Classes("a", "b", "c") })
        {
            await using Server server = await Server.Start(version);
            using MemoryStream text = new(await server.Client.GetByteArrayAsync(new Uri("/openapi/v1.json", UriKind.Relative)));
            ReadResult read = await OpenApiDocument.LoadAsync(text, "json");
            Assert.Empty(read.Diagnostic!.Errors);
            Assert.Empty(read.Diagnostic.Warnings);
            Assert.Equal(OpenApiSpecVersion.OpenApi3_1, read.Diagnostic.SpecificationVersion);
            Assert.DoesNotContain("\"$rows", Encoding.UTF8.GetString(text.ToArray()), StringComparison.Ordinal);
            Assert.Empty(Unresolved(await Document(server)));
        }
    }

    [Fact]
    public async Task EveryExampleIsAnswered()
    {
        foreach (Versions.ModelVersion version in new[] { Fakes.Sum(reference: true), Fakes.Sum(Fakes.Mixed), Fakes.Classes("a", "b", "c") })
        {
            await using Server server = await Server.Start(version, new UeqServiceConfig { Online = new OnlineConfig { Models = ["*"] } });
            JsonObject document = await Document(server);
            string rows = document["paths"]!["/predict"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]!["X"]!.ToJsonString();
            string receipt = (await server.Predict($$"""{"X": {{rows}}, "receipts": true}""")).GetProperty("receipts")[0].GetString()!;
            (_, string silence, _) = await server.Send(HttpMethod.Post, "/silences", document["paths"]!["/silences"]!["post"]!["requestBody"]!["content"]!["application/json"]!["example"]!.ToJsonString());
            string id = JsonDocument.Parse(silence).RootElement.GetProperty("id").ToString();
            int asked = 0;
            foreach ((string path, JsonNode? item) in ((JsonObject)document["paths"]!).Where(p => !Absent.Any(a => p.Key.StartsWith(a, StringComparison.Ordinal))))
            {
                // These need values to have been watched, against a reference.
                if (path.StartsWith("/monitoring/", StringComparison.Ordinal)) continue;
                foreach ((string verb, JsonNode? call) in (JsonObject)item!)
                {
                    string address = path.Replace("{id}", id, StringComparison.Ordinal);
                    List<string> query = [];
                    foreach (JsonNode? parameter in call!["parameters"] as JsonArray ?? [])
                    {
                        JsonNode meant = Resolve(document, parameter!);
                        if (meant["example"]?.ToString() is not { } value) continue;
                        if (meant["in"]!.ToString() == "path") address = address.Replace($"{{{meant["name"]}}}", value, StringComparison.Ordinal);
                        else query.Add($"{meant["name"]}={value}");
                    }

                    Assert.DoesNotContain('{', address);
                    if (query.Count > 0) address += "?" + string.Join('&', query);
                    JsonNode? content = call["requestBody"] is { } body ? Resolve(document, body)["content"] : null;
                    foreach ((string type, JsonNode? media) in content as JsonObject ?? new JsonObject { ["none"] = new JsonObject() })
                    {
                        if (content is not null && media!["example"] is null) continue;
                        using HttpRequestMessage request = new(new HttpMethod(verb.ToUpperInvariant()), new Uri(address, UriKind.Relative));
                        if (content is not null)
                        {
                            string text = type == "application/x-ndjson" ? media!["example"]!.ToString() : media!["example"]!.ToJsonString().Replace("a receipt of an answer", receipt, StringComparison.Ordinal);
                            request.Content = new StringContent(text, Encoding.UTF8, type);
                        }

                        using HttpResponseMessage answer = await server.Client.SendAsync(request);
                        Assert.True(answer.IsSuccessStatusCode, $"{verb} {address} {type}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
                        Assert.NotNull(call["responses"]![((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture)]);
                        asked++;
                    }
                }
            }

            Assert.True(asked > 25, $"only {asked} examples");
        }
    }

    [Fact]
    public async Task AnswersAreAsTheirSchemasSay()
    {
        foreach (Versions.ModelVersion version in new[] { Fakes.Sum(reference: true), Fakes.Classes("a", "b", "c"), Fakes.Classes("0", "1", "2") })
        {
            await using Server server = await Server.Start(version);
            JsonObject document = await Document(server);
            string row = version.Classifier is null ? "[1,2,3]" : "[1,2]";
            string[] options = ["", ", \"return_uncertainty\": false", ", \"monitor\": false", ", \"coverage\": 0.995, \"receipts\": true", $", \"model\": \"{server.Models.Served[0].Key}\""];
            foreach (string option in options)
            {
                string text = (await server.Post("/predict", $"{{\"X\": [{row}]{option}}}")).Body;
                Assert.True(Fits(document, JsonNode.Parse(text), "PredictAnswer"), text);
            }

            string refused = (await server.Post("/predict", "{}")).Body, health = await server.Client.GetStringAsync(new Uri("/health", UriKind.Relative));
            Assert.True(Fits(document, JsonNode.Parse(refused), "Error"), refused);
            Assert.True(Fits(document, JsonNode.Parse(health), "Health"), health);
            Assert.False(Fits(document, JsonNode.Parse("{\"predictions\": [true]}"), "PredictAnswer"));
        }
    }

    private static bool Fits(JsonObject document, JsonNode? value, string schema) => Fits(document, value, document["components"]!["schemas"]![schema]!);

    // As much of JSON Schema as the document uses.
    private static bool Fits(JsonObject document, JsonNode? value, JsonNode schema)
    {
        schema = Resolve(document, schema);
        string kind = value?.GetValueKind() switch
        {
            null or JsonValueKind.Null => "null",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            var other => other.ToString()!.ToLowerInvariant(),
        };
        string[] types = schema["type"] is JsonArray several ? [.. several.Select(t => t!.ToString())] : schema["type"] is { } one ? [one.ToString()] : [];
        if (types.Length > 0 && !types.Contains(kind) && !(kind == "number" && types.Contains("integer"))) return false;
        if (schema["anyOf"] is JsonArray any && !any.Any(s => Fits(document, value, s!))) return false;
        if (schema["enum"] is JsonArray allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value))) return false;
        if (schema["const"] is { } only && !JsonNode.DeepEquals(only, value)) return false;
        if (value is JsonArray list && schema["items"] is { } items) return list.All(item => Fits(document, item, items));
        if (value is not JsonObject map) return true;
        return (schema["required"] as JsonArray ?? []).All(key => map.ContainsKey(key!.ToString()))
            && map.All(pair => schema["properties"]?[pair.Key] is not { } property || Fits(document, pair.Value, property));
    }

    [Fact]
    public async Task TheDocumentSaysWhatEachCallAsksOfItsCaller()
    {
        ApiKey key = ApiKey.Create(AccessScopes.Read, out string secret);
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = new SecurityConfig { Keys = new Dictionary<string, ApiKey> { ["ann"] = key } } });
        Assert.Equal(401, (await server.Get("/openapi/v1.json")).Status);
        Assert.Equal(401, (await server.Get("/scalar")).Status);
        (int status, string body, _) = await server.Send(HttpMethod.Get, "/openapi/v1.json", null, ("X-API-Key", secret));
        Assert.Equal(200, status);
        JsonNode paths = JsonNode.Parse(body)!["paths"]!;
        Assert.Equal("""[{"bearer":["predict"]},{"key":["predict"]}]""", paths["/predict"]!["post"]!["security"]!.ToJsonString());
        Assert.Equal("""[{"bearer":["admin"]},{"key":["admin"]}]""", paths["/silences"]!["post"]!["security"]!.ToJsonString());
        await using Server open = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Security = new SecurityConfig { Keys = new Dictionary<string, ApiKey> { ["ann"] = key }, OpenApi = OpenApiAccess.Open } });
        Assert.Equal(200, (await open.Get("/openapi/v1.json")).Status);
        (status, _, HttpResponseMessage page) = await open.Send(HttpMethod.Get, "/scalar", null);
        Assert.Equal(200, status);
        Assert.True(page.Headers.Contains("Content-Security-Policy"));
        Assert.Equal(401, (await open.Get("/monitoring")).Status);
        Assert.Equal("[{}]", paths["/health/live"]!["get"]!["security"]!.ToJsonString());
    }

    [Fact]
    public async Task ThePageComesFromTheServiceAloneAndCanBeSwitchedOff()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string page, HttpResponseMessage answer) = await server.Send(HttpMethod.Get, "/scalar", null);
        Assert.Equal(200, status);
        Assert.DoesNotContain("http", page.Replace("http-equiv", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("default-src 'self'", string.Concat(answer.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
        Assert.True((await server.Client.GetStringAsync(new Uri("/scalar/scalar.js", UriKind.Relative))).Length > 1_000_000);
        Assert.Contains("createApiReference", await server.Client.GetStringAsync(new Uri("/scalar/page.js", UriKind.Relative)), StringComparison.Ordinal);
        Assert.Equal(404, (await server.Get("/scalar/other.js")).Status);
        await using Server off = await Server.Start(Fakes.Sum(), new UeqServiceConfig { OpenApi = false });
        Assert.Equal(404, (await off.Get("/scalar")).Status);
        Assert.Equal(404, (await off.Get("/openapi/v1.json")).Status);
    }

    private static async Task<JsonObject> Document(Server server) => (JsonObject)JsonNode.Parse(await server.Client.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative)))!;

    private static JsonNode Resolve(JsonObject document, JsonNode node) =>
        node["$ref"]?.ToString() is { } reference ? reference[2..].Split('/').Aggregate((JsonNode)document, (at, key) => at[key]!) : node;

    private static IEnumerable<string> Unresolved(JsonNode? node, JsonObject? document = null)
    {
        document ??= (JsonObject)node!;
        IEnumerable<JsonNode?> children = node is JsonObject map ? map.Select(p => p.Value) : node as JsonArray ?? Enumerable.Empty<JsonNode?>();
        foreach (JsonNode? child in children)
            foreach (string missing in Unresolved(child, document)) yield return missing;
        if (node is JsonObject { } one && one["$ref"]?.ToString() is { } reference && reference[2..].Split('/').Aggregate((JsonNode?)document, (at, key) => at?[key]) is null) yield return reference;
    }
}

using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Inference;

/// <summary>The repository: what can be asked, and taking models out of service and back.</summary>
internal sealed class RepositoryEndpoint(InferenceCatalog catalog, ModelLoading loading)
{
    private const int MostBytes = 1 << 16;

    /// <summary>Every reference with its state; with <c>"ready": true</c> only those that can be asked.</summary>
    public async Task Index(HttpContext http)
    {
        bool onlyReady = false;
        using (JsonDocument? body = await Body(http))
        {
            if (body is not null && body.RootElement.TryGetProperty("ready", out JsonElement ready))
            {
                onlyReady = ready.ValueKind is JsonValueKind.True or JsonValueKind.False
                    ? ready.GetBoolean()
                    : throw RefusalException.BadRequest($"$.ready: expected true or false, got {JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(ready.GetRawText()))}");
            }
        }

        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartArray();
            foreach (AskedModel model in catalog.All) Write(json, model.Name, model.Version, "READY", "");
            if (!onlyReady) foreach ((string name, _) in catalog.Unloaded) Write(json, name, "", "UNAVAILABLE", "unloaded");
            json.WriteEndArray();
        });
    }

    public Task Load(HttpContext http) => Change(http, loading.LoadAsync);

    public Task Unload(HttpContext http) => Change(http, loading.UnloadAsync);

    private static async Task Change(HttpContext http, Func<HttpContext, string, Task> change)
    {
        AdminCall.RequireLocal(http);
        using (JsonDocument? body = await Body(http)) RequireNoConfig(body);
        await change(http, InferEndpoint.Name(http, "model")!);
        await JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteEndObject();
        });
    }

    // Triton takes a model's configuration, and its files, from such a call; here versions are published, never sent.
    private static void RequireNoConfig(JsonDocument? body)
    {
        if (body is null || !body.RootElement.TryGetProperty("parameters", out JsonElement parameters) || parameters.ValueKind == JsonValueKind.Null) return;
        if (parameters.ValueKind != JsonValueKind.Object) throw RefusalException.BadRequest("$.parameters: expected an object");
        foreach (JsonProperty parameter in parameters.EnumerateObject()) RequireNoConfig(parameter.Name);
    }

    /// <summary>Refuses a parameter that brings a configuration or a file.</summary>
    public static void RequireNoConfig(string parameter)
    {
        if (parameter == "config" || parameter.StartsWith("file:", StringComparison.Ordinal))
            throw RefusalException.BadRequest($"parameters.{JsonWords.Short(System.Text.Encoding.UTF8.GetBytes(parameter))}: expected no configuration and no files: only versions that this service knows are loaded");
    }

    private static async Task<JsonDocument?> Body(HttpContext http)
    {
        RequestBody.RequireLength(http.Request.ContentLength, MostBytes);
        Grown<byte> bytes = new(MostBytes);
        PipeReader reader = http.Request.BodyReader;
        int length = await RequestBody.Collect(reader, await reader.ReadAsync(http.RequestAborted), bytes, MostBytes);
        if (length == 0) return null;
        try
        {
            JsonDocument body = JsonDocument.Parse(bytes.Memory(length).ToArray(), new JsonDocumentOptions { MaxDepth = PredictReader.Depth, AllowDuplicateProperties = false });
            JsonWords.RequireWholeCharacters(body.RootElement);
            return body.RootElement.ValueKind == JsonValueKind.Object ? body : throw RefusalException.BadRequest("$: expected an object, or no body");
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(bytes.Span(length), bad, "$");
        }
        catch (InvalidOperationException)
        {
            // The search for names that come twice reads them first.
            throw JsonWords.HalfCharacter("$");
        }
    }

    private static void Write(Utf8JsonWriter json, string name, string version, string state, string reason)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("version", version);
        json.WriteString("state", state);
        json.WriteString("reason", reason);
        json.WriteEndObject();
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Inference;

/// <summary>What the server and its models are, whether they are ready, and what they have done.</summary>
internal sealed class MetadataEndpoint(ServiceParts parts, InferenceCatalog catalog)
{
    public static readonly IReadOnlyList<string> Extensions = ["model_repository", "model_repository(unload_dependents)", "binary_tensor_data", "statistics", "parameters"];

    public static string Version { get; } = typeof(MetadataEndpoint).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static Task Server(HttpContext http) => JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("name", "ueq");
        json.WriteString("version", Version);
        json.WriteStartArray("extensions");
        foreach (string extension in Extensions) json.WriteStringValue(extension);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static Task Live(HttpContext http) => Say(http, "live", 200);

    public Task Ready(HttpContext http) => Say(http, "ready", parts.IsStopping ? 503 : 200);

    public Task ModelReady(HttpContext http)
    {
        Asked(http);
        return Say(http, "ready", parts.IsStopping ? 503 : 200);
    }

    public Task Model(HttpContext http)
    {
        AskedModel asked = Asked(http);
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteString("name", asked.Name);
            json.WriteStartArray("versions");
            json.WriteStringValue(asked.Version);
            json.WriteEndArray();
            json.WriteString("platform", asked.Model.Platform);
            Write(json, "inputs", asked.Model.Inputs);
            Write(json, "outputs", asked.Model.Outputs);
            json.WriteEndObject();
        });
    }

    public Task Statistics(HttpContext http)
    {
        AskedModel[] models = InferEndpoint.Name(http, "model") is null ? [.. catalog.All] : [Asked(http)];
        return JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
        {
            json.WriteStartObject();
            json.WriteStartArray("model_stats");
            foreach (AskedModel model in models) Write(json, model);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    private AskedModel Asked(HttpContext http) => catalog.Get(InferEndpoint.Name(http, "model")!, InferEndpoint.Name(http, "version"));

    private static Task Say(HttpContext http, string what, int status) => JsonAnswers.Write(http, status, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean(what, status == StatusCodes.Status200OK);
        json.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<TensorSpec> tensors)
    {
        json.WriteStartArray(name);
        foreach (TensorSpec tensor in tensors)
        {
            json.WriteStartObject();
            json.WriteString("name", tensor.Name);
            json.WriteString("datatype", tensor.Type.Name());
            json.WriteStartArray("shape");
            foreach (long length in tensor.Shape) json.WriteNumberValue(length);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter json, AskedModel model)
    {
        InferenceStatistics all = model.Model.Statistics;
        json.WriteStartObject();
        json.WriteString("name", model.Name);
        json.WriteString("version", model.Version);
        json.WriteNumber("last_inference", all.Last);
        json.WriteNumber("inference_count", all.Rows);
        json.WriteNumber("execution_count", all.Success.Count);
        json.WriteStartObject("inference_stats");
        Write(json, "success", all.Success);
        Write(json, "fail", all.Fail);
        // Waiting is part of compute_infer; hits of the cache are counted by row, in /metrics.
        Write(json, "queue", all.Success.Count, 0);
        Write(json, "compute_input", all.Input);
        Write(json, "compute_infer", all.Infer);
        Write(json, "compute_output", all.Output);
        Write(json, "cache_hit", 0, 0);
        Write(json, "cache_miss", 0, 0);
        json.WriteEndObject();
        json.WriteStartArray("batch_stats");
        foreach ((int rows, InferenceStatistics.BatchTime time) in all.Sizes)
        {
            json.WriteStartObject();
            json.WriteNumber("batch_size", rows);
            Write(json, "compute_input", time.Input);
            Write(json, "compute_infer", time.Infer);
            Write(json, "compute_output", time.Output);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, InferenceStatistics.TimeSum time) => Write(json, name, time.Count, time.Nanoseconds);

    private static void Write(Utf8JsonWriter json, string name, long count, long nanoseconds)
    {
        json.WriteStartObject(name);
        json.WriteNumber("count", count);
        json.WriteNumber("ns", nanoseconds);
        json.WriteEndObject();
    }
}

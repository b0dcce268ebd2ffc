using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>GET /</c>: what there is.</summary>
internal static class IndexEndpoint
{
    private static readonly (string Call, string What)[] Calls =
    [
        ("GET /health", "state, counts, drift, inference times"),
        ("POST /predict", "{\"X\": [[…],…]} to predictions with uncertainty"),
        ("POST /predict_large", "the same in batches, or application/x-ndjson, a row per line"),
        ("POST /feedback", "truths for receipts: {\"labels\": [{\"receipt\": …, \"y\": …}]}"),
        ("GET /health/ready", "whether to send requests here; /health/live whether the process answers"),
        ("GET /coverage", "what labels have shown: live coverage, losses, lag"),
        ("GET /model_info", "the served model and what it promises"),
        ("POST /benchmark", "{\"X\": [[…],…]}: what these rows cost, median and p99, with and without uncertainty"),
        ("GET /monitoring", "every watched signal: state, evidence, effect, and where it sits"),
        ("GET /incidents", "alarms and what was done about them; /incidents/{id} with the timeline"),
        ("POST /incidents/{id}/acknowledge", "{\"who\": \"…\"}; from this machine only, as all that follow"),
        ("POST /silences", "{\"who\", \"reason\", \"until\", \"signal\"}: no calls for a time; GET lists, DELETE /silences/{id} ends one"),
        ("POST /monitoring/rebaseline", "recent values become the reference of what has changed; also /freeze and /resume"),
        ("POST /online/reset", "{\"who\", \"note\", \"model\"}: the levels that labels have moved begin anew"),
        ("GET /experiments", "A/B, canary and shadow: who answers whom; /experiments/{name} with what labels have shown; POST makes one"),
        ("GET /errors", "what failed, by type, and which circuits are open; POST /errors/reset begins anew"),
        ("GET /audit", "who did what, and when"),
        ("POST /v2/models/{model}/infer", "tensors by the Open Inference Protocol v2, as JSON or bytes; GET /v2, /v2/models/{model}, …/ready, …/stats, POST /v2/repository/index"),
        ("GET /metrics", "Prometheus metrics"),
        ("GET /openapi/v1.json", "every call with its schema, as OpenAPI 3.1; GET /scalar is the same as a page"),
    ];

    public static Task Handle(HttpContext http) => JsonAnswers.Write(http, StatusCodes.Status200OK, json =>
    {
        json.WriteStartObject();
        json.WriteString("service", "ueq");
        json.WriteStartObject("endpoints");
        foreach ((string call, string what) in Calls) json.WriteString(call, what);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}

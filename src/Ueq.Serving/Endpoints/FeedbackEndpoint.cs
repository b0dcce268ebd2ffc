using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>POST /feedback</c>: truths for receipts, on the disk before they are acknowledged.</summary>
internal sealed class FeedbackEndpoint(ServiceParts parts, LabelIntake intake)
{
    public Task Handle(HttpContext http) => HttpMethods.IsPost(http.Request.Method) ? Take(http) : parts.Errors.WrongVerb(http, "POST");

    private async Task Take(HttpContext http)
    {
        long id = parts.Tally.NextId();
        try
        {
            IntakeResult result = await Take(http.Request);
            bool none = result.Accepted + result.Duplicates == 0;
            int status = none ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK;
            if (none) parts.Tally.CountRefusal(status);
            RequestId.Write(http, id);
            await JsonAnswers.Write(http, status, json => Write(json, result, none, id));
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            int status = await parts.Errors.Write(http, id, failure);
            if (status is >= StatusCodes.Status400BadRequest and < StatusCodes.Status500InternalServerError) parts.Tally.CountRefusal(status);
        }
    }

    private async Task<IntakeResult> Take(HttpRequest request)
    {
        int limit = parts.Config.MaxBodyBytes;
        RequestBody.RequireJson(request, "application/json");
        RequestBody.RequireLength(request.ContentLength, limit);
        PipeReader reader = request.BodyReader;
        PredictWork work = parts.Works.Get();
        try
        {
            return await intake.TakeAsync(work.Body, await RequestBody.Collect(reader, await reader.ReadAsync(), work.Body, limit));
        }
        finally
        {
            parts.Works.Return(work);
        }
    }

    private static void Write(Utf8JsonWriter json, IntakeResult result, bool none, long id)
    {
        json.WriteStartObject();
        if (none) json.WriteString("error", $"none of the {result.Rejected.Count} labels could be taken; the first: {LabelScoring.Reason(result.Rejected[0].Fault)}");
        json.WriteNumber("accepted", result.Accepted);
        json.WriteNumber("duplicates", result.Duplicates);
        json.WriteStartArray("rejected");
        foreach ((int index, ReceiptFault fault) in result.Rejected)
        {
            json.WriteStartObject();
            json.WriteNumber("index", index);
            json.WriteString("reason", LabelScoring.Reason(fault));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("status", none ? "error" : result.Rejected.Count > 0 ? "partial" : "success");
        json.WriteNumber("request_id", id);
        json.WriteEndObject();
    }
}

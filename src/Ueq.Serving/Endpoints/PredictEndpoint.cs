using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary><c>POST /predict</c> and, with batches, <c>POST /predict_large</c> with a JSON body.</summary>
internal sealed class PredictEndpoint(ServiceParts parts, ServiceCall call)
{
    // An answer up to here is written in one piece with its length; a longer one is streamed.
    private const int RowsInOnePiece = 4096;
    private const int StreamedPart = 1 << 16;

    private readonly string _expected = call == ServiceCall.Predict ? "application/json" : $"application/json, {StreamFormats.Lines} or {StreamFormats.Arrow}";

    public Task Handle(HttpContext http) => HttpMethods.IsPost(http.Request.Method) ? Predict(http) : parts.Errors.WrongVerb(http, "POST");

    private async Task Predict(HttpContext http)
    {
        long started = Stopwatch.GetTimestamp();
        long id = parts.Tally.NextId();
        PredictWork work = parts.Works.Get();
        int status = StatusCodes.Status200OK;
        try
        {
            work.Begin(parts.Config.Coverage, parts.Config.BatchSize);
            work.Issuer = parts.Receipts;
            if (parts.Queue.Runners > 0) parts.BeginWait(http.Request, work);
            ServedModel model = await Read(http.Request, work, id);
            using Activity? span = Traces.Predict(model, work.Rows);
            long predicting = Stopwatch.GetTimestamp();
            ValueTask predicted = call == ServiceCall.Predict ? parts.Predict(model, work, int.MaxValue, 1, http) : parts.Predict(model, work, work.BatchSize, parts.Jobs, http);
            // The answers are there already unless requests wait for their turn.
            if (!predicted.IsCompletedSuccessfully) await predicted;
            double seconds = ServiceTally.Seconds(predicting);
            parts.Tally.Inference.Add(seconds);
            parts.Tally.Answered(work.Rows, work.Unbounded);
            await Write(http, model, work, seconds, id);
            if (work.Arm is not null) parts.Exposed(work);
            parts.Log.Add(model, work, http, id);
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            status = await parts.Errors.Write(http, id, failure);
        }
        finally
        {
            parts.Works.Return(work);
        }

        parts.Tally.Finish(call, status);
        parts.Meters.Record(ServiceTally.Seconds(started));
    }

    private async ValueTask<ServedModel> Read(HttpRequest request, PredictWork work, long id)
    {
        int limit = parts.Config.MaxBodyBytes;
        RequestBody.RequireJson(request, _expected);
        RequestBody.RequireLength(request.ContentLength, limit);
        string? asked = ServiceParts.InQuery(request);
        if (request.QueryString.HasValue) StreamQuery.RequireNone(request.Query);
        PipeReader reader = request.BodyReader;
        ReadResult read = await reader.ReadAsync();
        if (read.IsCompleted && read.Buffer.IsSingleSegment && read.Buffer.Length <= limit)
        {
            try
            {
                return parts.Choose(read.Buffer.FirstSpan, asked, work, id);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
        else
        {
            int length = await RequestBody.Collect(reader, read, work.Body, limit);
            return parts.Choose(work.Body.Span(length), asked, work, id);
        }
    }

    private static ValueTask Write(HttpContext http, ServedModel model, PredictWork work, double seconds, long id)
    {
        HttpResponse response = http.Response;
        response.ContentType = "application/json";
        RequestId.Write(http, id);
        if (work.Rows > RowsInOnePiece) return Stream(response, model, work, seconds, id);
        AnswerWriter.WriteRows(model, work);
        AnswerWriter.WriteRest(model, work, seconds, id);
        response.ContentLength = work.Json.Length;
        return response.Body.WriteAsync(work.Json.Written);
    }

    private static async ValueTask Stream(HttpResponse response, ServedModel model, PredictWork work, double seconds, long id)
    {
        CancellationToken gone = response.HttpContext.RequestAborted;
        await AnswerWriter.WriteRows(model, work, async json =>
        {
            if (json.Length < StreamedPart) return;
            await response.Body.WriteAsync(json.Written, gone);
            json.Clear();
        });
        AnswerWriter.WriteRest(model, work, seconds, id);
        await response.Body.WriteAsync(work.Json.Written, gone);
    }
}

using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Ueq.Serving.Inference;

/// <summary><c>POST /v2/models/{model}[/versions/{version}]/infer</c>.</summary>
internal sealed class InferEndpoint(ServiceParts parts, InferenceCatalog catalog, InferRunner runner, ErrorAnswers errors)
{
    public const string HeaderLength = "Inference-Header-Content-Length";

    public Task Handle(HttpContext http) => HttpMethods.IsPost(http.Request.Method) ? Infer(http) : errors.WrongVerb(http, "POST");

    private async Task Infer(HttpContext http)
    {
        long started = Stopwatch.GetTimestamp();
        long id = parts.Tally.NextId();
        InferWork work = runner.Works.Get();
        AskedModel? asked = null;
        int status = StatusCodes.Status200OK;
        try
        {
            work.Begin(parts.Config.Coverage);
            if (parts.Queue.Runners > 0) parts.BeginWait(http.Request, work.Rows);
            asked = catalog.Get(Name(http, "model")!, Name(http, "version"));
            await Read(http.Request, work);
            asked = catalog.Choose(asked, Name(http, "version"), work, id);
            await Answer(asked, work, http, started, id);
        }
#pragma warning disable CA1031 // The edge: whatever happened is answered here.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            status = await errors.Write(http, id, failure);
            asked?.Model.Statistics.Failed(parts.Time.GetUtcNow(), Stopwatch.GetElapsedTime(started));
        }
        finally
        {
            runner.Works.Return(work);
        }

        parts.Tally.Finish(ServiceCall.Infer, status);
        parts.Meters.Record(ServiceTally.Seconds(started));
    }

    private async ValueTask Answer(AskedModel asked, InferWork work, HttpContext http, long started, long id)
    {
        long running = Stopwatch.GetTimestamp();
        int rows = await asked.Model.Run(work, http);
        long ran = Stopwatch.GetTimestamp();
        int json = InferWriter.Write(asked, work);
        runner.Count(asked, work, rows, started, running, ran, http, id);
        await Send(http.Response, work, json, id);
    }

    private async ValueTask Read(HttpRequest request, InferWork work)
    {
        int limit = parts.Config.MaxBodyBytes;
        int header = HeaderOf(request);
        if (header < 0) RequestBody.RequireJson(request, $"application/json, or tensors in bytes and {HeaderLength}");
        RequestBody.RequireLength(request.ContentLength, limit);
        PipeReader reader = request.BodyReader;
        ReadResult read = await reader.ReadAsync();
        if (read.IsCompleted && read.Buffer.IsSingleSegment && read.Buffer.Length <= limit)
        {
            try
            {
                Parse(read.Buffer.FirstSpan, header, work);
            }
            finally
            {
                reader.AdvanceTo(read.Buffer.End);
            }
        }
        else
        {
            int length = await RequestBody.Collect(reader, read, work.Body, limit);
            Parse(work.Body.Span(length), header, work);
        }
    }

    private static void Parse(ReadOnlySpan<byte> body, int header, InferWork work)
    {
        if (header > body.Length)
            throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"{HeaderLength}: expected at most the {body.Length} bytes of the body, got {header}"));
        if (header < 0) InferReader.Read(body, default, work);
        else InferReader.Read(body[..header], body[header..], work);
    }

    private static int HeaderOf(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(HeaderLength, out StringValues said)) return -1;
        return said.Count == 1 && int.TryParse(said[0], NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            ? length
            : throw RefusalException.BadRequest($"{HeaderLength}: expected the number of bytes of the JSON, got \"{said}\"");
    }

    private static ValueTask Send(HttpResponse response, InferWork work, int json, long id)
    {
        response.ContentType = json < 0 ? "application/json" : "application/octet-stream";
        response.ContentLength = work.Json.Length;
        RequestId.Write(response.HttpContext, id);
        if (json >= 0) response.Headers[HeaderLength] = json.ToString(CultureInfo.InvariantCulture);
        return response.Body.WriteAsync(work.Json.Written);
    }

    public static string? Name(HttpContext http, string key) => http.Request.RouteValues.TryGetValue(key, out object? value) ? value as string : null;
}

using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ueq.Serving.Streams;

/// <summary><c>POST /predict_large</c> with a stream of rows, NDJSON or Arrow, and a stream of answers in the same order.</summary>
/// <remarks>
/// Memory is bounded whatever the size of the stream: what was read is answered before more is read, so a caller must read while it
/// sends. A bad row is answered with its error and the stream goes on; one that cannot go on ends with the reason, once answers are out.
/// </remarks>
internal sealed class StreamEndpoint(ServiceParts parts)
{
    private const int MostLines = 1 << 16;

    public async Task Handle(HttpContext http)
    {
        long started = Stopwatch.GetTimestamp();
        long id = parts.Tally.NextId();
        PredictWork work = parts.Works.Get();
        int status;
        try
        {
            ServedModel model = parts.Asked(http);
            work.Begin(parts.Config.Coverage, parts.Config.BatchSize);
            work.Issuer = parts.Receipts;
            work.IsStream = true;
            StreamQuery.Read(http.Request.Query, work);
            model = parts.Experiments.Choose(ServiceParts.InQuery(http.Request), model, work, id);
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
            StreamFormat format = StreamFormats.Of(http.Request);
            IStreamRows rows = format == StreamFormat.Arrow
                ? new ArrowRows(http.Request.BodyReader, model.Schema, work, parts.Config.MaxBodyBytes, parts.Config.MaxRows)
                : new LineRows(http.Request.BodyReader, model.Schema, work, Math.Min(work.BatchSize, MostLines));
            using IStreamAnswers answers = StreamFormats.Wanted(http.Request, format) == StreamFormat.Arrow ? new ArrowAnswers(model, work) : new LineAnswers(model, work, rows.Place);
            http.Response.ContentType = answers.ContentType;
            RequestId.Write(http, id);
            StreamBatch batch = new(parts, model, work, http, id);
            // A batch's answers go out with the batch, also when they are compressed.
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            status = await (work.AnswersAfter ? AnswerAfter(http, rows, batch, answers) : Answer(http, rows, batch, answers, http.Response.Body));
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

        parts.Tally.Finish(ServiceCall.PredictLarge, status);
        parts.Meters.Record(ServiceTally.Seconds(started));
    }

    // For what stands between us and the caller and stops sending when the answer begins, as nginx does. The disk holds what memory need not.
    private static async Task<int> AnswerAfter(HttpContext http, IStreamRows rows, StreamBatch batch, IStreamAnswers answers)
    {
        using FileStream file = new(
            Path.GetTempFileName(),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        int status = await Answer(http, rows, batch, answers, file);
        http.Response.ContentLength = file.Length;
        file.Position = 0;
        await file.CopyToAsync(http.Response.Body, http.RequestAborted);
        return status;
    }

    private static async Task<int> Answer(HttpContext http, IStreamRows rows, StreamBatch batch, IStreamAnswers answers, Stream to)
    {
        int status = StatusCodes.Status200OK;
        try
        {
            while (await rows.Fill(batch, http.RequestAborted)) await Send(batch, answers, to, http.RequestAborted);
        }
        catch (RefusalException broken) when (http.Response.HasStarted)
        {
            // The status is out already: the answers say that they end here, and why.
            status = broken.Status;
            batch.Refuse(rows.Read, broken.Message);
            await Send(batch, answers, to, http.RequestAborted);
        }

        answers.End(batch);
        await to.WriteAsync(batch.Bytes.Written, http.RequestAborted);
        return status;
    }

    private static async ValueTask Send(StreamBatch batch, IStreamAnswers answers, Stream to, CancellationToken gone)
    {
        await batch.Predict();
        answers.Write(batch);
        batch.Finish();
        await to.WriteAsync(batch.Bytes.Written, gone);
        batch.Bytes.Clear();
    }
}

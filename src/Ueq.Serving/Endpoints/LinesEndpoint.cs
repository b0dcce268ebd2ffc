using System.Buffers;
using System.Diagnostics;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Ueq.Serving.Endpoints;

/// <summary><c>POST /predict_large</c> with NDJSON: a row per line in, an answer per line out, in the same order.</summary>
/// <remarks>
/// Memory is bounded whatever the size of the stream: what was read is answered before more is read, so a caller must read while it
/// sends. A bad line is answered with an error line and the stream goes on; the last line says how many there were.
/// </remarks>
internal sealed class LinesEndpoint(ServiceParts parts)
{
    private const int LongestLine = 1 << 20;
    private const int MostRows = 1 << 16;

    public async Task Handle(HttpContext http)
    {
        long started = Stopwatch.GetTimestamp();
        long id = parts.Tally.NextId();
        PredictWork work = parts.Works.Get();
        int status = StatusCodes.Status200OK;
        try
        {
            ServedModel model = parts.Asked(http);
            work.Begin(parts.Config.Coverage, parts.Config.BatchSize);
            work.Issuer = parts.Receipts;
            work.IsStream = true;
            LineQuery.Read(http.Request.Query, work);
            model = parts.Experiments.Choose(ServiceParts.InQuery(http.Request), model, work, id);
            if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;
            http.Response.ContentType = "application/x-ndjson";
            RequestId.Write(http, id);
            LineBatch batch = new(parts, model, work, Math.Min(work.BatchSize, MostRows));
            // A batch's answers go out with the batch, also when they are compressed.
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            if (work.AnswersAfter) await AnswerAfter(http, batch);
            else await Answer(http, batch, http.Response.Body);
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
    private static async Task AnswerAfter(HttpContext http, LineBatch batch)
    {
        using FileStream answers = new(
            Path.GetTempFileName(),
            new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.ReadWrite, Share = FileShare.None, Options = FileOptions.DeleteOnClose | FileOptions.Asynchronous });
        await Answer(http, batch, answers);
        http.Response.ContentLength = answers.Length;
        answers.Position = 0;
        await answers.CopyToAsync(http.Response.Body, http.RequestAborted);
    }

    private static async Task Answer(HttpContext http, LineBatch batch, Stream answers)
    {
        CancellationToken gone = http.RequestAborted;
        PipeReader reader = http.Request.BodyReader;
        bool skipping = false;
        while (true)
        {
            ReadResult read = await reader.ReadAsync(gone);
            ReadOnlySequence<byte> buffer = read.Buffer;
            LastPart last = read.IsCompleted ? LastPart.IsLast : LastPart.MoreFollows;
            while (LineReader.TryTake(ref buffer, last, out ReadOnlySequence<byte> line))
            {
                // The rest of a line that was too long.
                if (skipping) skipping = false;
                else batch.Take(line, LongestLine);
                if (batch.IsFull) await Send(http, answers, batch, gone);
            }

            if (skipping || buffer.Length > LongestLine)
            {
                if (!skipping) batch.Take(buffer, LongestLine);
                skipping = true;
                buffer = buffer.Slice(buffer.End);
            }

            reader.AdvanceTo(buffer.Start, read.Buffer.End);
            if (!batch.IsEmpty) await Send(http, answers, batch, gone);
            if (read.IsCompleted) break;
        }

        batch.End();
        await answers.WriteAsync(batch.Json.Written, gone);
    }

    private static async ValueTask Send(HttpContext http, Stream answers, LineBatch batch, CancellationToken gone)
    {
        await batch.Answer(http);
        await answers.WriteAsync(batch.Json.Written, gone);
        batch.Json.Clear();
    }
}

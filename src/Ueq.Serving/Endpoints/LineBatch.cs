using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Endpoints;

/// <summary>The lines of an NDJSON stream that are predicted together.</summary>
internal sealed class LineBatch(ServiceParts parts, ServedModel model, PredictWork work, int size)
{
    // One per line of the batch, in order: null for a row, else what is wrong with the line.
    private readonly List<(long Line, string? Error)> _lines = [];
    private long _line, _rows, _errors;
    private bool _isCounted;

    public JsonBytes Json => work.Json;

    public bool IsEmpty => _lines.Count == 0;

    public bool IsFull => _lines.Count >= size;

    public void Take(ReadOnlySequence<byte> line, int longest)
    {
        _line++;
        if (line.Length > longest)
        {
            Fail(string.Create(CultureInfo.InvariantCulture, $"$: expected a line of at most {longest} bytes"));
            return;
        }

        if (line.IsSingleSegment)
        {
            Take(line.FirstSpan);
            return;
        }

        int length = (int)line.Length;
        work.Body.Reserve(length);
        line.CopyTo(work.Body.Span(length));
        Take(work.Body.Span(length));
    }

    /// <summary>Predicts the batch, writes a line for each of its lines and empties it.</summary>
    public async ValueTask Answer(HttpContext http)
    {
        await Predict(http);
        int row = 0;
        foreach ((long line, string? error) in _lines)
        {
            if (error is null)
            {
                AnswerWriter.WriteLine(model, work, row++);
                Json.Raw("\n"u8);
                _rows++;
            }
            else
            {
                // The row of a line the model failed on has its place among the rows.
                if (error == ModelFailed) row++;
                WriteError(line, error);
            }
        }

        Expose();
        _lines.Clear();
        work.Rows = 0;
        work.Groups.Clear();
    }

    // A stream is one request, however many batches it has.
    private void Expose()
    {
        if (work.Arm is not { } arm || work.Rows == 0) return;
        if (_isCounted) arm.Tally.CountMore(work.Rows);
        else arm.Tally.Count(work);
        _isCounted = true;
        if (arm.Shadow is not null) parts.Shadows.Take(work);
    }

    /// <summary>The line that says how it went.</summary>
    public void End()
    {
        Json.Raw(_errors == 0 ? "{\"status\":\"success\",\"rows\":"u8 : "{\"status\":\"partial\",\"rows\":"u8);
        Json.Number(_rows);
        Json.Raw(",\"errors\":"u8);
        Json.Number(_errors);
        if (work.Arm is { } arm)
        {
            if (arm.SaysModel) Json.Raw(model.Said);
            Json.Raw(arm.Said);
        }

        Json.Raw("}\n"u8);
    }

    private const string ModelFailed = "the model failed on this row";

    private void Take(ReadOnlySpan<byte> line)
    {
        if (_line == 1 && line.StartsWith(PredictReader.ByteOrderMark)) line = line[PredictReader.ByteOrderMark.Length..];
        if (LineReader.IsBlank(line)) return;
        int width = model.Schema.Width;
        work.Features.Reserve((work.Rows + 1) * width);
        try
        {
            LineReader.Read(line, model.Schema, work.Features.Span((work.Rows + 1) * width)[(work.Rows * width)..], work.Groups, work.Rows);
            work.Rows++;
            _lines.Add((_line, null));
        }
        catch (RefusalException refusal)
        {
            work.Groups.Cut(work.Rows);
            Fail(refusal.Message);
        }
    }

    private void Fail(string error) => _lines.Add((_line, error));

    private void WriteError(long line, string error)
    {
        _errors++;
        Json.Raw("{\"error\":"u8);
        Json.Text(error);
        Json.Raw(",\"line\":"u8);
        Json.Number(line);
        Json.Raw("}\n"u8);
    }

    private async ValueTask Predict(HttpContext http)
    {
        if (work.Rows == 0) return;
        long started = Stopwatch.GetTimestamp();
        int failed = 0;
        try
        {
            await parts.Predict(model, work, int.MaxValue, 1, http);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // A row the model fails on fails alone.
        catch (Exception)
#pragma warning restore CA1031
        {
            failed = PredictOneByOne();
        }

        parts.Tally.Inference.Add(ServiceTally.Seconds(started));
        parts.Tally.Answered(work.Rows - failed, work.Unbounded);
    }

    private int PredictOneByOne()
    {
        int failed = 0, row = 0;
        for (int i = 0; i < _lines.Count; i++)
        {
            if (_lines[i].Error is not null) continue;
            try
            {
                Prediction.RunOne(model, work, row++);
            }
#pragma warning disable CA1031 // As above.
            catch (Exception)
#pragma warning restore CA1031
            {
                _lines[i] = (_lines[i].Line, ModelFailed);
                failed++;
            }
        }

        return failed;
    }
}

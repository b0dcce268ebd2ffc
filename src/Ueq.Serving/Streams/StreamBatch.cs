using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Streams;

/// <summary>The rows of a stream that are predicted together, among them those that are none.</summary>
internal sealed class StreamBatch(ServiceParts parts, ServedModel model, PredictWork work, HttpContext http, long id)
{
    private const string ModelFailed = "the model failed on this row";

    // The place of every entry, and in order of entries what is wrong with those that are no rows.
    private readonly List<long> _places = [];
    private List<RowFault> _faults = [];
    private bool _isCounted;

    public JsonBytes Bytes => work.Json;

    /// <summary>Rows, and entries that are none.</summary>
    public int Count => _places.Count;

    public IReadOnlyList<RowFault> Faults => _faults;

    /// <summary>Rows of the whole stream that were answered.</summary>
    public long Answered { get; private set; }

    /// <summary>Entries of the whole stream that have an error.</summary>
    public long Failed { get; private set; }

    /// <summary>Takes the row whose features stand behind those of the others.</summary>
    public void Add(long place)
    {
        work.Rows++;
        _places.Add(place);
    }

    /// <summary>Takes an entry that is no row.</summary>
    public void Refuse(long place, string error)
    {
        _faults.Add(new RowFault(_places.Count, place, error));
        _places.Add(place);
    }

    /// <summary>Says which of the work's rows each entry is; −1 of one that has no answer.</summary>
    public void Rows(Span<int> rows)
    {
        int row = 0, fault = 0;
        for (int entry = 0; entry < rows.Length; entry++)
        {
            bool isFault = fault < _faults.Count && _faults[fault].Entry == entry;
            rows[entry] = isFault ? -1 : row;
            // A row that the model failed on has its place among the rows.
            if (!isFault || _faults[fault].Error == ModelFailed) row++;
            if (isFault) fault++;
        }
    }

    public async ValueTask Predict()
    {
        if (work.Rows == 0) return;
        long started = Stopwatch.GetTimestamp();
        int failed = 0;
        try
        {
            await parts.Predict(model, work, work.BatchSize, parts.Jobs, http);
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

    /// <summary>Counts what was answered and empties the batch.</summary>
    public void Finish()
    {
        Expose();
        if (parts.Log.IsOn) Tell();
        Answered += Count - _faults.Count;
        Failed += _faults.Count;
        _places.Clear();
        _faults.Clear();
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

    // A row that the model failed on has its place among the rows, but no answer.
    private void Tell()
    {
        int[] rows = new int[Count];
        Rows(rows);
        for (int end = 0; end < rows.Length;)
        {
            int start = end;
            while (end < rows.Length && rows[end] >= 0) end++;
            if (end > start) parts.Log.Add(model, work, http, id, Answered + Failed + start, rows[start], end - start);
            else end++;
        }
    }

    private int PredictOneByOne()
    {
        int[] rows = new int[Count];
        Rows(rows);
        List<RowFault> faults = [];
        int failed = 0, known = 0;
        for (int entry = 0; entry < rows.Length; entry++)
        {
            if (rows[entry] < 0)
            {
                faults.Add(_faults[known++]);
                continue;
            }

            try
            {
                Prediction.RunOne(model, work, rows[entry]);
            }
#pragma warning disable CA1031 // As above.
            catch (Exception)
#pragma warning restore CA1031
            {
                faults.Add(new RowFault(entry, _places[entry], ModelFailed));
                failed++;
            }
        }

        _faults = faults;
        return failed;
    }
}

/// <summary>What is wrong with an entry of a batch.</summary>
/// <param name="Entry">Number of the entry in its batch, from 0.</param>
/// <param name="Place">Where it stands in the stream.</param>
/// <param name="Error">The words for the caller.</param>
internal readonly record struct RowFault(int Entry, long Place, string Error);

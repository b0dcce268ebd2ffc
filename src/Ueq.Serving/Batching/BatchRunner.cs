namespace Ueq.Serving.Batching;

/// <summary>A thread that takes what waits and predicts it.</summary>
internal sealed class BatchRunner(PredictionQueue queue)
{
    private readonly PredictWork _batch = new();
    private readonly List<Waiting> _taken = [];

    /// <summary>Works until the queue ends.</summary>
    public void Work()
    {
        while (queue.Take(_taken))
        {
            Answer();
            _taken.Clear();
            _batch.Trim();
        }
    }

    private void Answer()
    {
        if (_taken.Count > 1 && TryTogether(_taken[0].Model)) return;
        foreach (Waiting request in _taken) Alone(request);
    }

    private static void Alone(Waiting request)
    {
        try
        {
            Prediction.Run(request.Model, request.Work, request.BatchSize, request.Jobs, request.Cancelled);
        }
#pragma warning disable CA1031 // It is the caller's to see.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            request.Fail(failure);
            return;
        }

        request.Succeed();
    }

    // Nobody is told anything before all rows have their answers: one row may spoil the batch, and then each request is asked alone.
    private bool TryTogether(ServedModel model)
    {
        try
        {
            Gather(model);
            Prediction.Compute(model, _batch);
            int start = 0;
            foreach (Waiting request in _taken)
            {
                Prediction.Copy(model, _batch, start, request.Work);
                start += request.Work.Rows;
            }
        }
#pragma warning disable CA1031 // Whoever sent the row is told when it is asked alone.
        catch (Exception)
#pragma warning restore CA1031
        {
            queue.CountSplit(model);
            return false;
        }

        foreach (Waiting request in _taken)
        {
            Prediction.Finish(model, request.Work);
            request.Succeed();
        }

        return true;
    }

    private void Gather(ServedModel model)
    {
        int width = model.Schema.Width, rows = 0;
        foreach (Waiting request in _taken) rows += request.Work.Rows;
        _batch.Begin(_taken[0].Work.Coverage, rows);
        _batch.Level = _taken[0].Work.Level;
        _batch.Features.Reserve(rows * width);
        _batch.Rows = rows;
        int at = 0;
        foreach (Waiting request in _taken)
        {
            int values = request.Work.Rows * width;
            request.Work.Features.Span(values).CopyTo(_batch.Features.Span(rows * width)[at..]);
            at += values;
        }
    }
}

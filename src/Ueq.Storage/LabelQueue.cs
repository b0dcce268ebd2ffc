namespace Ueq.Storage;

/// <summary>Labels on their way to the ledger: those that wait while a transaction runs share the next one.</summary>
internal sealed class LabelQueue(Func<IReadOnlyList<LabelRecord>, Task<bool[]>> append)
{
    private const int MostRows = 20_000;

    private readonly Lock _gate = new();
    private readonly Queue<Waiting> _waiting = new();
    private Task _running = Task.CompletedTask;
    private bool _draining;

    public Task<IReadOnlyList<bool>> AddAsync(IReadOnlyList<LabelRecord> labels)
    {
        Waiting mine = new(labels, new TaskCompletionSource<IReadOnlyList<bool>>(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            _waiting.Enqueue(mine);
            if (!_draining)
            {
                _draining = true;
                _running = Task.Run(Drain);
            }
        }

        return mine.Done.Task;
    }

    /// <summary>Ends when all that was added is written or has failed.</summary>
    public Task EndAsync()
    {
        lock (_gate) return _running;
    }

    private async Task Drain()
    {
        List<Waiting> together = [];
        while (true)
        {
            together.Clear();
            lock (_gate)
            {
                for (int rows = 0; _waiting.TryPeek(out Waiting? next) && (rows == 0 || rows + next.Labels.Count <= MostRows); rows += next.Labels.Count)
                    together.Add(_waiting.Dequeue());
                if (together.Count == 0)
                {
                    _draining = false;
                    return;
                }
            }

            await Write(together);
        }
    }

    private async Task Write(List<Waiting> together)
    {
        try
        {
            IReadOnlyList<LabelRecord> all = together.Count == 1 ? together[0].Labels : [.. together.SelectMany(w => w.Labels)];
            bool[] isNew = await append(all);
            int start = 0;
            foreach (Waiting waiting in together)
            {
                waiting.Done.SetResult(isNew[start..(start + waiting.Labels.Count)]);
                start += waiting.Labels.Count;
            }
        }
#pragma warning disable CA1031 // Whoever waits is told.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            foreach (Waiting waiting in together) waiting.Done.TrySetException(failure);
        }
    }

    private sealed record Waiting(IReadOnlyList<LabelRecord> Labels, TaskCompletionSource<IReadOnlyList<bool>> Done);
}

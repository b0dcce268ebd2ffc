using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>One served model as the ledger of labels is followed for it.</summary>
/// <remarks>
/// The monitors know the number of the last label they contain, and are saved with it. After a restart the ledger is read from there,
/// so no label is lost and none counts twice, whenever the process ended.
/// </remarks>
internal sealed partial class FollowedModel(ServedModel model, StoreKeeper keeper, IncidentDesk desk, LabelLane lane, UeqServiceConfig config, ILogger log)
{
    private const string CoveragePart = "coverage";
    private const string ReceiptsPart = "receipts";
    private const string OnlinePart = "online";
    private const int Together = 1024;

    private readonly Queue<SignalTransition> _steps = new();
    private long _savedSequence, _savedOnline;

    public ServedModel Model => model;

    /// <summary>Has the monitors take what the ledger has beyond what they contain.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async Task FollowAsync(CancellationToken stop)
    {
        List<StoredLabel> some = new(Together);
        if (model.Online is { } levels && await keeper.UseAsync(store => store.LoadStateAsync(model.Name, model.Key, OnlineLevels.ResetPart, stop)) is { } reset) levels.Begin(reset);
        long after = Math.Min(Math.Min(model.Coverage.Sequence, model.Monitor.ScoredSequence), model.Online?.Sequence ?? long.MaxValue);
        await keeper.UseAsync(async store =>
        {
            await foreach (StoredLabel label in store.ReadLabelsAsync(model.Name, model.Key, after, stop))
            {
                some.Add(label);
                if (some.Count == Together) await lane.Do(() => Take(some));
            }

            return 0;
        });
        await lane.Do(() => Take(some));
        model.Online?.Follow();
        await TellAsync(stop);
        if (model.Coverage.ReadAlarm() is { } lost) await desk.ObserveAsync(model.Name, model.Version.Digest, [lost], stop);
    }

    /// <exception cref="IOException">The store failed.</exception>
    public async Task SaveAsync()
    {
        if (keeper.Options.IsMemory) return;
        // What ends between this and the saving is told again, and its incident knows it.
        await TellAsync(CancellationToken.None);
        (byte[] state, long sequence) = model.Coverage.Save();
        await keeper.UseAsync(async store =>
        {
            if (model.Online is { } levels && levels.Sequence != _savedOnline)
            {
                (byte[] learned, long upTo) = levels.Save();
                await store.SaveStateAsync(model.Name, model.Key, OnlinePart, learned, upTo, CancellationToken.None);
                _savedOnline = upTo;
            }

            if (sequence != _savedSequence) await store.SaveStateAsync(model.Name, model.Key, CoveragePart, state, sequence, CancellationToken.None);
            // One part for all replicas: each adds what the others know, and a write that comes between is made good by the next.
            if (await store.LoadStateAsync(model.Name, model.Key, ReceiptsPart, CancellationToken.None) is { } stored) Merge(stored);
            using MemoryStream receipts = new();
            model.Coverage.Receipts.Save(receipts);
            await store.SaveStateAsync(model.Name, model.Key, ReceiptsPart, receipts.ToArray(), 0, CancellationToken.None);
            return 0;
        });
        _savedSequence = sequence;
    }

    /// <exception cref="IOException">The store failed.</exception>
    public async Task RestoreAsync(CancellationToken stop)
    {
        (StoredState? coverage, StoredState? receipts, StoredState? learned) = await keeper.UseAsync(async store => (
            await store.LoadStateAsync(model.Name, model.Key, CoveragePart, stop),
            await store.LoadStateAsync(model.Name, model.Key, ReceiptsPart, stop),
            model.Online is null ? null : await store.LoadStateAsync(model.Name, model.Key, OnlinePart, stop)));
        if (learned is not null) Resume(learned);
        if (receipts is not null) Merge(receipts);
        if (coverage is null) return;
        try
        {
            model.Coverage.Restore(coverage.State);
            _savedSequence = model.Coverage.Sequence;
        }
        catch (InvalidDataException problem)
        {
            // The ledger has it all; only labels that it has forgotten are gone.
            Anew(log, model.Key, problem.Message);
        }
    }

    private bool Take(List<StoredLabel> labels)
    {
        if (labels.Count == 0) return false;
        foreach (SignalTransition step in model.Coverage.Add(labels)) _steps.Enqueue(step);
        model.Monitor.AddScores(labels, config.Coverage.Value);
        model.Online?.Add(labels);
        labels.Clear();
        return true;
    }

    private async Task TellAsync(CancellationToken stop)
    {
        while (_steps.TryPeek(out SignalTransition? step))
        {
            await desk.TakeAsync(model.Name, model.Version.Digest, step, stop);
            _steps.Dequeue();
        }
    }

    private void Resume(StoredState learned)
    {
        try
        {
            model.Online!.Restore(learned.State);
            _savedOnline = model.Online.Sequence;
        }
        catch (InvalidDataException problem)
        {
            Anew(log, model.Key, problem.Message);
        }
    }

    private void Merge(StoredState stored)
    {
        try
        {
            using MemoryStream state = new(stored.State.ToArray());
            model.Coverage.Receipts.Merge(ReceiptCounts.Restore(state, config.Replica));
        }
        catch (InvalidDataException problem)
        {
            Anew(log, model.Key, problem.Message);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "What labels have shown of version {Version} is counted anew from the ledger, because its saved state cannot be used: {Problem}")]
    private static partial void Anew(ILogger log, string version, string problem);
}

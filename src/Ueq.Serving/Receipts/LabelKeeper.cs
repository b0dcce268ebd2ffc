using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Receipts;

/// <summary>Follows the ledger: what is written there, by this process or another, reaches the monitors in its order, once.</summary>
/// <remarks>
/// The monitors know the number of the last label they contain, and are saved with it. After a restart the ledger is read from there,
/// so no label is lost and none counts twice, whenever the process ended.
/// </remarks>
internal sealed partial class LabelKeeper(StoreKeeper keeper, ModelSlot slot, UeqServiceConfig config, TimeProvider time, ILogger<LabelKeeper> log) : BackgroundService
{
    private const string CoveragePart = "coverage";
    private const string ReceiptsPart = "receipts";
    private const int Together = 1024;

    // Labels of other replicas wake nobody here.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2), SaveEvery = TimeSpan.FromSeconds(10), ForgetEvery = TimeSpan.FromHours(6);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private ServedModel? _followed;
    private SignalState _state;
    private long _savedAt, _savedSequence, _forgottenAt;

    /// <summary>Has the ledger read now.</summary>
    public void Wake()
    {
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or has ended.
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        keeper.Begin();
        while (!stoppingToken.IsCancellationRequested)
        {
            await TurnAsync(stoppingToken);
            try
            {
                await _wake.WaitAsync(Tick, stoppingToken);
            }
            catch (OperationCanceledException)
            {
                break;
            }
        }

        await TurnAsync(CancellationToken.None);
        if (_followed is not null) await Guarded(() => SaveAsync(_followed));
    }

    private Task TurnAsync(CancellationToken stop) => keeper.Opened.IsCompletedSuccessfully
        ? Guarded(async () =>
        {
            ServedModel model = slot.Current;
            if (!ReferenceEquals(model, _followed))
            {
                if (_followed is not null) await SaveAsync(_followed);
                await RestoreAsync(model, stop);
                _followed = model;
            }

            await FollowAsync(model, stop);
            if (time.GetElapsedTime(_savedAt) >= SaveEvery) await SaveAsync(model);
            if (_forgottenAt == 0 || time.GetElapsedTime(_forgottenAt) >= ForgetEvery) await ForgetAsync(stop);
        })
        : Task.CompletedTask;

    private async Task FollowAsync(ServedModel model, CancellationToken stop)
    {
        List<StoredLabel> some = new(Together);
        long after = Math.Min(model.Coverage.Sequence, model.Monitor.ScoredSequence);
        await keeper.UseAsync(async store =>
        {
            await foreach (StoredLabel label in store.ReadLabelsAsync(model.Name, model.Key, after, stop))
            {
                some.Add(label);
                if (some.Count == Together) Take(model, some);
            }

            return 0;
        });
        Take(model, some);
    }

    private void Take(ServedModel model, List<StoredLabel> labels)
    {
        if (labels.Count == 0) return;
        model.Coverage.Add(labels);
        double watched = config.Coverage.Value;
        foreach (StoredLabel label in labels)
        {
            // The reference's scores are of the configured coverage; those of another do not compare.
            ReadOnlySpan<double> score = label.Label.Coverage == watched ? [label.Label.Score] : [];
            model.Monitor.AddScores(score, label.Sequence, label.Label.ArrivedAt);
        }

        labels.Clear();
        CoverageReading reading = model.Coverage.Read(time.GetUtcNow());
        if (reading.State == _state) return;
        if (reading.State == SignalState.Alarm)
            Lost(log, model.Key, reading.Coverage.Covered, reading.Tolerance.Nominal.Value, reading.Coverage.Labels, 1 - reading.Tolerance.LargestMiss);
        else if (_state == SignalState.Alarm)
            Ended(log, model.Key, reading.State);
        _state = reading.State;
    }

    private async Task SaveAsync(ServedModel model)
    {
        _savedAt = time.GetTimestamp();
        if (keeper.Options.IsMemory) return;
        (byte[] state, long sequence) = model.Coverage.Save();
        await keeper.UseAsync(async store =>
        {
            if (sequence != _savedSequence) await store.SaveStateAsync(model.Name, model.Key, CoveragePart, state, sequence, CancellationToken.None);
            // One part for all replicas: each adds what the others know, and a write that comes between is made good by the next.
            if (await store.LoadStateAsync(model.Name, model.Key, ReceiptsPart, CancellationToken.None) is { } stored) Merge(model, stored);
            using MemoryStream receipts = new();
            model.Coverage.Receipts.Save(receipts);
            await store.SaveStateAsync(model.Name, model.Key, ReceiptsPart, receipts.ToArray(), 0, CancellationToken.None);
            return 0;
        });
        _savedSequence = sequence;
    }

    private async Task RestoreAsync(ServedModel model, CancellationToken stop)
    {
        (StoredState? coverage, StoredState? receipts) = await keeper.UseAsync(async store => (
            await store.LoadStateAsync(model.Name, model.Key, CoveragePart, stop),
            await store.LoadStateAsync(model.Name, model.Key, ReceiptsPart, stop)));
        _savedSequence = 0;
        if (receipts is not null) Merge(model, receipts);
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

    private void Merge(ServedModel model, StoredState stored)
    {
        try
        {
            using MemoryStream state = new(stored.State.ToArray());
            model.Coverage.Receipts.Merge(ReceiptCounts.Restore(state, Environment.MachineName));
        }
        catch (InvalidDataException problem)
        {
            Anew(log, model.Key, problem.Message);
        }
    }

    private async Task ForgetAsync(CancellationToken stop)
    {
        _forgottenAt = time.GetTimestamp();
        // A day more than receipts live, so that none of them can count again whatever the clocks of replicas say.
        DateTimeOffset before = time.GetUtcNow() - TimeSpan.FromDays(config.ReceiptTtlDays + 1);
        await keeper.UseAsync(store => store.ForgetLabelsAsync(before, stop));
    }

    private async Task Guarded(Func<Task> turn)
    {
        try
        {
            await turn();
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or InvalidDataException)
        {
            // Counted and logged by the keeper of the store; the next turn tries again.
        }
#pragma warning disable CA1031 // A defect here must not end the following, and with it the service.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failed(log, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Coverage is lost: version {Version} covers {Covered:0.###} of {Labels} labels where {Nominal} is promised and {Tolerated:0.###} is tolerated")]
    private static partial void Lost(ILogger log, string version, double covered, double nominal, long labels, double tolerated);

    [LoggerMessage(Level = LogLevel.Information, Message = "The coverage alarm of version {Version} has ended: {State}")]
    private static partial void Ended(ILogger log, string version, SignalState state);

    [LoggerMessage(Level = LogLevel.Warning, Message = "What labels have shown of version {Version} is counted anew from the ledger, because its saved state cannot be used: {Problem}")]
    private static partial void Anew(ILogger log, string version, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the ledger of labels failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception failure);
}

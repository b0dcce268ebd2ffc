using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Ueq.Serving.Receipts;

/// <summary>Follows the ledger: what is written there, by this process or another, reaches the monitors in its order, once.</summary>
internal sealed partial class LabelKeeper(StoreKeeper keeper, ModelCatalog models, IncidentDesk desk, LabelLane lane, UeqServiceConfig config, TimeProvider time, ILogger<LabelKeeper> log)
    : BackgroundService
{
    // Labels of other replicas wake nobody here.
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(2), SaveEvery = TimeSpan.FromSeconds(10), ForgetEvery = TimeSpan.FromHours(6);

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly List<FollowedModel> _followed = [];
    private long _savedAt, _forgottenAt;

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
        await OpenAsync(stoppingToken);
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
        await Guarded(SaveAsync);
    }

    // What labels have taught is needed from the first request on, so no tick is waited for.
    private async Task OpenAsync(CancellationToken stop)
    {
        try
        {
            await keeper.Opened.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            // It ends before its store was there.
        }
    }

    private Task TurnAsync(CancellationToken stop) => keeper.Opened.IsCompletedSuccessfully
        ? Guarded(async () =>
        {
            await FollowServedAsync(stop);
            foreach (FollowedModel followed in _followed) await followed.FollowAsync(stop);
            if (time.GetElapsedTime(_savedAt) >= SaveEvery) await SaveAsync();
            if (_forgottenAt == 0 || time.GetElapsedTime(_forgottenAt) >= ForgetEvery) await ForgetAsync(stop);
        })
        : Task.CompletedTask;

    private async Task FollowServedAsync(CancellationToken stop)
    {
        IReadOnlyList<ServedModel> served = models.Models;
        foreach (FollowedModel gone in _followed.Where(f => !served.Contains(f.Model)).ToArray())
        {
            await gone.SaveAsync();
            _followed.Remove(gone);
        }

        foreach (ServedModel model in served)
        {
            if (_followed.Any(f => ReferenceEquals(f.Model, model))) continue;
            FollowedModel followed = new(model, keeper, desk, lane, config, log);
            await followed.RestoreAsync(stop);
            _followed.Add(followed);
        }
    }

    private async Task SaveAsync()
    {
        _savedAt = time.GetTimestamp();
        foreach (FollowedModel followed in _followed) await followed.SaveAsync();
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

    [LoggerMessage(Level = LogLevel.Error, Message = "Following the ledger of labels failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception failure);
}

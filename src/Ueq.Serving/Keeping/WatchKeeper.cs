using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Monitoring;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>Keeps the watch of the served model over restarts, and hands its steps to the incidents: all in the background.</summary>
/// <remarks>
/// A state is only saved after the incidents of all steps that it includes: what ends in between is told again, and an incident knows what
/// it was told before.
/// </remarks>
internal sealed partial class WatchKeeper : BackgroundService
{
    private const int MostSteps = 100_000;
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1), LastWait = TimeSpan.FromSeconds(5);

    private readonly StoreKeeper _keeper;
    private readonly IncidentDesk _desk;
    private readonly ModelSlot _slot;
    private readonly TimeProvider _time;
    private readonly ILogger<WatchKeeper> _log;
    private readonly TimeSpan _pause;
    private readonly string _part;
    private readonly ConcurrentQueue<(ServedModel Model, SignalTransition Step)> _steps = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _one = new(1);
    private ServedModel? _kept;
    private byte[] _saved = [];
    private long _savedAt;
    private int _changed;

    public WatchKeeper(StoreKeeper keeper, IncidentDesk desk, ModelSlot slot, UeqServiceConfig config, TimeProvider time, ILogger<WatchKeeper> log)
    {
        _keeper = keeper;
        _desk = desk;
        _slot = slot;
        _time = time;
        _log = log;
        _pause = TimeSpan.FromSeconds(config.StateSaveSeconds);
        // Replicas that share a server see different rows: each keeps its own watch.
        _part = keeper.Options.IsServer ? $"watch@{Environment.MachineName}" : "watch";
        Attach(slot.Current);
        slot.Changing = Attach;
    }

    /// <summary>Saves now, for what somebody has just changed.</summary>
    /// <exception cref="IOException">The store failed.</exception>
    public async Task SaveAsync(CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await KeepCurrentAsync(cancellation);
            Interlocked.Exchange(ref _changed, 1);
            await SaveAsync(_slot.Current, cancellation);
        }
        finally
        {
            _one.Release();
        }
    }

    /// <summary>Does something while no step is taken and nothing is saved.</summary>
    public async Task<T> HoldAsync<T>(Func<Task<T>> work, CancellationToken cancellation)
    {
        await _one.WaitAsync(cancellation);
        try
        {
            await KeepCurrentAsync(cancellation);
            return await work();
        }
        finally
        {
            _one.Release();
        }
    }

    public override void Dispose()
    {
        _wake.Dispose();
        _one.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await OpenedAsync(stoppingToken);
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

        // A service that is stopped right after its start still keeps what it saw.
        using CancellationTokenSource limit = new(LastWait);
        if (_keeper.Trouble is null) await OpenedAsync(limit.Token);
        await _slot.Current.Monitor.SettleAsync();
        Interlocked.Exchange(ref _changed, 1);
        await TurnAsync(CancellationToken.None);
    }

    private async Task OpenedAsync(CancellationToken enough)
    {
        try
        {
            await _keeper.Opened.WaitAsync(enough);
        }
        catch (OperationCanceledException)
        {
            // Not yet, or never.
        }
    }

    private void Attach(ServedModel model) => model.Monitor.OnTransition = step =>
    {
        if (_steps.Count < MostSteps) _steps.Enqueue((model, step));
        Interlocked.Exchange(ref _changed, 1);
        try
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
        catch (Exception e) when (e is SemaphoreFullException or ObjectDisposedException)
        {
            // It is awake, or has ended.
        }
    };

    private async Task TurnAsync(CancellationToken stop)
    {
        if (!_keeper.Opened.IsCompletedSuccessfully) return;
        await _one.WaitAsync(stop.IsCancellationRequested ? CancellationToken.None : stop);
        try
        {
            ServedModel model = await KeepCurrentAsync(stop);
            bool isDue = _time.GetElapsedTime(_savedAt) >= _pause;
            if (Volatile.Read(ref _changed) == 0 && !isDue) return;
            if (isDue)
            {
                model.Monitor.Use(watch =>
                {
                    watch.Tick(_time.GetLocalNow());
                    return 0;
                });
                await _desk.ObserveAsync(model.Name, model.Version.Digest, model.Monitor.ReadAlarms(), stop);
            }

            await SaveAsync(model, stop);
        }
        catch (OperationCanceledException)
        {
            // The last turn follows.
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            // Counted and logged by the keeper; the next turn tries again.
        }
#pragma warning disable CA1031 // A defect here must not end the keeping, and with it the service.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Failed(_log, failure);
        }
        finally
        {
            _one.Release();
        }
    }

    // Before a model's saved state is restored nothing may be saved over it.
    private async Task<ServedModel> KeepCurrentAsync(CancellationToken cancellation)
    {
        ServedModel model = _slot.Current;
        if (ReferenceEquals(model, _kept)) return model;
        if (_kept is { } before) await SaveAsync(before, cancellation);
        await RestoreAsync(model, cancellation);
        _kept = model;
        return model;
    }

    private async Task SaveAsync(ServedModel model, CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _changed, 0);
        (byte[]? state, long scored) = model.Monitor.Use<(byte[]?, long)>(watch =>
        {
            using MemoryStream saved = new();
            watch.Save(saved);
            long sequence = model.Monitor.ScoredSequence;
            return (saved.ToArray(), sequence == long.MaxValue ? 0 : sequence);
        });
        try
        {
            while (_steps.TryPeek(out (ServedModel Model, SignalTransition Step) next))
            {
                await _desk.TakeAsync(next.Model.Name, next.Model.Version.Digest, next.Step, cancellation);
                _steps.TryDequeue(out _);
            }

            await _desk.RefreshAsync(cancellation);
            if (state is not null && !_keeper.Options.IsMemory && !state.AsSpan().SequenceEqual(_saved))
            {
                await _keeper.UseAsync(async store =>
                {
                    await store.SaveStateAsync(model.Name, model.Version.Digest, _part, state, scored, cancellation);
                    return 0;
                });
                _saved = state;
            }

            _savedAt = _time.GetTimestamp();
        }
        catch
        {
            Interlocked.Exchange(ref _changed, 1);
            throw;
        }
    }

    private async Task RestoreAsync(ServedModel model, CancellationToken cancellation)
    {
        long scored = 0;
        StoredState? stored = await _keeper.UseAsync(store => store.LoadStateAsync(model.Name, model.Version.Digest, _part, cancellation));
        if (stored is not null && model.Monitor.Use(watch => watch.Reference) is { } reference)
        {
            try
            {
                using MemoryStream state = new(stored.State.ToArray());
                model.Monitor.Resume(ModelWatch.Restore(state, reference, model.Monitor.Options));
                scored = stored.LabelSequence;
            }
            catch (Exception failure) when (failure is InvalidDataException or ArgumentException)
            {
                NotRestored(_log, model.Name, model.Version.Digest, failure.Message);
            }
        }

        model.Monitor.TakeScoresAfter(scored);
        await _desk.RefreshAsync(cancellation);
        foreach (WatchedSignal signal in model.Monitor.ReadAlarms())
            if (signal.LastAlarm is { } alarm) await _desk.TakeAsync(model.Name, model.Version.Digest, alarm, cancellation);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The monitor of model {Model}, version {Version}, begins anew, because its saved state cannot be used: {Problem}")]
    private static partial void NotRestored(ILogger log, string model, string version, string problem);

    [LoggerMessage(Level = LogLevel.Error, Message = "Keeping the monitor's state failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception failure);
}

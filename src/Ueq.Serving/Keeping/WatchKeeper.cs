using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Ueq.Monitoring;

namespace Ueq.Serving.Keeping;

/// <summary>Keeps the watches of the served models over restarts, and hands its steps to the incidents: all in the background.</summary>
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
    private readonly ModelCatalog _models;
    private readonly TimeProvider _time;
    private readonly ILogger<WatchKeeper> _log;
    private readonly TimeSpan _pause;
    private readonly string _part;
    private readonly ConcurrentQueue<(ServedModel Model, SignalTransition Step)> _steps = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _one = new(1);
    private readonly List<KeptWatch> _kept = [];
    private long _savedAt;
    private int _changed;

    public WatchKeeper(StoreKeeper keeper, IncidentDesk desk, ModelCatalog models, UeqServiceConfig config, TimeProvider time, ILogger<WatchKeeper> log)
    {
        _keeper = keeper;
        _desk = desk;
        _models = models;
        _time = time;
        _log = log;
        _pause = TimeSpan.FromSeconds(config.StateSaveSeconds);
        // Replicas that share a server see different rows: each keeps its own watch.
        _part = keeper.Options.IsServer ? $"watch@{config.Replica}" : "watch";
        foreach (ServedModel model in models.Models) Attach(model);
        models.Adding = Attach;
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
            await SaveAllAsync(cancellation);
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
        foreach (ServedModel model in _models.Models) await model.Monitor.SettleAsync();
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
            await KeepCurrentAsync(stop);
            bool isDue = _time.GetElapsedTime(_savedAt) >= _pause;
            if (Volatile.Read(ref _changed) == 0 && !isDue) return;
            if (isDue) await ObserveAsync(stop);
            await SaveAllAsync(stop);
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

    private async Task ObserveAsync(CancellationToken stop)
    {
        foreach (KeptWatch kept in _kept)
        {
            ServedModel model = kept.Model;
            model.Monitor.Use(watch =>
            {
                watch.Tick(_time.GetLocalNow());
                return 0;
            });
            await _desk.ObserveAsync(model.Name, model.Version.Digest, model.Monitor.ReadAlarms(), stop);
        }
    }

    // Before a model's saved state is restored nothing may be saved over it; what is served no longer is saved a last time.
    private async Task KeepCurrentAsync(CancellationToken cancellation)
    {
        IReadOnlyList<ServedModel> served = _models.Models;
        if (_kept.Any(k => !served.Contains(k.Model)))
        {
            await SaveAllAsync(cancellation);
            _kept.RemoveAll(k => !served.Contains(k.Model));
        }

        foreach (ServedModel model in served)
        {
            if (_kept.Any(k => ReferenceEquals(k.Model, model))) continue;
            KeptWatch kept = new(model, _keeper, _part, _log);
            await kept.RestoreAsync(cancellation);
            await _desk.RefreshAsync(cancellation);
            foreach (WatchedSignal signal in model.Monitor.ReadAlarms())
                if (signal.LastAlarm is { } alarm) await _desk.TakeAsync(model.Name, model.Version.Digest, alarm, cancellation);
            _kept.Add(kept);
        }
    }

    private async Task SaveAllAsync(CancellationToken cancellation)
    {
        Interlocked.Exchange(ref _changed, 0);
        try
        {
            List<(KeptWatch Kept, (byte[], long)? Taken)> taken = [.. _kept.Select(k => (k, k.Take()))];
            while (_steps.TryPeek(out (ServedModel Model, SignalTransition Step) next))
            {
                await _desk.TakeAsync(next.Model.Name, next.Model.Version.Digest, next.Step, cancellation);
                _steps.TryDequeue(out _);
            }

            await _desk.RefreshAsync(cancellation);
            foreach ((KeptWatch kept, (byte[], long)? watch) in taken) await kept.SaveAsync(watch, cancellation);
            _savedAt = _time.GetTimestamp();
        }
        catch
        {
            Interlocked.Exchange(ref _changed, 1);
            throw;
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Keeping the monitor's state failed; it is tried again")]
    private static partial void Failed(ILogger log, Exception failure);
}

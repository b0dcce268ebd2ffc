using Microsoft.Extensions.Logging;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>Opens the store while the service already answers, and goes on trying while it cannot be opened.</summary>
/// <remarks>Whatever is the matter with the store, it is counted and shown, and predictions go on.</remarks>
internal sealed partial class StoreKeeper : IAsyncDisposable
{
    // Together five seconds, which is more than a start takes.
    private const int Looks = 250;

    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1), LongestPause = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<UeqStore> _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly TimeProvider _time;
    private readonly ILogger<StoreKeeper> _log;
    private readonly Lock _gate = new();
    private Task? _opening;
    private volatile string? _trouble;
    private long _errors;

    public StoreKeeper(UeqServiceConfig config, TimeProvider time, ILogger<StoreKeeper> log)
    {
        _time = time;
        _log = log;
        Options = new StoreOptions { Store = Place(config) };
        Guard = new StoreGuard(time);
    }

    public StoreOptions Options { get; }

    /// <summary>How the store is doing.</summary>
    public StoreGuard Guard { get; }

    /// <summary>The store, when it is open.</summary>
    public Task<UeqStore> Opened
    {
        get
        {
            Begin();
            return _opened.Task;
        }
    }

    /// <summary>What the store says of itself: <c>none</c>, <c>opening</c>, <c>open</c> or <c>failing</c>.</summary>
    public string State => _trouble is not null ? "failing" : !_opened.Task.IsCompletedSuccessfully ? "opening" : Options.IsMemory ? "none" : "open";

    /// <summary>What went wrong last, while nothing has gone right since.</summary>
    public string? Trouble => _trouble;

    /// <summary>Operations of the store that failed.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    /// <summary>Operations that the store repeated.</summary>
    public long Retries => _opened.Task.IsCompletedSuccessfully ? _opened.Task.Result.Retries : 0;

    /// <summary>Begins to open the store, once.</summary>
    public void Begin()
    {
        lock (_gate) _opening ??= Task.Run(OpenAsync);
    }

    /// <summary>Does something with the store; its failure is counted before the caller learns of it.</summary>
    /// <exception cref="StoreUnavailableException">The store is not open.</exception>
    public async Task<T> UseAsync<T>(Func<UeqStore, Task<T>> use)
    {
        if (!Opened.IsCompletedSuccessfully)
            throw new StoreUnavailableException($"The store is not open{(_trouble is { } trouble ? $": {trouble}" : " yet.")}");
        try
        {
            UeqStore store = await _opened.Task;
            T result = await Guard.Run(() => use(store));
            _trouble = null;
            return result;
        }
        catch (Exception failure) when (failure is IOException or InvalidDataException)
        {
            Note(failure);
            throw;
        }
    }

    /// <summary>Fails when the store could not take what is about to be changed; one that is just being opened is waited for.</summary>
    /// <exception cref="StoreUnavailableException">The store is not open.</exception>
    public async Task RequireAsync()
    {
        for (int i = 0; i < Looks && !Opened.IsCompleted && _trouble is null; i++) await Task.Delay(Look, _stop.Token);
        await UseAsync(store => store.ListSilencesAsync(_time.GetUtcNow(), _stop.Token));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task? opening;
        lock (_gate) opening = _opening;
        if (opening is not null) await opening;
        if (_opened.Task.IsCompletedSuccessfully) await (await _opened.Task).DisposeAsync();
        _stop.Dispose();
    }

    // Beside the model, whose own folder holds what was published and nothing else.
    private static string Place(UeqServiceConfig config) => config.Store switch
    {
        "none" => StoreOptions.Memory,
        { } store => store,
        null when (config.ModelDir ?? config.Registry) is { } models && Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(models))) is { } folder => Path.Combine(folder, "ueq.db"),
        null => StoreOptions.Memory,
    };

    private async Task OpenAsync()
    {
        TimeSpan pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                UeqStore store = await UeqStore.OpenAsync(Options, _time, _stop.Token);
                _trouble = null;
                if (!Options.IsMemory) Open(_log, store.Place);
                _opened.SetResult(store);
                return;
            }
            catch (OperationCanceledException)
            {
                break;
            }
#pragma warning disable CA1031 // Whatever it is, the service goes on without and tries again.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Note(failure);
            }

            try
            {
                await Task.Delay(pause, _time, _stop.Token);
            }
            catch (OperationCanceledException)
            {
                break;
            }

            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }

        _opened.TrySetCanceled();
    }

    private void Note(Exception failure)
    {
        Interlocked.Increment(ref _errors);
        // Once per trouble, not once per try.
        if (Interlocked.Exchange(ref _trouble, failure.Message) != failure.Message) Failed(_log, failure.Message);
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "The store {Place} is open")]
    private static partial void Open(ILogger log, string place);

    [LoggerMessage(Level = LogLevel.Error, Message = "The store failed; predictions go on, and it is tried again: {Problem}")]
    private static partial void Failed(ILogger log, string problem);
}

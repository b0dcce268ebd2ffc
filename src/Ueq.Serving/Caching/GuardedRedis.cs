using Microsoft.Extensions.Caching.Distributed;
using Polly;
using Polly.CircuitBreaker;

namespace Ueq.Serving.Caching;

/// <summary>Redis behind a time-out and a circuit breaker: whatever is the matter with it is a row that was not found.</summary>
internal sealed class GuardedRedis : IDistributedCache, IDisposable
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly IDistributedCache _redis;
    private readonly ResiliencePipeline _pipeline;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private long _errors;

    public GuardedRedis(IDistributedCache redis, TimeSpan timeout, TimeProvider time, Action away, Action back)
    {
        _redis = redis;
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions
            {
                FailureRatio = 0.5,
                MinimumThroughput = 4,
                SamplingDuration = Window,
                BreakDuration = Pause,
                StateProvider = _breaker,
                OnOpened = _ => Tell(away),
                OnClosed = _ => Tell(back),
            })
            .AddTimeout(timeout)
            .Build();
    }

    /// <summary>Whether Redis is believed to answer.</summary>
    public bool IsUp => _breaker.CircuitState == CircuitState.Closed;

    /// <summary>Calls that failed, were too slow, or were not made since others had.</summary>
    public long Errors => Interlocked.Read(ref _errors);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Try(stop => _redis.GetAsync(key, stop), token);

    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Try(async stop =>
        {
            await _redis.SetAsync(key, value, options, stop).WaitAsync(stop);
            return null;
        }, token);

    public Task RefreshAsync(string key, CancellationToken token = default) => _redis.RefreshAsync(key, token);

    public Task RemoveAsync(string key, CancellationToken token = default) => _redis.RemoveAsync(key, token);

    public byte[]? Get(string key) => throw Blocking();

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options) => throw Blocking();

    public void Refresh(string key) => throw Blocking();

    public void Remove(string key) => throw Blocking();

    public void Dispose() => (_redis as IDisposable)?.Dispose();

    private static ValueTask Tell(Action what)
    {
        what();
        return ValueTask.CompletedTask;
    }

    private static NotSupportedException Blocking() => new("Redis is only asked without a thread waiting for it.");

    private async Task<byte[]?> Try(Func<CancellationToken, Task<byte[]?>> call, CancellationToken token)
    {
        try
        {
            // The client of Redis does not stop what it began, so it is left behind.
            return await _pipeline.ExecuteAsync(async stop => await call(stop).WaitAsync(stop), token);
        }
#pragma warning disable CA1031 // A cache that fails is a cache that has nothing.
        catch (Exception)
#pragma warning restore CA1031
        {
            Interlocked.Increment(ref _errors);
            return null;
        }
    }
}

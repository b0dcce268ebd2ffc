using System.Data.Common;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>The store behind a circuit breaker and, for what may be done twice, repetitions.</summary>
/// <remarks>
/// Only a store that is away is either repeated or breaks the circuit: a full disk and a damaged file are answers. Repeated is what failed at once;
/// who has waited for a lock or for an answer has waited long enough.
/// </remarks>
internal sealed class StoreGuard
{
    private const int Repetitions = 2;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ResiliencePipeline _once, _again;
    private readonly CircuitBreakerStateProvider _breaker = new();
    private long _retries;

    public StoreGuard(TimeProvider time)
    {
        CircuitBreakerStrategyOptions breaker = new()
        {
            ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>(),
            FailureRatio = 0.5,
            MinimumThroughput = 8,
            SamplingDuration = Window,
            BreakDuration = Pause,
            StateProvider = _breaker,
        };
        _once = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(breaker).Build();
        _again = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>(FailedAtOnce),
                MaxRetryAttempts = Repetitions,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstPause,
                OnRetry = _ =>
                {
                    Interlocked.Increment(ref _retries);
                    return ValueTask.CompletedTask;
                },
            })
            .AddPipeline(_once)
            .Build();
    }

    public CircuitStatus Status => _breaker.CircuitState switch
    {
        CircuitState.Closed => CircuitStatus.Closed,
        CircuitState.HalfOpen => CircuitStatus.HalfOpen,
        _ => CircuitStatus.Open,
    };

    /// <summary>Operations that were repetitions.</summary>
    public long Retries => Interlocked.Read(ref _retries);

    /// <exception cref="StoreUnavailableException">The store is away, or was just before and is not asked.</exception>
    public Task<T> Once<T>(Func<Task<T>> use) => Run(_once, use);

    /// <summary>The same for what may be done twice.</summary>
    public Task<T> Again<T>(Func<Task<T>> use) => Run(_again, use);

    private static async Task<T> Run<T>(ResiliencePipeline pipeline, Func<Task<T>> use)
    {
        try
        {
            return await pipeline.ExecuteAsync(static async (call, _) => await call(), use, CancellationToken.None);
        }
        catch (BrokenCircuitException broken)
        {
            throw new StoreUnavailableException("The store is not asked for two seconds, since too many calls before have failed.", broken);
        }
    }

    private static bool FailedAtOnce(StoreUnavailableException failure) =>
        failure.InnerException is DbException { IsTransient: true, InnerException: not TimeoutException } or System.Net.Sockets.SocketException;
}

using Polly;
using Polly.CircuitBreaker;
using Ueq.Storage;

namespace Ueq.Serving.Keeping;

/// <summary>The store behind a circuit breaker: when it is away, callers learn it at once instead of each waiting for it.</summary>
/// <remarks>Only a store that is away breaks the circuit: a full disk and a damaged file are answers. What may be repeated, the store repeats itself.</remarks>
internal sealed class StoreGuard
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(2);

    private readonly ResiliencePipeline _pipeline;
    private readonly CircuitBreakerStateProvider _breaker = new();

    public StoreGuard(TimeProvider time) =>
        _pipeline = new ResiliencePipelineBuilder { TimeProvider = time }.AddCircuitBreaker(new CircuitBreakerStrategyOptions
        {
            ShouldHandle = new PredicateBuilder().Handle<StoreUnavailableException>(),
            FailureRatio = 0.5,
            MinimumThroughput = 8,
            SamplingDuration = Window,
            BreakDuration = Pause,
            StateProvider = _breaker,
        }).Build();

    public CircuitStatus Status => _breaker.CircuitState switch
    {
        CircuitState.Closed => CircuitStatus.Closed,
        CircuitState.HalfOpen => CircuitStatus.HalfOpen,
        _ => CircuitStatus.Open,
    };

    /// <exception cref="StoreUnavailableException">The store is away, or was just before and is not asked.</exception>
    public async Task<T> Run<T>(Func<Task<T>> use)
    {
        try
        {
            return await _pipeline.ExecuteAsync(static async (call, _) => await call(), use, CancellationToken.None);
        }
        catch (BrokenCircuitException broken)
        {
            throw new StoreUnavailableException("The store is not asked for two seconds, since too many calls before have failed.", broken);
        }
    }
}

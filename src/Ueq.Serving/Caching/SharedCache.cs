using System.Threading.Channels;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.StackExchangeRedis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Ueq.Serving.Caching;

/// <summary>The answers that replicas share in Redis. Predictions never wait for writing, and for reading a bounded time.</summary>
internal sealed partial class SharedCache : IAsyncDisposable
{
    /// <summary>Rows of a request up to which Redis is asked: the model is faster than so many questions.</summary>
    private const int MostRows = 64;
    private const int MostUnwritten = 4096;
    private const int Writers = 8;
    private const HybridCacheEntryFlags RedisAlone = HybridCacheEntryFlags.DisableLocalCache | HybridCacheEntryFlags.DisableCompression;

    private static readonly HybridCacheEntryOptions Reading =
        new() { Flags = RedisAlone | HybridCacheEntryFlags.DisableUnderlyingData | HybridCacheEntryFlags.DisableDistributedCacheWrite };

    private readonly GuardedRedis? _redis;
    private readonly ServiceProvider? _services;
    private readonly HybridCache? _hybrid;
    private readonly HybridCacheEntryOptions _writing;
    private readonly Channel<(UInt128 Hash, byte[] Bytes)> _unwritten =
        Channel.CreateBounded<(UInt128, byte[])>(new BoundedChannelOptions(MostUnwritten) { FullMode = BoundedChannelFullMode.Wait });

    private readonly Task[] _writers = [];
    private long _dropped;

    public SharedCache(UeqServiceConfig config, TimeProvider time, ILogger<SharedCache> log)
    {
        CacheConfig cache = config.Cache;
        _writing = new HybridCacheEntryOptions { Expiration = TimeSpan.FromSeconds(cache.TtlSeconds), Flags = RedisAlone };
        if (cache.Redis is null || cache.Models.Count == 0) return;
        ConfigurationOptions options = ConfigurationOptions.Parse(cache.Redis);
        options.AbortOnConnectFail = false;
        options.BacklogPolicy = BacklogPolicy.FailFast;
        options.ConnectTimeout = Math.Min(options.ConnectTimeout, 1000);
        options.AsyncTimeout = Math.Max(cache.RedisTimeoutMilliseconds, 1000);
        options.ReconnectRetryPolicy = new LinearRetry(1000);
        RedisCache client = new(new RedisCacheOptions { ConnectionMultiplexerFactory = async () => await ConnectionMultiplexer.ConnectAsync(options) });
        _redis = new GuardedRedis(client, TimeSpan.FromMilliseconds(cache.RedisTimeoutMilliseconds), time, () => Away(log), () => Back(log));
        // A container of its own: a host's caches are the host's.
        ServiceCollection services = new();
        services.AddSingleton<IDistributedCache>(_redis);
        services.AddHybridCache();
        _services = services.BuildServiceProvider();
        _hybrid = _services.GetRequiredService<HybridCache>();
        _writers = [.. Enumerable.Range(0, Writers).Select(_ => Task.Run(Write))];
    }

    /// <summary>Whether there is a Redis to ask.</summary>
    public bool IsOn => _hybrid is not null;

    /// <summary>Whether it is believed to answer.</summary>
    public bool IsUp => _redis is { IsUp: true };

    public long Errors => _redis?.Errors ?? 0;

    /// <summary>Answers that were not written since too many others waited to be.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Gives rows what Redis has of them.</summary>
    public async ValueTask Read(RowCache cache, List<Flight> flights)
    {
        if (_hybrid is null || flights.Count > MostRows) return;
        int begin = 0;
        if (!IsUp && flights.Count > 0)
        {
            // One row finds out whether it is back.
            cache.TryTake(flights[0], await Read(flights[0].Hash));
            if (!IsUp) return;
            begin = 1;
        }

        Task<byte[]?>[] asked = [.. flights.Skip(begin).Select(flight => flight.HasAnswer ? Task.FromResult<byte[]?>(null) : Read(flight.Hash))];
        for (int i = 0; i < asked.Length; i++)
        {
            byte[]? bytes = await asked[i];
            if (!flights[begin + i].HasAnswer) cache.TryTake(flights[begin + i], bytes);
        }
    }

    /// <summary>Has an answer written some time soon.</summary>
    public void Write(Flight flight)
    {
        if (_hybrid is not null && !_unwritten.Writer.TryWrite((flight.Hash, flight.Bytes))) Interlocked.Increment(ref _dropped);
    }

    public async ValueTask DisposeAsync()
    {
        _unwritten.Writer.TryComplete();
        await Task.WhenAll(_writers);
        if (_services is not null) await _services.DisposeAsync();
        _redis?.Dispose();
    }

    private static string Key(UInt128 hash) => $"ueq:{hash:x32}";

    private async Task<byte[]?> Read(UInt128 hash)
    {
        try
        {
            return await _hybrid!.GetOrCreateAsync(Key(hash), static _ => ValueTask.FromResult<byte[]?>(null), Reading);
        }
#pragma warning disable CA1031 // What is in Redis may be anything.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private async Task Write()
    {
        await foreach ((UInt128 hash, byte[] bytes) in _unwritten.Reader.ReadAllAsync())
        {
            try
            {
                await _hybrid!.SetAsync(Key(hash), bytes, _writing);
            }
#pragma warning disable CA1031 // As above.
            catch (Exception)
#pragma warning restore CA1031
            {
                Interlocked.Increment(ref _dropped);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Redis does not answer in time: predictions go on without the shared cache and ask it again every two seconds")]
    private static partial void Away(ILogger log);

    [LoggerMessage(Level = LogLevel.Information, Message = "Redis answers again")]
    private static partial void Back(ILogger log);
}

using System.Collections.Concurrent;
using BitFaster.Caching;
using BitFaster.Caching.Lru;
using Ueq.Versions;

namespace Ueq.Serving.Caching;

/// <summary>The answers of one served version that are kept in this process, and the rows that are being answered.</summary>
internal sealed class RowCache
{
    /// <summary>Rows of a request up to which they are looked up: larger ones hardly come again and would push out those that do.</summary>
    public const int MostRows = 1024;

    private readonly ICache<UInt128, byte[]> _kept;
    private readonly ConcurrentDictionary<UInt128, Flight> _flights = new();
    private readonly TimeProvider _time;
    private readonly long _ttl;
    private long _hits, _misses, _joined, _sharedHits, _sharedMisses;

    public RowCache(ModelVersion version, int classes, CacheConfig config, TimeProvider time)
    {
        Layout = new RowLayout(version, classes);
        _time = time;
        _ttl = config.TtlSeconds * 1000L;
        _kept = new ConcurrentLruBuilder<UInt128, byte[]>().WithCapacity(config.Rows).WithExpireAfterWrite(TimeSpan.FromSeconds(config.TtlSeconds)).WithMetrics().Build();
    }

    public RowLayout Layout { get; }

    public long Now => _time.GetUtcNow().ToUnixTimeMilliseconds();

    public CacheReading Read() => new(
        _kept.Count, Interlocked.Read(ref _hits), Interlocked.Read(ref _misses), Interlocked.Read(ref _joined),
        _kept.Metrics.HasValue ? _kept.Metrics.Value!.Evicted : 0, Interlocked.Read(ref _sharedHits), Interlocked.Read(ref _sharedMisses));

    /// <summary>The cache of a model; <c>null</c> when its answers are not kept.</summary>
    public static RowCache? Of(CacheConfig config, string name, string reference, ModelVersion version, int classes, TimeProvider time) =>
        config.Models.Any(m => m == "*" || m == name || m == reference) ? new RowCache(version, classes, config, time) : null;

    /// <summary>Gives the rows of a work the answers that are kept.</summary>
    /// <returns>The rows that have none; <c>null</c> when all have.</returns>
    public List<Flight>? Answer(ServedModel model, PredictWork work)
    {
        Prediction.Reserve(model, work);
        int width = model.Schema.Width;
        Span<byte> key = Layout.KeyBytes <= 2048 ? stackalloc byte[Layout.KeyBytes] : new byte[Layout.KeyBytes];
        Layout.BeginKey(work.Level?.Share ?? work.Coverage.Value, key);
        ReadOnlySpan<float> features = work.Features.Span(work.Rows * width);
        List<Flight>? missing = null;
        long now = Now;
        for (int row = 0; row < work.Rows; row++)
        {
            RowLayout.EndKey(features.Slice(row * width, width), key);
            UInt128 hash = RowLayout.Hash(key);
            if (_kept.TryGet(hash, out byte[]? bytes) && Layout.Fits(bytes, key, now, _ttl))
            {
                Layout.ReadAnswer(bytes, work, row);
                continue;
            }

            byte[] room = new byte[Layout.Bytes];
            key.CopyTo(room);
            (missing ??= []).Add(new Flight(row, hash, room));
        }

        Interlocked.Add(ref _hits, work.Rows - (missing?.Count ?? 0));
        if (missing is not null) Interlocked.Add(ref _misses, missing.Count);
        return missing;
    }

    /// <summary>The flight that answers a row: another's that is under way, or from now on this one.</summary>
    public Flight Claim(Flight flight)
    {
        Flight first = _flights.GetOrAdd(flight.Hash, flight);
        if (first != flight) return IsFor(first.Bytes, flight.Bytes) ? first : flight;
        // It may have landed since it was looked for.
        if (_kept.TryGet(flight.Hash, out byte[]? bytes) && Layout.Fits(bytes, flight.Bytes, Now, _ttl)) flight.Take(bytes);
        return flight;
    }

    /// <summary>Keeps the answer that a flight has, and tells those that wait for it.</summary>
    public void Land(Flight flight)
    {
        if (flight.HasAnswer) _kept.AddOrUpdate(flight.Hash, flight.Bytes);
        _flights.TryRemove(KeyValuePair.Create(flight.Hash, flight));
        flight.Land();
    }

    /// <summary>Takes what Redis has of a row, when it is of that row and as it was written.</summary>
    public bool TryTake(Flight flight, byte[]? bytes)
    {
        bool taken = bytes is not null && Layout.IsSound(bytes) && Layout.Fits(bytes, flight.Bytes, Now, _ttl);
        if (taken) flight.Take(bytes!);
        Interlocked.Increment(ref taken ? ref _sharedHits : ref _sharedMisses);
        return taken;
    }

    public void CountJoined() => Interlocked.Increment(ref _joined);

    private bool IsFor(byte[] bytes, byte[] key) => bytes.AsSpan(0, Layout.KeyBytes).SequenceEqual(key.AsSpan(0, Layout.KeyBytes));
}

/// <summary>What a cache has done; all figures are rows.</summary>
/// <param name="Rows">Kept now.</param>
/// <param name="Hits">Answered by what is kept in this process.</param>
/// <param name="Misses">Looked for there and not found.</param>
/// <param name="Joined">Of these, answered by waiting for another request with the same row.</param>
/// <param name="Evictions">Given up for others, or too old.</param>
/// <param name="SharedHits">Answered by Redis.</param>
/// <param name="SharedMisses">Asked of Redis, which had none, none that was right, or was not there.</param>
internal readonly record struct CacheReading(long Rows, long Hits, long Misses, long Joined, long Evictions, long SharedHits, long SharedMisses);

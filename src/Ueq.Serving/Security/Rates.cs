using System.Buffers.Binary;
using System.Net;
using System.Threading.RateLimiting;

namespace Ueq.Serving.Security;

/// <summary>Token buckets: of keys, of subjects of tokens, of addresses.</summary>
internal sealed class Rates : IDisposable
{
    private readonly LimitsConfig _limits;
    private readonly Dictionary<(string Name, double Rate, int Burst), RateLimiter> _keys = [];
    private readonly PartitionedRateLimiter<(ulong Network, bool IsOld)>? _addresses;
    private readonly PartitionedRateLimiter<string>? _subjects;

    public Rates(LimitsConfig limits)
    {
        _limits = limits;
        if (limits.AddressRequestsPerSecond is { } perAddress)
            _addresses = PartitionedRateLimiter.Create<(ulong, bool), (ulong, bool)>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Options(perAddress, limits.AddressBurst)));
        if (limits.KeyRequestsPerSecond is { } perKey)
            _subjects = PartitionedRateLimiter.Create<string, string>(key => RateLimitPartition.GetTokenBucketLimiter(key, _ => Options(perKey, limits.KeyBurst)));
    }

    public bool LimitsAddresses => _addresses is not null;

    /// <summary>The bucket of a key; <c>null</c> when it is not limited. One that a former configuration filled goes on.</summary>
    public RateLimiter? OfKey(string name, double? own, Rates? former)
    {
        if ((own ?? _limits.KeyRequestsPerSecond) is not { } rate) return null;
        (string, double, int) key = (name, rate, _limits.KeyBurst);
        if (former is not null && former._keys.Remove(key, out RateLimiter? kept)) return _keys[key] = kept;
        return _keys[key] = new TokenBucketRateLimiter(Options(rate, _limits.KeyBurst));
    }

    public RateLimitLease? TakeSubject(string name) => _subjects?.AttemptAcquire(name);

    /// <summary>A token of an address; of the sixth version of IP, of its network of 64 bits, which one machine may fill.</summary>
    public RateLimitLease? TakeAddress(IPAddress? address)
    {
        if (_addresses is null || address is null) return null;
        Span<byte> bytes = stackalloc byte[16];
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        address.TryWriteBytes(bytes, out int length);
        return _addresses.AttemptAcquire((BinaryPrimitives.ReadUInt64BigEndian(bytes), length == 4));
    }

    public void Dispose()
    {
        foreach (RateLimiter limiter in _keys.Values) limiter.Dispose();
        _addresses?.Dispose();
        _subjects?.Dispose();
    }

    // Tokens come often where the rate is high, and one at a time where it is low.
    private static TokenBucketRateLimiterOptions Options(double perSecond, int burst)
    {
        int tokens = Math.Max(1, (int)Math.Round(perSecond / 10));
        return new TokenBucketRateLimiterOptions
        {
            TokenLimit = burst,
            TokensPerPeriod = tokens,
            ReplenishmentPeriod = TimeSpan.FromSeconds(tokens / perSecond),
            QueueLimit = 0,
            AutoReplenishment = true,
        };
    }
}

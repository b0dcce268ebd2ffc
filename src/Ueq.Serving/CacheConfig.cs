namespace Ueq.Serving;

/// <summary>Answers that are kept and given again to the same row: the section <c>cache</c>.</summary>
/// <remarks>A row's answer belongs to the version, the coverage and the row's bytes; all of them are compared, never a hash alone.</remarks>
public sealed record CacheConfig
{
    /// <summary>The models, by name or reference, whose answers are kept; <c>*</c> is all. Default none.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>Rows of each model that are kept in this process, the least recently used go first: 16 to 100,000,000. Default 100,000.</summary>
    public int Rows { get; init; } = 100_000;

    /// <summary>Seconds that an answer may be given again: 1 to 31,536,000. Default 3600.</summary>
    public int TtlSeconds { get; init; } = 3600;

    /// <summary>Redis that replicas share, as StackExchange.Redis writes it: <c>host:6379,password=…</c>. <c>null</c>, the default, for none.</summary>
    public string? Redis { get; init; }

    /// <summary>Milliseconds that a prediction waits for Redis at most: 1 to 10,000. Default 50.</summary>
    public int RedisTimeoutMilliseconds { get; init; } = 50;

    /// <summary>The type's name alone: the address of Redis may hold a password that no log may show.</summary>
    public override string ToString() => nameof(CacheConfig);
}

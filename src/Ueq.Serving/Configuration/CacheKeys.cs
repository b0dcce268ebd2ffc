using StackExchange.Redis;

namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>cache</c>.</summary>
internal static class CacheKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("cache.models", (c, v) => With(c, a => a with { Models = v.Names("names of models, or * for all") }), c => ConfigValue.Of(c.Cache.Models)),
        new("cache.rows",
            (c, v) => With(c, a => a with { Rows = v.Whole(n => n is >= 16 and <= 100_000_000, "a whole number from 16 to 100000000") }),
            c => ConfigValue.Of(c.Cache.Rows)),
        new("cache.ttl_seconds", (c, v) => With(c, a => a with { TtlSeconds = ConfigKey.Count(v, 31_536_000) }), c => ConfigValue.Of(c.Cache.TtlSeconds)),
        new("cache.redis", (c, v) => With(c, a => a with { Redis = ReadRedis(v) }), c => ConfigValue.Of(c.Cache.Redis)) { Masked = text => ConfigurationOptions.Parse(text).ToString(includePassword: false) },
        new("cache.redis_timeout_ms",
            (c, v) => With(c, a => a with { RedisTimeoutMilliseconds = ConfigKey.Count(v, 10_000) }),
            c => ConfigValue.Of(c.Cache.RedisTimeoutMilliseconds)),
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, Func<CacheConfig, CacheConfig> change) => config with { Cache = change(config.Cache) };

    // What was said is not said again: it may hold a password.
    private static string? ReadRedis(ConfigValue value)
    {
        if (value.IsNull) return null;
        string text = value.Word("an address of Redis such as 127.0.0.1:6379");
        try
        {
            if (ConfigurationOptions.Parse(text).EndPoints.Count > 0) return text;
        }
        catch (ArgumentException)
        {
            // Said below.
        }

        throw new FormatException("expected an address of Redis such as 127.0.0.1:6379,password=…, got something else");
    }
}

namespace Ueq.Serving.Configuration;

/// <summary>The keys about waiting and predicting together.</summary>
internal static class BatchingKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("microbatch_models", (c, v) => With(c, b => b with { Models = v.Names("names of models, or * for all") }), c => ConfigValue.Of(c.Batching.Models)),
        new("microbatch_rows", (c, v) => With(c, b => b with { Rows = ConfigKey.Count(v, 1_000_000) }), c => ConfigValue.Of(c.Batching.Rows)),
        new("microbatch_delay_ms",
            (c, v) => With(c, b => b with { DelayMilliseconds = v.Whole(n => n is >= 0 and <= 1000, "a whole number from 0 to 1000") }),
            c => ConfigValue.Of(c.Batching.DelayMilliseconds)),
        new("max_concurrent",
            (c, v) => With(c, b => b with { MaxConcurrent = v.IsNull ? null : ConfigKey.Count(v, 1024) }),
            c => c.Batching.MaxConcurrent is { } most ? ConfigValue.Of(most) : new()),
        new("max_waiting_rows", (c, v) => With(c, b => b with { MaxWaitingRows = ConfigKey.Count(v, 100_000_000) }), c => ConfigValue.Of(c.Batching.MaxWaitingRows)),
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, Func<BatchingConfig, BatchingConfig> change) => config with { Batching = change(config.Batching) };
}

namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>online</c>.</summary>
internal static class OnlineKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("online.models", (c, v) => With(c, o => o with { Models = v.Names("names of models, or * for all") }), c => ConfigValue.Of(c.Online.Models)),
        new("online.step",
            (c, v) => With(c, o => o with { Step = v.Number(n => n is > 0 and <= 1, "a number above 0 and at most 1, such as 0.002") }),
            c => ConfigValue.Of(c.Online.Step)),
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, Func<OnlineConfig, OnlineConfig> change) => config with { Online = change(config.Online) };
}

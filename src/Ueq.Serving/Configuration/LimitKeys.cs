namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>limits</c>.</summary>
internal static class LimitKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("limits.connections",
            (c, v) => c with { Limits = c.Limits with { Connections = v.IsNull ? null : ConfigKey.Count(v, 10_000_000) } },
            c => c.Limits.Connections is { } most ? ConfigValue.Of(most) : new()),
        new("limits.header_bytes", (c, v) => c with { Limits = c.Limits with { HeaderBytes = Whole(v, 1024, 1 << 20) } }, c => ConfigValue.Of(c.Limits.HeaderBytes)),
        new("limits.header_count", (c, v) => c with { Limits = c.Limits with { HeaderCount = Whole(v, 8, 1000) } }, c => ConfigValue.Of(c.Limits.HeaderCount)),
        new("limits.header_seconds", (c, v) => c with { Limits = c.Limits with { HeaderSeconds = ConfigKey.Count(v, 3600) } }, c => ConfigValue.Of(c.Limits.HeaderSeconds)),
        new("limits.keep_alive_seconds", (c, v) => c with { Limits = c.Limits with { KeepAliveSeconds = ConfigKey.Count(v, 86_400) } }, c => ConfigValue.Of(c.Limits.KeepAliveSeconds)),
        new("limits.key_requests_per_second", (c, v) => c with { Limits = c.Limits with { KeyRequestsPerSecond = Rate(v) } }, c => Write(c.Limits.KeyRequestsPerSecond)) { Effect = ConfigEffect.Live },
        new("limits.key_burst", (c, v) => c with { Limits = c.Limits with { KeyBurst = ConfigKey.Count(v, 1_000_000) } }, c => ConfigValue.Of(c.Limits.KeyBurst)) { Effect = ConfigEffect.Live },
        new("limits.address_requests_per_second", (c, v) => c with { Limits = c.Limits with { AddressRequestsPerSecond = Rate(v) } }, c => Write(c.Limits.AddressRequestsPerSecond)) { Effect = ConfigEffect.Live },
        new("limits.address_burst", (c, v) => c with { Limits = c.Limits with { AddressBurst = ConfigKey.Count(v, 1_000_000) } }, c => ConfigValue.Of(c.Limits.AddressBurst)) { Effect = ConfigEffect.Live },
    ];

    private static double? Rate(ConfigValue value) => value.IsNull ? null : value.Number(n => n is >= 0.001 and <= 1e6, "a number from 0.001 to 1000000, or nothing");

    private static ConfigValue Write(double? rate) => rate is { } number ? ConfigValue.Of(number) : new();

    private static int Whole(ConfigValue value, int least, int most) =>
        value.Whole(n => n >= least && n <= most, FormattableString.Invariant($"a whole number from {least} to {most}"));
}

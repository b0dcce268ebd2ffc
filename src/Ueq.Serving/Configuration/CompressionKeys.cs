namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>compression</c>.</summary>
internal static class CompressionKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("compression.answers", (c, v) => c with { Compression = c.Compression with { Answers = v.Flag() } }, c => ConfigValue.Of(c.Compression.Answers)),
        new("compression.least_bytes",
            (c, v) => c with { Compression = c.Compression with { LeastBytes = ConfigKey.Count(v, 1 << 30) } }, c => ConfigValue.Of(c.Compression.LeastBytes)),
    ];
}

namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>inference_log</c>.</summary>
internal static class InferenceLogKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("inference_log.folder", (c, v) => With(c, c.InferenceLog with { Folder = v.Path("a path or nothing") }), c => ConfigValue.Of(c.InferenceLog.Folder)),
        new("inference_log.rotate_mb", (c, v) => With(c, c.InferenceLog with { RotateMegabytes = ConfigKey.Count(v, 100_000) }), c => ConfigValue.Of(c.InferenceLog.RotateMegabytes)),
        new("inference_log.rotate_minutes", (c, v) => With(c, c.InferenceLog with { RotateMinutes = ConfigKey.Count(v, 100_000) }), c => ConfigValue.Of(c.InferenceLog.RotateMinutes)),
        new("inference_log.keep_mb", (c, v) => With(c, c.InferenceLog with { KeepMegabytes = ConfigKey.Count(v, 100_000_000) }), c => ConfigValue.Of(c.InferenceLog.KeepMegabytes)),
        new("inference_log.keep_files",
            (c, v) => With(c, c.InferenceLog with { KeepFiles = v.IsNull ? null : ConfigKey.Count(v, 1_000_000) }),
            c => c.InferenceLog.KeepFiles is { } most ? ConfigValue.Of(most) : new()),
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, InferenceLogConfig log) => config with { InferenceLog = log };
}

namespace Ueq.Serving.Configuration;

/// <summary>The keys of the section <c>telemetry</c>, and those of the service's end.</summary>
internal static class TelemetryKeys
{
    public static IReadOnlyList<ConfigKey> All { get; } =
    [
        new("telemetry.otlp_endpoint", (c, v) => With(c, c.Telemetry with { OtlpEndpoint = ReadAddress(v) }), c => ConfigValue.Of(c.Telemetry.OtlpEndpoint)),
        new("telemetry.otlp_protocol", (c, v) => With(c, c.Telemetry with { OtlpProtocol = v.Choice<TraceProtocol>() }), c => ConfigValue.Of(c.Telemetry.OtlpProtocol)),
        new("telemetry.otlp_headers", (c, v) => With(c, c.Telemetry with { OtlpHeaders = ReadHeaders(v) }), c => ConfigValue.Of(c.Telemetry.OtlpHeaders)) { IsSecret = true },
        new("telemetry.trace_share", (c, v) => With(c, c.Telemetry with { TraceShare = v.Number(n => n is >= 0 and <= 1, "a number from 0 to 1") }), c => ConfigValue.Of(c.Telemetry.TraceShare)),
        new("telemetry.service_name", (c, v) => With(c, c.Telemetry with { ServiceName = v.Word("a name") }), c => ConfigValue.Of(c.Telemetry.ServiceName)),
        new("telemetry.log_file_roll", (c, v) => With(c, c.Telemetry with { LogFileRoll = v.Choice<LogFileRoll>() }), c => ConfigValue.Of(c.Telemetry.LogFileRoll)),
        new("telemetry.log_file_megabytes", (c, v) => With(c, c.Telemetry with { LogFileMegabytes = ConfigKey.Count(v, 100_000) }), c => ConfigValue.Of(c.Telemetry.LogFileMegabytes)),
        new("telemetry.log_files_kept", (c, v) => With(c, c.Telemetry with { LogFilesKept = ConfigKey.Count(v, 10_000) }), c => ConfigValue.Of(c.Telemetry.LogFilesKept)),
        new("shutdown_delay_seconds", (c, v) => c with { ShutdownDelaySeconds = v.Whole(n => n is >= 0 and <= 3600, "a whole number from 0 to 3600") }, c => ConfigValue.Of(c.ShutdownDelaySeconds)) { Effect = ConfigEffect.Live },
        new("shutdown_timeout_seconds", (c, v) => c with { ShutdownTimeoutSeconds = ConfigKey.Count(v, 3600) }, c => ConfigValue.Of(c.ShutdownTimeoutSeconds)),
    ];

    private static UeqServiceConfig With(UeqServiceConfig config, TelemetryConfig telemetry) => config with { Telemetry = telemetry };

    private static string? ReadAddress(ConfigValue value)
    {
        if (value.Path("an address or nothing") is not { } text) return null;
        return Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0
            ? text
            : throw value.Bad("an address such as http://127.0.0.1:4317, without a user's name in it");
    }

    // What they are is never said.
    private static string? ReadHeaders(ConfigValue value)
    {
        if (value.IsNull) return null;
        return value.Text is { } text && text.Split(',').All(pair => pair.IndexOf('=', StringComparison.Ordinal) > 0) ? text : throw new FormatException("expected name=value with commas between, got something else");
    }
}

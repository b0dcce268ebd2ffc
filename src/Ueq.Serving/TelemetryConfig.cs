namespace Ueq.Serving;

/// <summary>How spans travel.</summary>
public enum TraceProtocol
{
    /// <summary>OTLP over gRPC, usually port 4317.</summary>
    Grpc,

    /// <summary>OTLP over HTTP, usually port 4318; <c>/v1/traces</c> is added to an address without a path.</summary>
    Http,
}

/// <summary>When a new log file begins.</summary>
public enum LogFileRoll
{
    /// <summary>When the file has reached its size.</summary>
    Size,

    /// <summary>Also every day; the date stands in the name.</summary>
    Day,
}

/// <summary>Traces and log files: the section <c>telemetry</c>.</summary>
public sealed record TelemetryConfig
{
    /// <summary>Where traces are sent by OTLP, such as <c>http://collector:4317</c>; <c>null</c>, the default, for nowhere.</summary>
    public string? OtlpEndpoint { get; init; }

    /// <summary>How they travel. Default gRPC.</summary>
    public TraceProtocol OtlpProtocol { get; init; }

    /// <summary>Headers that the collector asks for, as <c>name=value</c> with commas between. A secret.</summary>
    public string? OtlpHeaders { get; init; }

    /// <summary>Share of requests that are traced: 0 to 1. Default 1. A caller that has decided already is followed.</summary>
    public double TraceShare { get; init; } = 1;

    /// <summary>The name that traces have the service under. Default <c>ueq</c>.</summary>
    public string ServiceName { get; init; } = "ueq";

    /// <summary>When <c>log_file</c> gives way to a new one. Default by size.</summary>
    public LogFileRoll LogFileRoll { get; init; }

    /// <summary>Megabytes of a log file: 1 to 100,000. Default 100.</summary>
    public int LogFileMegabytes { get; init; } = 100;

    /// <summary>Log files that are kept: 1 to 10,000. Default 10.</summary>
    public int LogFilesKept { get; init; } = 10;
}

using System.Globalization;

namespace Ueq.Remote;

/// <summary>Which model of a server is meant, and how it is asked.</summary>
public sealed record RemoteOptions
{
    /// <summary>Name of the model at the server.</summary>
    public required string Model { get; init; }

    /// <summary>Version of the model; <c>null</c>: the one that the server prefers. Default: <c>null</c>.</summary>
    public string? Version { get; init; }

    /// <summary>Number of features of a row, 1 to 1,000,000; 0: as the model's metadata say. Default: 0.</summary>
    /// <remarks>Needed where the metadata name no inputs, or leave the width of the input open.</remarks>
    public int Features { get; init; }

    /// <summary>Most rows of one request, 1 to 1,000,000. Default: 1,000.</summary>
    public int BatchRows { get; init; } = 1000;

    /// <summary>Most requests at the same time, those of all threads together, 1 to 256. Default: 4.</summary>
    public int RequestsInFlight { get; init; } = 4;

    /// <summary>Time for one attempt, 1 ms to 1 day. Default: 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Time for one request with all its attempts and the waiting between them, 1 ms to 1 day. Default: 60 s.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How often a request is repeated after a fault that may pass, 0 to 100. Default: 3.</summary>
    /// <remarks>That is: no connection, a time-out of the attempt, or status 408, 429 or 5xx. Anything else fails at once.</remarks>
    public int Retries { get; init; } = 3;

    /// <summary>What is waited before the first repetition, 0 to 1 hour; later ones wait longer, exponentially, with jitter. Default: 200 ms.</summary>
    /// <remarks>A server that says how long (<c>Retry-After</c>) is obeyed, within the total time.</remarks>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>How long nothing is asked after half of ten requests or more within 30 s have failed, 500 ms to 1 day; <c>null</c>: never. Default: 5 s.</summary>
    public TimeSpan? BreakFor { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Most bytes of an answer, 1,024 to 2³¹ − 1. Default: 256 MiB.</summary>
    public long LargestAnswer { get; init; } = 256L << 20;

    /// <summary>Name of an environment variable with headers to send, one <c>Name: value</c> per line, such as an API key. Default: <c>null</c>, none.</summary>
    /// <remarks>The values are neither stored nor shown in errors.</remarks>
    public string? HeadersFrom { get; init; }

    /// <summary>Clock of time-outs and waiting. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        Name(nameof(Model), Model);
        if (Version is not null) Name(nameof(Version), Version);
        Range(nameof(Features), Features, 0, 1_000_000);
        Range(nameof(BatchRows), BatchRows, 1, 1_000_000);
        Range(nameof(RequestsInFlight), RequestsInFlight, 1, 256);
        Range(nameof(Timeout), Timeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Range(nameof(TotalTimeout), TotalTimeout, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1));
        Range(nameof(Retries), Retries, 0, 100);
        Range(nameof(RetryDelay), RetryDelay, TimeSpan.Zero, TimeSpan.FromHours(1));
        if (BreakFor is { } pause) Range(nameof(BreakFor), pause, TimeSpan.FromMilliseconds(500), TimeSpan.FromDays(1));
        Range(nameof(LargestAnswer), LargestAnswer, 1024, int.MaxValue);
        if (HeadersFrom is not null) Name(nameof(HeadersFrom), HeadersFrom);
        ArgumentNullException.ThrowIfNull(Time);
    }

    private static void Name(string parameter, string value)
    {
        if (string.IsNullOrWhiteSpace(value)) throw new ArgumentException($"Expected a name as {parameter}, got none.", parameter);
    }

    private static void Range<T>(string parameter, T value, T from, T to)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(from) < 0 || value.CompareTo(to) > 0)
            throw new ArgumentOutOfRangeException(parameter, value, string.Create(CultureInfo.InvariantCulture, $"Expected {parameter} from {from} to {to}, got {value}."));
    }
}

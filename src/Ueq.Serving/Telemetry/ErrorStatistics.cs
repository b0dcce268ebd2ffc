using System.Collections.Concurrent;

namespace Ueq.Serving.Telemetry;

/// <summary>Failures of one type.</summary>
/// <param name="Type">Name of the exception's type.</param>
/// <param name="Count">How many since the counts began.</param>
/// <param name="Latest">When the latest was.</param>
internal readonly record struct ErrorCount(string Type, long Count, DateTimeOffset Latest);

/// <summary>What failed, counted by type: the guide's <c>get_error_stats</c> and <c>reset_error_counts</c>.</summary>
/// <remarks>Only our own failures and those of what we depend on; what a caller sent wrong is no error. The metrics, <c>error_count</c> and <c>error_rate</c> go on when these are reset.</remarks>
internal sealed class ErrorStatistics(TimeProvider time)
{
    private const int MostTypes = 100;
    private const string Others = "others";

    private Counts _counts = new(time.GetUtcNow());

    public DateTimeOffset Since => Volatile.Read(ref _counts).Since;

    public void Count(Exception failure)
    {
        ConcurrentDictionary<string, ErrorCount> types = Volatile.Read(ref _counts).Types;
        string type = failure.GetType().Name;
        // A model's own exceptions may have any number of types.
        if (types.Count >= MostTypes && !types.ContainsKey(type)) type = Others;
        DateTimeOffset now = time.GetUtcNow();
        types.AddOrUpdate(type, _ => new ErrorCount(type, 1, now), (_, before) => before with { Count = before.Count + 1, Latest = now });
    }

    /// <summary>The counts, largest first.</summary>
    public IReadOnlyList<ErrorCount> Read() =>
        [.. Volatile.Read(ref _counts).Types.Values.OrderByDescending(e => e.Count).ThenBy(e => e.Type, StringComparer.Ordinal)];

    /// <summary>Begins to count anew; returns how many were forgotten.</summary>
    public long Reset() => Interlocked.Exchange(ref _counts, new Counts(time.GetUtcNow())).Types.Values.Sum(e => e.Count);

    private sealed record Counts(DateTimeOffset Since)
    {
        public ConcurrentDictionary<string, ErrorCount> Types { get; } = new();
    }
}

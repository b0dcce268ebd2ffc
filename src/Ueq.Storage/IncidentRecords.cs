using Ueq.Monitoring;

namespace Ueq.Storage;

/// <summary>An incident as it is stored.</summary>
/// <param name="Incident">The incident.</param>
/// <param name="Revision">Number of times it was saved: who saves it again names the revision that he changed.</param>
public sealed record StoredIncident(Incident Incident, long Revision);

/// <summary>Which incidents are wanted.</summary>
public sealed record IncidentQuery
{
    /// <summary>Only those of this state; <c>null</c> for all. Default: all.</summary>
    public IncidentState? State { get; init; }

    /// <summary>Only those of this model; <c>null</c> for all. Default: all.</summary>
    public string? Model { get; init; }

    /// <summary>Only those of this version; <c>null</c> for all. Default: all.</summary>
    public string? Version { get; init; }

    /// <summary>Only those of this signal; <c>null</c> for all. Default: all.</summary>
    public string? Signal { get; init; }

    /// <summary>Only those that were opened before this time, to turn the page; <c>null</c> for all. Default: all.</summary>
    public DateTimeOffset? OpenedBefore { get; init; }

    /// <summary>The most to answer: 1 to 1,000. Default: 100.</summary>
    public int Limit { get; init; } = 100;

    internal void Validate() => Validate(Limit);

    internal static void Validate(int limit)
    {
        if (limit is < 1 or > 1000) throw new ArgumentOutOfRangeException(nameof(limit), limit, "Expected 1 to 1,000.");
    }
}

/// <summary>What somebody did, for those who ask later.</summary>
/// <param name="At">When.</param>
/// <param name="Who">Who; <c>ueq</c> for the service itself.</param>
/// <param name="Action">What, such as <c>acknowledge</c>.</param>
/// <param name="Subject">To what, such as an incident's id.</param>
/// <param name="Before">How it was; <c>null</c> when it was not there.</param>
/// <param name="After">How it is since; <c>null</c> when it is gone.</param>
public sealed record AuditEntry(DateTimeOffset At, string Who, string Action, string Subject, string? Before, string? After);

/// <summary>An entry of the audit log with its place there.</summary>
/// <param name="Sequence">Ascending.</param>
/// <param name="Entry">The entry.</param>
public sealed record StoredAudit(long Sequence, AuditEntry Entry);

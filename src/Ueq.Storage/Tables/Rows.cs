namespace Ueq.Storage.Tables;

/// <summary>A row of <c>ueq_incidents</c>: what is searched, and the incident as JSON.</summary>
internal sealed class IncidentRow
{
    public required string Id { get; init; }

    public required string Model { get; init; }

    public required string Version { get; init; }

    public required string Signal { get; init; }

    public required long Epoch { get; init; }

    public required string State { get; set; }

    public required string Severity { get; set; }

    public required long Opened { get; init; }

    public long? Closed { get; set; }

    public required long Revision { get; set; }

    public required string Body { get; set; }
}

/// <summary>A row of <c>ueq_silences</c>.</summary>
internal sealed class SilenceRow
{
    public required string Id { get; init; }

    public required string Model { get; init; }

    public string? Signal { get; init; }

    public required long Starts { get; init; }

    public required long Until { get; init; }

    public required string Who { get; init; }

    public required string Reason { get; init; }
}

/// <summary>A row of <c>ueq_audit</c>.</summary>
internal sealed class AuditRow
{
    public long Sequence { get; init; }

    public required long At { get; init; }

    public required string Who { get; init; }

    public required string Action { get; init; }

    public required string Subject { get; init; }

    public string? Before { get; init; }

    public string? After { get; init; }
}

using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>Where an incident stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentState>))]
public enum IncidentState
{
    /// <summary>The signal is in alarm.</summary>
    [JsonStringEnumMemberName("open")]
    Open,

    /// <summary>The signal looks as it did before; it is watched whether that lasts.</summary>
    [JsonStringEnumMemberName("recovering")]
    Recovering,

    /// <summary>The signal is no longer in alarm.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,
}

/// <summary>How much an incident's effect is, with the guide's two names.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentSeverity>))]
public enum IncidentSeverity
{
    /// <summary>An effect that matters.</summary>
    [JsonStringEnumMemberName("medium")]
    Medium,

    /// <summary>At least a tenth of all values lie elsewhere for sure.</summary>
    [JsonStringEnumMemberName("high")]
    High,
}

/// <summary>What an entry of an incident's timeline tells.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<IncidentEntryKind>))]
public enum IncidentEntryKind
{
    /// <summary>The alarm was raised.</summary>
    [JsonStringEnumMemberName("opened")]
    Opened,

    /// <summary>The effect has grown.</summary>
    [JsonStringEnumMemberName("evidence")]
    Evidence,

    /// <summary>Somebody has taken note of it.</summary>
    [JsonStringEnumMemberName("acknowledged")]
    Acknowledged,

    /// <summary>Somebody wants no calls about it for a time.</summary>
    [JsonStringEnumMemberName("silenced")]
    Silenced,

    /// <summary>The signal looks as it did before.</summary>
    [JsonStringEnumMemberName("recovering")]
    Recovering,

    /// <summary>The recovery did not last.</summary>
    [JsonStringEnumMemberName("reopened")]
    Reopened,

    /// <summary>The signal is no longer in alarm.</summary>
    [JsonStringEnumMemberName("closed")]
    Closed,

    /// <summary>Somebody has declared recent values the new reference.</summary>
    [JsonStringEnumMemberName("rebaselined")]
    Rebaselined,

    /// <summary>Something else that somebody wanted to be known.</summary>
    [JsonStringEnumMemberName("note")]
    Note,
}

using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>What the monitor says of one signal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<SignalState>))]
public enum SignalState
{
    /// <summary>Too few values yet to say whether they depend on each other.</summary>
    [JsonStringEnumMemberName("learning")]
    Learning,

    /// <summary>Nothing speaks for a change.</summary>
    [JsonStringEnumMemberName("healthy")]
    Healthy,

    /// <summary>Evidence gathers, or there is evidence of a change too small to matter.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>There is evidence of a change that matters.</summary>
    [JsonStringEnumMemberName("alarm")]
    Alarm,

    /// <summary>After an alarm fresh values look as they did before; it is watched whether that lasts.</summary>
    [JsonStringEnumMemberName("recovering")]
    Recovering,

    /// <summary>No values have come for longer than expected.</summary>
    [JsonStringEnumMemberName("stale")]
    Stale,

    /// <summary>Values depend on the ones before them, so no rate of false alarms can be promised and no alarm is raised.</summary>
    [JsonStringEnumMemberName("void")]
    Void,
}

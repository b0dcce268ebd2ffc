using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>What a detector says after a value.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DetectorState>))]
public enum DetectorState
{
    /// <summary>Too few values to say anything.</summary>
    [JsonStringEnumMemberName("learning")]
    Learning,

    /// <summary>Nothing changed, as far as can be told.</summary>
    [JsonStringEnumMemberName("stable")]
    Stable,

    /// <summary>Something may be changing; only detectors with two limits say so.</summary>
    [JsonStringEnumMemberName("warning")]
    Warning,

    /// <summary>The stream changed. The next value starts afresh.</summary>
    [JsonStringEnumMemberName("drift")]
    Drift,
}

/// <summary>A detector of change in a stream of numbers, value by value.</summary>
/// <remarks>
/// All follow river's conventions: the value after a drift starts a detector that knows nothing. A detector has one writer, and
/// <see cref="Add"/> allocates nothing. The usual constants are not calibrated to anything: <see cref="NullCalibration"/> finds limits that
/// hold a rate of false alarms.
/// </remarks>
public interface IDriftDetector
{
    /// <summary>What the detector said last.</summary>
    DetectorState State { get; }

    /// <summary>Values since the detector last started afresh.</summary>
    long Count { get; }

    /// <summary>Takes one value and says what it means.</summary>
    /// <exception cref="ArgumentException">The value is not finite, or outside what the detector takes.</exception>
    DetectorState Add(double value);

    /// <summary>Forgets everything, as before the first value.</summary>
    void Clear();
}

/// <summary>A detector whose drift is one figure above one limit, so that the limit can be calibrated.</summary>
public interface ILimitDetector : IDriftDetector
{
    /// <summary>The figure that is compared, after the last value.</summary>
    double Statistic { get; }

    /// <summary>Drift is said when the figure is above it.</summary>
    double Limit { get; }
}

/// <summary>Which way a change must go to be told.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DriftDirection>))]
public enum DriftDirection
{
    /// <summary>Up or down.</summary>
    [JsonStringEnumMemberName("both")]
    Both,

    /// <summary>Values grow.</summary>
    [JsonStringEnumMemberName("up")]
    Up,

    /// <summary>Values fall.</summary>
    [JsonStringEnumMemberName("down")]
    Down,
}

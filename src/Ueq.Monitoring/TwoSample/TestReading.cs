using System.Text.Json.Serialization;

namespace Ueq.Monitoring;

/// <summary>How a probability was found.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PValueMethod>))]
public enum PValueMethod
{
    /// <summary>There is none: the samples are too small or hold one value only.</summary>
    [JsonStringEnumMemberName("undefined")]
    Undefined,

    /// <summary>By counting every arrangement that could have been.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>By the distribution that large samples tend to.</summary>
    [JsonStringEnumMemberName("asymptotic")]
    Asymptotic,

    /// <summary>From a published table: between its ends, and never outside them.</summary>
    [JsonStringEnumMemberName("interpolated")]
    Interpolated,

    /// <summary>By shuffling which value belongs to which sample: (1 + b)/(1 + B).</summary>
    [JsonStringEnumMemberName("permutation")]
    Permutation,
}

/// <summary>A test statistic, and how likely one at least as large is when nothing changed.</summary>
/// <param name="Statistic">The statistic in its own unit.</param>
/// <param name="PValue">Probability under no change, on independent rows; NaN where it is not defined.</param>
/// <param name="Method">How the probability was found.</param>
public readonly record struct TestReading(double Statistic, double PValue, PValueMethod Method);

using System.Text.Json.Serialization;

namespace Ueq.Ensembles;

/// <summary>How the answers of an ensemble's members become one.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Aggregation>))]
public enum Aggregation
{
    /// <summary>Their mean.</summary>
    [JsonStringEnumMemberName("mean")]
    Mean,

    /// <summary>Their mean, weighted by <see cref="EnsembleMember{TModel}.Weight"/>.</summary>
    [JsonStringEnumMemberName("weighted_mean")]
    WeightedMean,

    /// <summary>Their median, which one wrong member cannot move far.</summary>
    [JsonStringEnumMemberName("median")]
    Median,
}

/// <summary>One model of an ensemble, by name.</summary>
/// <typeparam name="TModel">The kind of model, such as <see cref="IPointPredictor"/>.</typeparam>
/// <param name="Name">The name that errors and reports use; differs between members.</param>
/// <param name="Model">The model.</param>
public sealed record EnsembleMember<TModel>(string Name, TModel Model)
    where TModel : class
{
    /// <summary>Weight in <see cref="Aggregation.WeightedMean"/>: 0 or more, any scale. Default: none, which is right for the other aggregations.</summary>
    public double? Weight { get; init; }
}

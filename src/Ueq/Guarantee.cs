using System.Text.Json.Serialization;

namespace Ueq;

/// <summary>What stands behind an answer's coverage.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<GuaranteeKind>))]
public enum GuaranteeKind
{
    /// <summary>No promise.</summary>
    [JsonStringEnumMemberName("none")]
    None,

    /// <summary>
    /// Marginal coverage of at least the level on exchangeable rows, for any model and any distribution
    /// (Vovk et al. 2005; Lei et al. 2018, theorem 2.2).
    /// </summary>
    [JsonStringEnumMemberName("split_conformal")]
    SplitConformal,

    /// <summary>
    /// Marginal coverage of at least 1 − 2·miss on exchangeable rows, about 1 − miss in practice
    /// (Barber et al. 2021, theorem 1; Kim, Xu and Barber 2020, theorem 1).
    /// </summary>
    [JsonStringEnumMemberName("jackknife_plus")]
    JackknifePlus,

    /// <summary>The level is delivered when the model's assumptions hold: a linear mean and Gaussian noise of one variance.</summary>
    [JsonStringEnumMemberName("model_is_right")]
    ModelIsRight,
}

/// <summary>What a calibrated model promises at a level, and on how much evidence.</summary>
/// <param name="Kind">What stands behind the promise.</param>
/// <param name="Nominal">The level that was asked for.</param>
/// <param name="Rank">The rank k of the threshold among the scores; 0 where there are none.</param>
/// <param name="Count">Number n of calibration scores; 0 where there are none.</param>
public readonly record struct Guarantee(GuaranteeKind Kind, Coverage Nominal, int Rank, int Count)
{
    /// <summary>The lowest expected coverage that is proven: k/(n + 1) for split conformal, 1 − 2·miss for jackknife+.</summary>
    public double Proven => Kind switch
    {
        GuaranteeKind.SplitConformal => Rank > Count ? 1 : Rank / (Count + 1.0),
        GuaranteeKind.JackknifePlus => Rank > Count ? 1 : Math.Max(0, 1 - 2 * Nominal.Miss),
        _ => 0,
    };

    /// <summary>Whether answers at this level are bounded: the rank exists among the scores.</summary>
    public bool IsBounded => Kind == GuaranteeKind.ModelIsRight || (Count > 0 && Rank <= Count);
}

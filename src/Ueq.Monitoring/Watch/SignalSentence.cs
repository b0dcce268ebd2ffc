using System.Globalization;

namespace Ueq.Monitoring;

/// <summary>What a step of a signal means, in a sentence for people.</summary>
internal static class SignalSentence
{
    public static string Of(
        SignalReference reference, SignalState to, EffectReading effect, IReadOnlyList<BinShift> shifts, double autocorrelation,
        double logEvidence, double logThreshold, string? why)
    {
        CultureInfo plain = CultureInfo.InvariantCulture;
        string what = Subject(reference), evidence = string.Create(plain, $"evidence {Power(logEvidence)}, threshold {Power(logThreshold)}");
        return to switch
        {
            SignalState.Alarm => string.Create(plain, $"{what} has changed: {Shift(reference, shifts)}; Kolmogorov distance {effect.KS:0.###}, at least {effect.KSLower:0.###}, over the last {effect.Count} values ({evidence})."),
            SignalState.Warning => string.Create(plain, $"{what} may be changing: Kolmogorov distance {effect.KS:0.###}, at least {effect.KSLower:0.###}, over the last {effect.Count} values ({evidence})."),
            SignalState.Recovering => string.Create(plain, $"{what} looks as it did before the alarm, over the last {effect.Count} values; it is watched whether that lasts."),
            SignalState.Healthy => $"{what} is healthy{(why is null ? "" : " " + why)}.",
            SignalState.Void => string.Create(plain, $"{what} depends on the value before it (autocorrelation {autocorrelation:0.##}): no rate of false alarms can be promised and no alarm is raised. Thinning{Thinning(autocorrelation)} or a reference by hour of week may help."),
            SignalState.Stale => $"{what} has had no values for longer than expected.",
            _ => $"{what} is learning.",
        };
    }

    /// <summary>A number given by its logarithm, in powers of ten.</summary>
    private static string Power(double log) => double.IsFinite(log) ? string.Create(CultureInfo.InvariantCulture, $"10^{log / Math.Log(10):0.#}") : "0";

    private static string Subject(SignalReference reference) => reference.Kind switch
    {
        SignalKind.Feature => $"Feature '{reference.Name}'",
        SignalKind.Prediction => "The prediction",
        SignalKind.Size => "The size of intervals or sets",
        _ => "The score of labels, how far the truth lies from what was said,",
    };

    private static string Shift(SignalReference reference, IReadOnlyList<BinShift> shifts)
    {
        if (shifts.Count == 0) return "its distribution";
        if (reference.Content == SignalContent.OneValue)
            return string.Create(CultureInfo.InvariantCulture, $"it was {Value(reference.Summary.Median)} in all rows, and no longer is");
        BinShift s = shifts[0];
        string where = double.IsNaN(s.From) ? "missing values" : s.From == double.PositiveInfinity ? "infinite values"
            : s.From == double.NegativeInfinity ? string.Create(CultureInfo.InvariantCulture, $"values up to {Value(s.To)}")
            : s.To == double.PositiveInfinity ? string.Create(CultureInfo.InvariantCulture, $"values above {Value(s.From)}")
            : string.Create(CultureInfo.InvariantCulture, $"values from {Value(s.From)} to {Value(s.To)}");
        return string.Create(CultureInfo.InvariantCulture, $"{where} are {100 * s.CurrentShare:0.#} % of all, were {100 * s.ReferenceShare:0.#} %");
    }

    // Four digits, and of large numbers all before the point.
    private static string Value(double value) => value.ToString(Math.Abs(value) is >= 1e4 and < 1e12 ? "#,##0" : "G4", CultureInfo.InvariantCulture);

    // The lag at which a first-order autoregression has faded to a tenth.
    private static string Thinning(double autocorrelation) =>
        autocorrelation is > 0 and < 1 ? string.Create(CultureInfo.InvariantCulture, $" to one row in {Math.Max(2, Math.Ceiling(Math.Log(0.1) / Math.Log(autocorrelation))):0}") : "";
}

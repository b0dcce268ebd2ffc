namespace Ueq.Monitoring;

/// <summary>How far recent values lie from the reference, whatever the evidence for it.</summary>
/// <remarks>
/// All figures are over the reference's bins, with one more bin for missing values and one for infinite ones. The lower bound is the
/// larger of two that each hold with 95 %: Dvoretzky, Kiefer and Wolfowitz's band with Massart's constant for two samples, sharp where
/// the middle moves, and Newcombe's bound (1998, method 10) of a difference of two shares at the best cut, Bonferroni over cuts, sharp
/// where something rare becomes common. With hours of the week told apart the distance is that of ranks among values of the same hour.
/// </remarks>
/// <param name="Count">Number of recent values; with none the other figures are NaN.</param>
/// <param name="KS">Kolmogorov's distance: the largest difference of the two distribution functions at a bin's edge; 0 to 1.</param>
/// <param name="KSLower">A lower bound of the distance; 0 where it could be nothing.</param>
/// <param name="Wasserstein">Area between the two distribution functions over the range of the reference, in its standard deviations; NaN where it has one value.</param>
/// <param name="Psi">Population stability index over at most ten merged bins.</param>
/// <param name="PsiCritical">What PSI exceeds by chance once in a hundred.</param>
/// <param name="JensenShannon">Jensen–Shannon distance with natural logarithms; 0 to √ln 2.</param>
public readonly record struct EffectReading(
    int Count, double KS, double KSLower, double Wasserstein, double Psi, double PsiCritical, double JensenShannon)
{
    /// <summary>The reading of no values.</summary>
    internal static EffectReading None => new(0, double.NaN, 0, double.NaN, double.NaN, double.NaN, double.NaN);
}

/// <summary>Where an effect sits: values in one range are more or less frequent than they were.</summary>
/// <param name="From">The range begins above this value; −∞ for the first, NaN for missing values.</param>
/// <param name="To">The range ends at this value; +∞ for the last, NaN for missing values. Both are +∞ for infinite values.</param>
/// <param name="ReferenceShare">Share of the reference in the range.</param>
/// <param name="CurrentShare">Share of recent values in the range.</param>
public sealed record BinShift(double From, double To, double ReferenceShare, double CurrentShare);

using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Quantiles of the standard normal distribution.</summary>
internal static class NormalQuantile
{
    private static readonly double _rootOfTwo = Math.Sqrt(2);

    private const double Missing = 0.025;
    private const int MostCuts = 64;
    private static readonly double[] _ofCuts = [.. Enumerable.Range(0, MostCuts).Select(cuts => Upper(Missing / Math.Max(1, cuts)))];

    /// <summary>The value that none of so many standard normals exceeds with at least 97.5 % (Bonferroni).</summary>
    public static double OfCuts(int cuts) => _ofCuts[cuts];

    /// <summary>The value that is exceeded with this probability.</summary>
    public static double Upper(double probability) => _rootOfTwo * SpecialFunctions.ErfcInv(2 * probability);
}

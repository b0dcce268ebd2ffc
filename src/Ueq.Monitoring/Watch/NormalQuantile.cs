using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Quantiles of the standard normal distribution.</summary>
internal static class NormalQuantile
{
    private static readonly double _rootOfTwo = Math.Sqrt(2);

    /// <summary>The value that is exceeded with this probability.</summary>
    public static double Upper(double probability) => _rootOfTwo * SpecialFunctions.ErfcInv(2 * probability);
}

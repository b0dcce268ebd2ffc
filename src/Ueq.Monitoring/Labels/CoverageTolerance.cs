using MathNet.Numerics.Distributions;

namespace Ueq.Monitoring;

/// <summary>The miss rates that a sound calibration may deliver: what lies outside them is not the luck of the calibration's draw.</summary>
/// <remarks>
/// Given one calibration set, split conformal delivers a coverage that is Beta(k, n + 1 − k) distributed (Vovk 2012, proposition 2a),
/// k and n being the rank and the number of scores. The largest tolerable miss rate is one minus its 1 % quantile, the smallest one
/// minus its 99 % quantile. Testing against the nominal miss instead accuses about half of all sound calibrations in the long run.
/// Jackknife+ has no such law; the same figures stand for it as an approximation. A model that promises by its assumptions alone is
/// held to the nominal miss.
/// </remarks>
/// <param name="Nominal">The coverage that is promised.</param>
/// <param name="LargestMiss">The miss rate up to which misses are tolerated.</param>
/// <param name="SmallestMiss">The miss rate below which answers are larger than they need to be.</param>
public readonly record struct CoverageTolerance(Coverage Nominal, double LargestMiss, double SmallestMiss)
{
    /// <summary>Probability with which a sound calibration delivers more misses than are tolerated.</summary>
    public const double Risk = 0.01;

    /// <summary>The tolerance of what a calibrated model promises.</summary>
    public static CoverageTolerance From(Guarantee guarantee)
    {
        int rank = guarantee.Rank, count = guarantee.Count;
        double nominal = guarantee.Nominal.Miss;
        if (rank < 1 || count < 1 || rank > count) return new(guarantee.Nominal, nominal, nominal);
        // The few digits an inversion is short of matter to nobody, but one that gave up would.
        double least = Quantile(rank, count + 1 - rank, Risk), most = Quantile(rank, count + 1 - rank, 1 - Risk);
        return new(guarantee.Nominal, Math.Max(1 - least, nominal), Math.Min(1 - most, nominal));
    }

    private static double Quantile(double a, double b, double probability)
    {
        double low = 0, high = 1;
        for (int step = 0; step < 100; step++)
        {
            double middle = (low + high) / 2;
            if (Beta.CDF(a, b, middle) < probability) low = middle;
            else high = middle;
        }

        return high;
    }
}

using MathNet.Numerics;

namespace Ueq.Monitoring;

/// <summary>Bounds of a share that hold at all times together, however often and whenever one looks.</summary>
/// <remarks>
/// The beta-binomial mixture: a share p is refused once ln B(wp + s, w(1−p) + n − s) − ln B(wp, w(1−p)) − s·ln p − (n−s)·ln(1−p)
/// reaches ln(1/miss), s of n being the successes and w = v/(2·ln(1/miss) + ln(1 + 2·ln(1/miss))) − 1 (Howard, Ramdas, McAuliffe and Sekhon
/// 2021, proposition 7, with the weight of their package confseq). It is sharpest after about v trials.
/// </remarks>
public static class ConfidenceSequence
{
    // confseq's own default is optimised at the same miss whatever the level asked.
    private const double WeightMiss = 0.05;

    /// <summary>Bounds of the share behind <paramref name="successes"/> among <paramref name="trials"/>; (0, 1) before the first trial.</summary>
    /// <param name="successes">Number of successes.</param>
    /// <param name="trials">Number of trials, in the order in which they came.</param>
    /// <param name="coverage">Probability that the bounds contain the share at all times.</param>
    /// <param name="sharpest">Number of trials after which the bounds are sharpest: 20 or more. Default: 100.</param>
    public static Interval OfShare(long successes, long trials, Coverage coverage, double sharpest = 100)
    {
        if (trials < 0) Throw.OutOfRange(nameof(trials), trials, "zero trials or more");
        if (successes < 0 || successes > trials) Throw.OutOfRange(nameof(successes), successes, "successes from 0 to the number of trials");
        if (!(sharpest >= 20 && double.IsFinite(sharpest))) Throw.OutOfRange(nameof(sharpest), sharpest, "20 trials or more");
        if (trials == 0) return new Interval(0, 1);
        double log = 2 * Math.Log(1 / WeightMiss);
        double weight = sharpest / (log + Math.Log(1 + log)) - 1;
        double refuse = -Math.Log(coverage.Miss), share = (double)successes / trials;
        double lower = successes == 0 ? 0 : Edge(share, 0, successes, trials, weight, refuse);
        double upper = successes == trials ? 1 : Edge(share, 1, successes, trials, weight, refuse);
        return new Interval(lower, upper);
    }

    private static double Edge(double kept, double refused, double s, double n, double weight, double refuse)
    {
        for (int step = 0; step < 60; step++)
        {
            double middle = (kept + refused) / 2;
            if (Evidence(middle, s, n, weight) >= refuse) refused = middle;
            else kept = middle;
        }

        return refused;
    }

    private static double Evidence(double p, double s, double n, double weight) =>
        LogBeta(weight * p + s, weight * (1 - p) + n - s) - LogBeta(weight * p, weight * (1 - p)) - s * Math.Log(p) - (n - s) * Math.Log(1 - p);

    private static double LogBeta(double a, double b) => SpecialFunctions.GammaLn(a) + SpecialFunctions.GammaLn(b) - SpecialFunctions.GammaLn(a + b);
}

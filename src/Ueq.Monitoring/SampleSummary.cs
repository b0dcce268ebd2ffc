using System.Runtime.Intrinsics;

namespace Ueq.Monitoring;

/// <summary>The seven figures by which the guide describes a sample, over its finite values.</summary>
/// <remarks>The standard deviation divides by n; quartiles interpolate linearly between order statistics (type 7, NumPy's default).</remarks>
/// <param name="Count">Number of finite values; with none the other figures are NaN.</param>
/// <param name="Mean">Arithmetic mean.</param>
/// <param name="StandardDeviation">Root of the mean squared deviation.</param>
/// <param name="Minimum">Smallest value.</param>
/// <param name="LowerQuartile">A quarter of the values lie below.</param>
/// <param name="Median">Half of the values lie below.</param>
/// <param name="UpperQuartile">Three quarters of the values lie below.</param>
/// <param name="Maximum">Largest value.</param>
public readonly record struct SampleSummary(
    int Count, double Mean, double StandardDeviation, double Minimum, double LowerQuartile, double Median, double UpperQuartile, double Maximum)
{
    // Half the range of values whose squared deviations keep all their digits.
    private const double MostSquared = 1e140, LeastSquared = 1e-140;

    /// <summary>The summary of finite values in ascending order, so that it cannot depend on the order of arrival.</summary>
    internal static SampleSummary From(ReadOnlySpan<double> ascending)
    {
        int n = ascending.Length;
        if (n == 0) return new(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        return (ascending[^1] / 2 - ascending[0] / 2) switch
        {
            > MostSquared => Scaled(ascending, -600),
            > 0 and < LeastSquared => Scaled(ascending, 800),
            _ => Moments(ascending),
        };
    }

    /// <summary>The same of values whose squares would leave the range of doubles, in another unit meanwhile.</summary>
    private static SampleSummary Scaled(ReadOnlySpan<double> ascending, int power)
    {
        double[] values = new double[ascending.Length];
        for (int i = 0; i < values.Length; i++) values[i] = Math.ScaleB(ascending[i], power);
        SampleSummary s = Moments(values);
        return new(
            s.Count, Math.ScaleB(s.Mean, -power), Math.ScaleB(s.StandardDeviation, -power), ascending[0],
            Math.ScaleB(s.LowerQuartile, -power), Math.ScaleB(s.Median, -power), Math.ScaleB(s.UpperQuartile, -power), ascending[^1]);
    }

    private static SampleSummary Moments(ReadOnlySpan<double> ascending)
    {
        int n = ascending.Length;
        // The mean is at most a standard deviation from the median, so little is lost by one pass around it, and nothing where all values are one.
        double centre = ascending[n / 2], sum = 0, squares = 0;
        Vector256<double> centres = Vector256.Create(centre), sums = Vector256<double>.Zero, products = Vector256<double>.Zero;
        int i = 0;
        for (; i <= n - Vector256<double>.Count; i += Vector256<double>.Count)
        {
            Vector256<double> apart = Vector256.Create(ascending[i..]) - centres;
            sums += apart;
            products += apart * apart;
        }

        for (; i < n; i++)
        {
            sum += ascending[i] - centre;
            squares += (ascending[i] - centre) * (ascending[i] - centre);
        }

        sum += Vector256.Sum(sums);
        squares = Math.Max(0, squares + Vector256.Sum(products) - sum / n * sum);
        double mean = centre + sum / n;
        return new(n, mean, Math.Sqrt(squares / n), ascending[0], Quantile(ascending, 0.25), Quantile(ascending, 0.5), Quantile(ascending, 0.75), ascending[^1]);
    }

    private static double Quantile(ReadOnlySpan<double> ascending, double share)
    {
        double place = share * (ascending.Length - 1);
        int below = (int)place;
        double low = ascending[below];
        return below + 1 < ascending.Length ? low + (place - below) * (ascending[below + 1] - low) : low;
    }
}

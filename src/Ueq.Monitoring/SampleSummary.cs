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
    /// <summary>The summary of finite values in ascending order, so that it cannot depend on the order of arrival.</summary>
    internal static SampleSummary From(ReadOnlySpan<double> ascending)
    {
        int n = ascending.Length;
        if (n == 0) return new(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);
        double mean = 0;
        for (int i = 0; i < n; i++) mean += (ascending[i] - mean) / (i + 1);
        double squares = 0;
        foreach (double value in ascending) squares += (value - mean) * (value - mean);
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

namespace Ueq.Torch;

/// <summary>How features and targets are brought to ordinary size in front of a network, and its answers back.</summary>
internal sealed record Standardisation(float[] Means, float[] InverseScales, double Offset, double Scale)
{
    /// <summary>Leaves everything as it is.</summary>
    public static Standardisation None(int features)
    {
        float[] ones = new float[features];
        Array.Fill(ones, 1);
        return new Standardisation(new float[features], ones, 0, 1);
    }

    public static Standardisation Of(FeatureMatrix x, ReadOnlySpan<double> y)
    {
        float[] means = new float[x.Columns], inverse = new float[x.Columns];
        double[] column = new double[x.Rows];
        for (int c = 0; c < x.Columns; c++)
        {
            for (int i = 0; i < column.Length; i++) column[i] = x.Values[i * x.Columns + c];
            (double mean, double scale) = Moments(column);
            means[c] = (float)mean;
            inverse[c] = (float)(1 / scale);
        }

        (double offset, double spread) = Moments(y);
        return new Standardisation(means, inverse, offset, spread);
    }

    public void Apply(FeatureMatrix x, Span<float> destination)
    {
        ReadOnlySpan<float> values = x.Values;
        for (int i = 0, c = 0; i < values.Length; i++)
        {
            destination[i] = (values[i] - Means[c]) * InverseScales[c];
            if (++c == Means.Length) c = 0;
        }
    }

    // Mean and standard deviation; 1 where nothing varies. Divided by the largest, so that squares of large numbers stay finite.
    private static (double Mean, double Scale) Moments(ReadOnlySpan<double> values)
    {
        double mean = 0, largest = 0, sum = 0;
        for (int i = 0; i < values.Length; i++) mean += (values[i] - mean) / (i + 1);
        foreach (double value in values) largest = Math.Max(largest, Math.Abs(value - mean));
        // What varies by less than a float of that size can tell does not vary.
        if (largest <= 1e-7 * Math.Abs(mean) || largest == 0) return (mean, 1);
        foreach (double value in values) sum += (value - mean) / largest * ((value - mean) / largest);
        return (mean, largest * Math.Sqrt(sum / values.Length));
    }
}

using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>Fits regression models of one kind. The same rows and seed give the same model.</summary>
public sealed class MLNetRegressionTrainer : ITrainer<MLNetRegressor>
{
    private readonly MLNetOptions _options;

    /// <summary>A trainer of the kind and settings that the options are.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public MLNetRegressionTrainer(MLNetOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A target is not finite, a feature is not accepted, or lengths differ.</exception>
    /// <exception cref="AssumptionException">There are fewer than two rows.</exception>
    public MLNetRegressor Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        Inputs.CheckTargets(x, y);
        Inputs.CheckFeatures(x, _options.AcceptsMissing);
        // Learners assume targets of ordinary size, and ML.NET's labels are floats: standardised ones lose nothing.
        double offset = Mean(y), scale = Spread(y, offset);
        float[] labels = new float[y.Length];
        for (int i = 0; i < labels.Length; i++) labels[i] = (float)((y[i] - offset) / scale);
        int mlSeed = Seeds.ForMLNet(seed);
        bool learnable = Inputs.Vary(x) && labels.AsSpan().ContainsAnyExcept(labels[0]);
        Slot model = learnable
            ? Native.Fit(_options.Regression(new MLContext(mlSeed), x.Rows, mlSeed), new TableView(x, labels, LabelKind.Number, _options.MissingAs), 0)
            : default;
        return new MLNetRegressor(new Fitted([model], OutputKind.Score, x.Columns, _options.AcceptsMissing, _options.MissingAs), offset, scale);
    }

    private static double Mean(ReadOnlySpan<double> y)
    {
        double mean = 0;
        for (int i = 0; i < y.Length; i++) mean += (y[i] - mean) / (i + 1);
        return mean;
    }

    private static double Spread(ReadOnlySpan<double> y, double mean)
    {
        double largest = 0, sum = 0;
        foreach (double value in y) largest = Math.Max(largest, Math.Abs(value - mean));
        if (largest == 0) return 1;
        foreach (double value in y) sum += (value - mean) / largest * ((value - mean) / largest);
        return largest * Math.Sqrt(sum / y.Length);
    }
}

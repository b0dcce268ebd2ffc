using Microsoft.ML;

namespace Ueq.MLNet;

/// <summary>Calibrated regression beside ML.NET's own trainers: <c>mlContext.Regression.Calibrated(pipeline)</c>.</summary>
public static class CalibratedRegression
{
    /// <summary>A regression pipeline, calibrated on a share of the rows it is fitted on.</summary>
    public static IntervalEstimator Calibrated(this RegressionCatalog catalog, IEstimator<ITransformer> pipeline, IntervalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pipeline);
        return new IntervalEstimator(pipeline, options ?? new IntervalOptions());
    }

    /// <summary>A fitted regression, calibrated on rows that it has not seen.</summary>
    /// <exception cref="ArgumentException">A column is missing, of another type, or a label is not finite; names column, found and expected.</exception>
    /// <exception cref="AssumptionException">There is no row, or the model's answer is not finite.</exception>
    public static IntervalTransformer Calibrate(this RegressionCatalog catalog, ITransformer model, IDataView calibration, IntervalOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return IntervalTransformer.From(model, calibration, options);
    }
}

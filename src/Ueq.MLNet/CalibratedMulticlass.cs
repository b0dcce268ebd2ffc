using Microsoft.ML;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>Calibrated classification of several classes: <c>mlContext.MulticlassClassification.Calibrated(pipeline)</c>.</summary>
public static class CalibratedMulticlass
{
    /// <summary>A classification pipeline of several classes, calibrated on a share of the rows it is fitted on.</summary>
    public static LabelSetEstimator Calibrated(this MulticlassClassificationCatalog catalog, IEstimator<ITransformer> pipeline, LabelSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pipeline);
        return new LabelSetEstimator(pipeline, options ?? new LabelSetOptions(), ClassOutput.Several);
    }

    /// <summary>A fitted classification of several classes, calibrated on rows that it has not seen.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type; names column, found and expected.</exception>
    /// <exception cref="AssumptionException">There is no row, the model does not know a row's class, or its answers are no probabilities.</exception>
    public static LabelSetTransformer Calibrate(this MulticlassClassificationCatalog catalog, ITransformer model, IDataView calibration, LabelSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return LabelSetTransformer.From(model, calibration, options, ClassOutput.Several);
    }
}

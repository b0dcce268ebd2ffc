using Microsoft.ML;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>Calibrated classification of yes and no: <c>mlContext.BinaryClassification.Calibrated(pipeline)</c>.</summary>
public static class CalibratedBinary
{
    /// <summary>A classification pipeline of yes and no, calibrated on a share of the rows it is fitted on.</summary>
    public static LabelSetEstimator Calibrated(this BinaryClassificationCatalog catalog, IEstimator<ITransformer> pipeline, LabelSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(pipeline);
        return new LabelSetEstimator(pipeline, options ?? new LabelSetOptions(), ClassOutput.Two);
    }

    /// <summary>A fitted classification of yes and no, calibrated on rows that it has not seen.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type; names column, found and expected.</exception>
    /// <exception cref="AssumptionException">There is no row, or the model's answers are no probabilities.</exception>
    public static LabelSetTransformer Calibrate(this BinaryClassificationCatalog catalog, ITransformer model, IDataView calibration, LabelSetOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return LabelSetTransformer.From(model, calibration, options, ClassOutput.Two);
    }
}

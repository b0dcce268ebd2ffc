using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Conformal;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>A regression pipeline that is fitted on one part of the rows and calibrated on the rest.</summary>
/// <remarks>Which rows calibrate depends on their number, the share and the seed only. Rows are not copied.</remarks>
public sealed class IntervalEstimator : IEstimator<IntervalTransformer>
{
    private readonly IEstimator<ITransformer> _pipeline;
    private readonly IntervalOptions _options;

    internal IntervalEstimator(IEstimator<ITransformer> pipeline, IntervalOptions options)
    {
        options.Validate();
        _pipeline = pipeline;
        _options = options;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column is missing, of another type, or a label is not finite; names column, found and expected.</exception>
    /// <exception cref="AssumptionException">There are fewer than two rows.</exception>
    public IntervalTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SplitRows rows = SplitRows.Divide(RowSubset.Count(input), _options.CalibrationShare, _options.Seed);
        ITransformer model = _pipeline.Fit(new RowSubset(input, rows.Proper));
        return IntervalTransformer.From(model, new RowSubset(input, rows.Calibration), _options, rows.Calibration);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape shape = _pipeline.GetOutputSchema(inputSchema);
        SchemaShape.Column score = Expect.Column(shape, _options.ScoreColumn, "the prediction");
        if (score.Kind != SchemaShape.Column.VectorKind.Scalar || score.ItemType != NumberDataViewType.Single)
            throw Expect.WrongType(score.Name, "Single, the prediction of a regression", $"{score.Kind} of {score.ItemType}");
        Expect.Column(shape, _options.LabelColumn, "the truth");
        return Expect.With(shape,
        [
            Archive.Shape(IntervalColumns.LowerOf(score.Name), SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, null),
            Archive.Shape(IntervalColumns.UpperOf(score.Name), SchemaShape.Column.VectorKind.Scalar, NumberDataViewType.Single, false, null),
        ]);
    }
}

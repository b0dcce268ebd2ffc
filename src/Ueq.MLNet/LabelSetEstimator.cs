using Microsoft.ML;
using Microsoft.ML.Data;
using Ueq.Conformal;
using Ueq.MLNet.Views;

namespace Ueq.MLNet;

/// <summary>A classification pipeline that is fitted on one part of the rows and calibrated on the rest.</summary>
/// <remarks>Which rows calibrate depends on their number, the share and the seed only. Rows are not copied.</remarks>
public sealed class LabelSetEstimator : IEstimator<LabelSetTransformer>
{
    private readonly IEstimator<ITransformer> _pipeline;
    private readonly LabelSetOptions _options;
    private readonly ClassOutput _output;

    internal LabelSetEstimator(IEstimator<ITransformer> pipeline, LabelSetOptions options, ClassOutput output)
    {
        options.Validate();
        _pipeline = pipeline;
        _options = options;
        _output = output;
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A column is missing or of another type; names column, found and expected.</exception>
    /// <exception cref="AssumptionException">There are fewer than two rows, or the model does not know a row's class.</exception>
    public LabelSetTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        SplitRows rows = SplitRows.Divide(RowSubset.Count(input), _options.CalibrationShare, _options.Seed);
        ITransformer model = _pipeline.Fit(new RowSubset(input, rows.Proper));
        return LabelSetTransformer.From(model, new RowSubset(input, rows.Calibration), _options, _output, rows.Calibration);
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        SchemaShape shape = _pipeline.GetOutputSchema(inputSchema);
        SchemaShape.Column probability = Expect.Column(shape, _options.ProbabilityColumn ?? _output.DefaultColumn, "the probabilities");
        _output.Check(probability, Expect.Column(shape, _options.LabelColumn, "the truth"));
        SchemaShape names = new([Archive.Shape(LabelSetColumns.SlotNames, SchemaShape.Column.VectorKind.Vector, TextDataViewType.Instance, false, null)]);
        return Expect.With(shape,
        [
            Archive.Shape(LabelSetColumns.PredictedSet, SchemaShape.Column.VectorKind.Vector, BooleanDataViewType.Instance, false, names),
            Archive.Shape(LabelSetColumns.PValues, SchemaShape.Column.VectorKind.Vector, NumberDataViewType.Single, false, names),
        ]);
    }
}

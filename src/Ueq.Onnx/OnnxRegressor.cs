using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>An ONNX model that answers with one number per row. Immutable and safe to share between threads.</summary>
/// <remarks>Rows are fed in batches of the model's own size, or of up to some thousand; nothing is allocated per row.</remarks>
public sealed class OnnxRegressor : IPointPredictor, IStoredPredictor
{
    private readonly Runner _runner;
    private readonly OutputColumn _column;
    private readonly StoredOptions _stored;

    /// <summary>A predictor over a model.</summary>
    /// <exception cref="InvalidDataException">The model's inputs or outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model, or the model leaves a choice to them.</exception>
    public OnnxRegressor(OnnxModel model, OnnxRegressionOptions? options = null)
    {
        options ??= new();
        (_runner, OutputColumn[] columns) = Outputs.Numbers(model, options, ("the prediction", options.Output));
        _column = columns[0];
        _stored = StoredOptions.From(options) with { Output = _runner.Outputs[_column.Output].Name, Column = _column.Column };
    }

    /// <summary>The model behind it.</summary>
    public OnnxModel Model => _runner.Model;

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Plan.Width;

    /// <inheritdoc/>
    public string Format => OnnxFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or a feature that it does not accept.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not a finite number.</exception>
    public void Predict(FeatureMatrix x, Span<double> destination)
    {
        Inputs.CheckLength(nameof(destination), destination.Length, x.Rows, "places, one per row");
        _runner.Check(x);
        Worker worker = _runner.Rent();
        for (int start = 0; start < x.Rows; start += _runner.Rows)
        {
            int rows = Math.Min(_runner.Rows, x.Rows - start);
            worker.Run(x, start, rows);
            worker.Read(_column, destination.Slice(start, rows));
        }

        _runner.Return(worker);
        Inputs.CheckAnswers(destination, _runner.Source);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredModel.Write(destination, _stored, Model.Bytes);
}

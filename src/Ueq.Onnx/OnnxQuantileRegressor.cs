using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>An ONNX model that answers with two quantiles per row. Immutable and safe to share between threads.</summary>
/// <remarks>Quantiles that cross are put in order, which never makes them worse: Chernozhukov et al. 2010, proposition 4.</remarks>
public sealed class OnnxQuantileRegressor : IQuantilePredictor, IStoredPredictor
{
    private readonly Runner _runner;
    private readonly StoredOptions _stored;
    private readonly OutputColumn _lower, _upper;

    /// <summary>A predictor over a model.</summary>
    /// <exception cref="InvalidDataException">The model's inputs or outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model, or the model leaves a choice to them.</exception>
    public OnnxQuantileRegressor(OnnxModel model, OnnxQuantileOptions? options = null)
    {
        options ??= new();
        (_runner, OutputColumn[] columns) = Outputs.Numbers(model, options, ("the lower quantile", options.Lower), ("the upper quantile", options.Upper));
        (_lower, _upper) = (columns[0], columns[1]);
        _stored = StoredOptions.From(options, OnnxKind.Quantiles, _runner, columns);
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
    public void Predict(FeatureMatrix x, Span<double> lower, Span<double> upper)
    {
        Inputs.CheckLength(nameof(lower), lower.Length, x.Rows, "places, one per row");
        Inputs.CheckLength(nameof(upper), upper.Length, x.Rows, "places, one per row");
        _runner.Check(x);
        Worker worker = _runner.Rent();
        for (int start = 0; start < x.Rows; start += _runner.Rows)
        {
            int rows = Math.Min(_runner.Rows, x.Rows - start);
            worker.Run(x, start, rows);
            worker.Read(_lower, lower.Slice(start, rows));
            worker.Read(_upper, upper.Slice(start, rows));
        }

        _runner.Return(worker);
        Inputs.CheckAnswers(lower, _runner.Source);
        Inputs.CheckAnswers(upper, _runner.Source);
        for (int i = 0; i < lower.Length; i++)
            if (lower[i] > upper[i]) (lower[i], upper[i]) = (upper[i], lower[i]);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredModel.Write(destination, _stored, Model.Bytes);
}

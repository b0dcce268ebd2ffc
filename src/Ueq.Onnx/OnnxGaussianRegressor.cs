using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>An ONNX model that answers with a mean and a spread per row. Immutable and safe to share between threads.</summary>
public sealed class OnnxGaussianRegressor : IGaussianPredictor, IStoredPredictor
{
    private readonly Runner _runner;
    private readonly StoredOptions _stored;
    private readonly OutputColumn _mean, _spread;
    private readonly OnnxSpread _kind;

    /// <summary>A predictor over a model.</summary>
    /// <exception cref="InvalidDataException">The model's inputs or outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model, or the model leaves a choice to them.</exception>
    public OnnxGaussianRegressor(OnnxModel model, OnnxGaussianOptions? options = null)
    {
        options ??= new();
        if (!Enum.IsDefined(options.SpreadIs)) throw new ArgumentOutOfRangeException(nameof(options), options.SpreadIs, $"Expected a kind of spread, got {options.SpreadIs}.");
        (_runner, OutputColumn[] columns) = Outputs.Numbers(model, options, ("the mean", options.Mean), ("the spread", options.Spread));
        (_mean, _spread, _kind) = (columns[0], columns[1], options.SpreadIs);
        _stored = StoredOptions.From(options, OnnxKind.Gaussian, _runner, columns) with { SpreadIs = _kind };
    }

    /// <summary>The model behind it.</summary>
    public OnnxModel Model => _runner.Model;

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Plan.Width;

    /// <inheritdoc/>
    public string Format => OnnxFormat.FormatName;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features than the model, or a feature that it does not accept.</exception>
    /// <exception cref="AssumptionException">The model answers with something that is not finite, or with a spread that is not positive.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Inputs.CheckLength(nameof(mean), mean.Length, x.Rows, "places, one per row");
        Inputs.CheckLength(nameof(sigma), sigma.Length, x.Rows, "places, one per row");
        _runner.Check(x);
        Worker worker = _runner.Rent();
        for (int start = 0; start < x.Rows; start += _runner.Rows)
        {
            int rows = Math.Min(_runner.Rows, x.Rows - start);
            worker.Run(x, start, rows);
            worker.Read(_mean, mean.Slice(start, rows));
            worker.Read(_spread, sigma.Slice(start, rows));
        }

        _runner.Return(worker);
        Inputs.CheckAnswers(mean, _runner.Source);
        Inputs.CheckAnswers(sigma, _runner.Source);
        for (int i = 0; i < sigma.Length; i++) sigma[i] = Spreads.Sigma(_kind, sigma[i], _runner.Source, i);
    }

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredModel.Write(destination, _stored, Model.Bytes);
}

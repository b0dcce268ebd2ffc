using System.Buffers;
using Ueq.Versions;

namespace Ueq.Onnx;

/// <summary>Many passes of one ONNX model with its dropout left on: a Gaussian per row (Gal and Ghahramani 2016).</summary>
/// <remarks>
/// <para>Mean: that of the passes. Variance: Var[μ] + E[σ²], the spread of the passes and the noise (from a second output or the options).
/// Every Dropout node drops what its ratio says, whatever its training_mode; all else is as in the file. The passes of some rows are one run over their copies, where
/// the model takes any number of rows.</para>
/// <para>What is reproducible: ONNX Runtime draws the masks from one generator per node and session, which goes on from run to run. A predictor that was just made, from the
/// same bytes and options, gives the same answers to the same calls in the same order on one thread; the next call draws on, so that two
/// calls about one row differ by the error of their number of passes, and calls of many threads come in no order.</para>
/// <para>Safe to share between threads. Not an interval with a guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>).</para>
/// </remarks>
public sealed class OnnxMcDropout : IGaussianPredictor, IPointPredictor, INamedMethod, IStoredPredictor
{
    // Rows and passes of the trial that shows whether dropout does anything.
    private const int TrialRows = 16;
    private const int TrialPasses = 8;

    private readonly Runner _runner;
    private readonly OutputColumn[] _columns;
    private readonly OnnxMcDropoutOptions _options;
    private readonly StoredOptions _stored;
    private readonly int _chunk;

    /// <summary>MC dropout over a model.</summary>
    /// <exception cref="InvalidDataException">The model has no dropout that can be switched on, nothing varies when it is, or its inputs or outputs are not those of a regression.</exception>
    /// <exception cref="ArgumentException">The options do not fit the model, or the model leaves a choice to them.</exception>
    public OnnxMcDropout(OnnxModel model, OnnxMcDropoutOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _options = options ?? new();
        _options.Validate();
        Model = model;
        OnnxModel varying = model.WithDropout(_options.Seed);
        (_runner, _columns) = _options.Spread is null
            ? Outputs.Numbers(varying, _options, ("the prediction", _options.Output))
            : Outputs.Numbers(varying, _options, ("the mean", _options.Output), ("the spread", _options.Spread));
        _stored = StoredOptions.From(_options, OnnxKind.Dropout, _runner, _columns) with
        {
            SpreadIs = _options.SpreadIs,
            Passes = new StoredPasses(_options.Passes, _options.Noise, _options.Seed),
        };
        _chunk = Math.Max(1, _runner.Rows / _options.Passes);
        Try();
    }

    /// <summary>The model behind it, with its dropout as in the file.</summary>
    public OnnxModel Model { get; }

    /// <summary>Number of features a row must have.</summary>
    public int Features => _runner.Plan.Width;

    /// <inheritdoc/>
    public string Method => "mc_dropout";

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
        int passes = _options.Passes, most = Math.Min(_chunk, x.Rows);
        float[] copies = ArrayPool<float>.Shared.Rent(most * passes * x.Columns);
        double[] means = ArrayPool<double>.Shared.Rent(most * passes), spreads = ArrayPool<double>.Shared.Rent(_columns.Length > 1 ? most * passes : 0);
        for (int start = 0; start < x.Rows; start += _chunk)
        {
            int rows = Math.Min(_chunk, x.Rows - start);
            FeatureMatrix repeated = Repeat(x.Slice(start, rows), passes, copies);
            Run(repeated, means, spreads);
            for (int i = 0; i < rows; i++) (mean[start + i], sigma[start + i]) = Read(means, spreads, rows, i, start + i);
        }

        ArrayPool<float>.Shared.Return(copies);
        ArrayPool<double>.Shared.Return(means);
        ArrayPool<double>.Shared.Return(spreads);
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Predict(x, destination, new double[x.Rows]);

    /// <inheritdoc/>
    public void Save(Stream destination) => StoredModel.Write(destination, _stored, Model.Bytes);

    private static FeatureMatrix Repeat(FeatureMatrix x, int passes, float[] copies)
    {
        int values = x.Rows * x.Columns;
        for (int pass = 0; pass < passes; pass++) x.Values.CopyTo(copies.AsSpan(pass * values));
        return new FeatureMatrix(copies.AsMemory(0, passes * values), x.Columns);
    }

    private void Run(FeatureMatrix x, Span<double> means, Span<double> spreads)
    {
        Worker worker = _runner.Rent();
        for (int start = 0; start < x.Rows; start += _runner.Rows)
        {
            int rows = Math.Min(_runner.Rows, x.Rows - start);
            worker.Run(x, start, rows);
            worker.Read(_columns[0], means.Slice(start, rows));
            if (_columns.Length > 1) worker.Read(_columns[1], spreads.Slice(start, rows));
        }

        _runner.Return(worker);
    }

    // Welford's recursion, so that nothing cancels.
    private (double Mean, double Sigma) Read(double[] means, double[] spreads, int rows, int at, int row)
    {
        double mean = 0, squares = 0, noise = 0;
        for (int pass = 0; pass < _options.Passes; pass++)
        {
            double answer = means[pass * rows + at], step = answer - mean;
            mean += step / (pass + 1);
            squares += step * (answer - mean);
            if (_columns.Length < 2) continue;
            double sigma = Spreads.Sigma(_options.SpreadIs, spreads[pass * rows + at], _runner.Source, row);
            noise += sigma * sigma;
        }

        double total = Math.Sqrt((squares + noise) / _options.Passes + _options.Noise * _options.Noise);
        if (!double.IsFinite(mean) || !double.IsFinite(total))
            throw new AssumptionException(Assumption.FiniteAnswers, $"Expected finite answers of {_runner.Source} at row {row}, got the mean {Inputs.Say(mean)} with the spread {Inputs.Say(total)}.");
        // A sigma of nothing is made tiny instead: a calibration divides by it.
        return (mean, Math.Max(total, 1e-9 * Math.Max(1e-9, Math.Abs(mean))));
    }

    // Dropout that does nothing would pass for a model that is certain.
    private void Try()
    {
        float[] rows = new float[TrialRows * Features];
        if (Vary(rows)) return;
        Rng rng = Rng.Stream(0, 0);
        // Whole numbers, since a model's inputs may be of integers; of several sizes, since its features may be.
        for (int i = 0; i < rows.Length; i++) rows[i] = (float)Math.Round(Math.Pow(10, i / Features % 4) * rng.NextNormal());
        try
        {
            if (Vary(rows)) return;
        }
        catch (InvalidDataException)
        {
            // A model that looks such rows up knows zeros only: nothing can be told without real ones.
            return;
        }

        throw new InvalidDataException(
            $"{_runner.Source}: expected a model whose answers vary when its dropout is on, got the same in {TrialPasses} passes over {TrialRows} rows (a ratio of 0, or dropout that no answer depends on).");
    }

    private bool Vary(float[] rows)
    {
        double[] answers = new double[TrialRows * TrialPasses];
        double[] spreads = new double[_columns.Length > 1 ? answers.Length : 0];
        Run(Repeat(new FeatureMatrix(rows, Features), TrialPasses, new float[rows.Length * TrialPasses]), answers, spreads);
        for (int i = TrialRows; i < answers.Length; i++)
            if (!answers[i].Equals(answers[i % TrialRows])) return true;
        return false;
    }
}

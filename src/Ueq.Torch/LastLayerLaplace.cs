using TorchSharp;
using Ueq.Bayesian;
using Ueq.Versions;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>One network whose last layer is Bayesian: the cheap alternative to an ensemble (Daxberger et al. 2021). A Gaussian per row.</summary>
/// <remarks>
/// What the layers before the last make of a row are features of a linear regression. With a Gaussian likelihood its posterior is a Gaussian,
/// so that Laplace's approximation of the last layer, at its best weights for the evidence, is exact. Noise and prior precision maximise the
/// evidence. Sigma is noise plus the doubt about the last layer; of the layers before, none is doubted. The noise is the same for all rows.
/// Safe to share between threads. Not an interval with a guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>).
/// </remarks>
public sealed class LastLayerLaplace : IGaussianPredictor, IPointPredictor, IStoredPredictor, IDisposable
{
    private const int Chunk = 4096;

    private readonly Network _body;
    private readonly BayesianLinearRegression _last;
    private readonly Network? _whole;
    private readonly MlpOptions? _design;

    private LastLayerLaplace(Network body, BayesianLinearRegression last, Network? whole, MlpOptions? design)
    {
        _body = body;
        _last = last;
        _whole = whole;
        _design = design;
    }

    /// <summary>Fits the last layer on what a trained module makes of the rows; the module stays the caller's, in evaluation, and must outlive this.</summary>
    /// <param name="body">The network without its last layer: N × features in, N × hidden out.</param>
    /// <param name="x">The rows it was trained on.</param>
    /// <param name="y">Their targets.</param>
    /// <param name="device">Where to compute: cpu, cuda or cuda:N; the module is moved there.</param>
    /// <exception cref="ArgumentException">Lengths differ, a value is not finite, or the module answers with another shape than N × hidden.</exception>
    /// <exception cref="AssumptionException">There are too few rows, or nothing varies.</exception>
    public static LastLayerLaplace Fit(nn.Module<Tensor, Tensor> body, FeatureMatrix x, ReadOnlySpan<double> y, string device = "cpu")
    {
        ArgumentNullException.ThrowIfNull(body);
        Inputs.CheckTraining(x, y, 3);
        Device place = Native.Device(device);
        if (place.type != DeviceType.CPU) body.to(place);
        body.eval();
        Network network = new(body, place, TorchHead.Mean, Standardisation.None(x.Columns));
        return new LastLayerLaplace(network, BayesianLinearRegression.Fit(Hidden(network, x), y), null, null);
    }

    /// <summary>Fits the last layer in place of a network's own; the network is disposed with this.</summary>
    internal static LastLayerLaplace Fit(Network whole, MlpOptions design, FeatureMatrix x, ReadOnlySpan<double> y)
    {
        Network body = Body(whole);
        return new LastLayerLaplace(body, BayesianLinearRegression.Fit(Hidden(body, x), y), whole, design);
    }

    /// <summary>Joins what a file holds.</summary>
    /// <exception cref="InvalidDataException">They do not go together.</exception>
    internal static LastLayerLaplace Join(Network whole, MlpOptions design, BayesianLinearRegression last) => last.Features == design.Hidden[^1]
        ? new LastLayerLaplace(Body(whole), last, whole, design)
        : throw new InvalidDataException($"Expected a last layer over {design.Hidden[^1]} units in the model file, got {last.Features}.");

    /// <summary>Number of features a row must have.</summary>
    public int Features => _body.Features;

    /// <inheritdoc/>
    public string Format => TorchFormat.FormatName;

    /// <summary>Precision of the noise: 1/σ².</summary>
    public double NoisePrecision => _last.NoisePrecision;

    /// <summary>Precision of the prior on the last layer's standardised weights.</summary>
    public double PriorPrecision => _last.PriorPrecision;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The rows have another number of features, or one that is not finite.</exception>
    /// <exception cref="AssumptionException">The module answers with something that is not finite.</exception>
    public void Predict(FeatureMatrix x, Span<double> mean, Span<double> sigma)
    {
        Inputs.CheckBatch(x, Features, mean.Length, sigma.Length);
        for (int start = 0; start < x.Rows; start += Chunk)
        {
            int rows = Math.Min(Chunk, x.Rows - start);
            FeatureMatrix hidden = Hidden(_body, x.Slice(start, rows));
            int wrong = hidden.Values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue);
            if (wrong >= 0)
                throw new AssumptionException(
                    Assumption.FiniteAnswers, $"Expected finite hidden features of the module at row {start + wrong / hidden.Columns}, got {Inputs.Say(hidden.Values[wrong])}.");
            _last.Predict(hidden, mean.Slice(start, rows), sigma.Slice(start, rows));
        }
    }

    /// <inheritdoc/>
    public void Predict(FeatureMatrix x, Span<double> destination) => Predict(x, destination, new double[x.Rows]);

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">It was fitted over a module of the caller: there is no way to write its design.</exception>
    public void Save(Stream destination) => Stored.Write(destination, StoredKind.LastLayerLaplace, _design, [_whole ?? _body], null, _last);

    /// <summary>Releases the network, if it came from a trainer or a file.</summary>
    public void Dispose() => _whole?.Module.Dispose();

    // The layers are shared, so that disposing the network disposes them; the shell around them has nothing of its own.
    private static Network Body(Network whole)
    {
        nn.Module<Tensor, Tensor>[] layers = [.. whole.Module.children().Cast<nn.Module<Tensor, Tensor>>()];
        return new Network(new Shell(layers[..^1]), whole.Device, TorchHead.Mean, whole.Scaling);
    }

    private static FeatureMatrix Hidden(Network body, FeatureMatrix x)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = body.Call(body.Rows(x));
        if (hidden.shape is not [long rows, > 0] || rows != x.Rows)
            throw new ArgumentException($"Expected from the module an output of the shape {x.Rows} × hidden, got {string.Join(" × ", hidden.shape)}.");
        return new FeatureMatrix(Network.Values(hidden), (int)hidden.shape[1]);
    }

    private sealed class Shell(nn.Module<Tensor, Tensor>[] layers) : nn.Module<Tensor, Tensor>("body")
    {
        public override Tensor forward(Tensor input) => layers.Aggregate(input, (rows, layer) => layer.call(rows));
    }
}

/// <summary>Fits a perceptron by its likelihood, then a Bayesian last layer in place of its own.</summary>
public sealed class LaplaceTrainer : ITrainer<LastLayerLaplace>
{
    private readonly MlpOptions _design;
    private readonly TorchFitOptions _fit;

    /// <summary>A trainer of perceptrons; their dropout, if any, is off when predicting.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public LaplaceTrainer(MlpOptions? design = null, TorchFitOptions? fit = null)
    {
        _design = design ?? new MlpOptions();
        _fit = fit ?? new TorchFitOptions();
        _design.Validate();
        _fit.Validate();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Lengths differ, or a value is not finite.</exception>
    /// <exception cref="AssumptionException">There are fewer than four rows, nothing varies, or a loss is not a number.</exception>
    public LastLayerLaplace Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed)
    {
        Inputs.CheckTraining(x, y, 4);
        Network network = new Blueprint(_design).Fit(x, y, Standardisation.Of(x, y), _fit, seed, 0, CancellationToken.None);
        try
        {
            return LastLayerLaplace.Fit(network, _design, x, y);
        }
        catch
        {
            network.Module.Dispose();
            throw;
        }
    }
}

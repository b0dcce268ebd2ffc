using TorchSharp;
using Ueq.Bayesian;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>One network whose last layer is Bayesian: the cheap alternative to an ensemble (Daxberger et al. 2021). A Gaussian per row.</summary>
/// <remarks>
/// What the layers before the last make of a row are features of a linear regression. With a Gaussian likelihood its posterior is a Gaussian,
/// so that Laplace's approximation of the last layer, at its best weights for the evidence, is exact. Noise and prior precision maximise the
/// evidence. Sigma is noise plus the doubt about the last layer; of the layers before, none is doubted. The noise is the same for all rows.
/// Safe to share between threads. Not an interval with a guarantee: calibrate it (<see cref="Ueq.Conformal.GaussianBands"/>).
/// </remarks>
public sealed class LastLayerLaplace : IGaussianPredictor, IPointPredictor, IDisposable
{
    private const int Chunk = 4096;

    private readonly Network _body;
    private readonly BayesianLinearRegression _last;
    private readonly IDisposable? _owned;

    internal LastLayerLaplace(Network body, BayesianLinearRegression last, IDisposable? owned)
    {
        _body = body;
        _last = last;
        _owned = owned;
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
        return Fit(new Network(body, place, TorchHead.Mean, Standardisation.None(x.Columns)), x, y, null);
    }

    internal static LastLayerLaplace Fit(Network body, FeatureMatrix x, ReadOnlySpan<double> y, IDisposable? owned) =>
        new(body, BayesianLinearRegression.Fit(Hidden(body, x), y), owned);

    /// <summary>Number of features a row must have.</summary>
    public int Features => _body.Features;

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

    /// <summary>Releases the network, if it came from a trainer.</summary>
    public void Dispose() => _owned?.Dispose();

    private static FeatureMatrix Hidden(Network body, FeatureMatrix x)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor hidden = body.Call(body.Rows(x));
        if (hidden.shape is not [long rows, > 0] || rows != x.Rows)
            throw new ArgumentException($"Expected from the module an output of the shape {x.Rows} × hidden, got {string.Join(" × ", hidden.shape)}.");
        return new FeatureMatrix(Network.Values(hidden), (int)hidden.shape[1]);
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
            nn.Module<Tensor, Tensor>[] layers = [.. network.Module.children().Cast<nn.Module<Tensor, Tensor>>()];
            // The layers are shared, so that disposing the network disposes them; the shell around them has nothing of its own.
            nn.Module<Tensor, Tensor> body = new Shell(layers[..^1]);
            return LastLayerLaplace.Fit(new Network(body, Native.Device(_fit.Device), TorchHead.Mean, network.Scaling), x, y, network.Module);
        }
        catch
        {
            network.Module.Dispose();
            throw;
        }
    }

    private sealed class Shell(nn.Module<Tensor, Tensor>[] layers) : nn.Module<Tensor, Tensor>("body")
    {
        public override Tensor forward(Tensor input) => layers.Aggregate(input, (rows, layer) => layer.call(rows));
    }
}

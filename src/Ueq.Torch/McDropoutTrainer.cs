using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Fits a network with dropout and a Gaussian head, for MC dropout.</summary>
/// <remarks>
/// Features and targets are standardised inside; the network sees N × features and answers N × 2 (<see cref="TorchHead.MeanAndSoftplusVariance"/>),
/// whatever head the options name.
/// </remarks>
public sealed class McDropoutTrainer : ITrainer<McDropout>
{
    private readonly Blueprint _blueprint;
    private readonly McDropoutOptions _options;
    private readonly TorchFitOptions _fit;

    /// <summary>A trainer of perceptrons, which can be stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range, or the design has no dropout.</exception>
    public McDropoutTrainer(MlpOptions design, McDropoutOptions options, TorchFitOptions fit) : this(new Blueprint(WithDropout(design)), options, fit)
    {
    }

    /// <summary>A trainer of perceptrons, with default options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The design is outside its range, or has no dropout.</exception>
    public McDropoutTrainer(MlpOptions design) : this(new Blueprint(WithDropout(design)), null, null)
    {
    }

    /// <summary>A trainer of modules that a function makes: a fresh one with new weights at each call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public McDropoutTrainer(Func<nn.Module<Tensor, Tensor>> factory, McDropoutOptions options, TorchFitOptions fit)
        : this(new Blueprint(factory), options, fit)
    {
    }

    /// <summary>A trainer of modules that a function makes, with default options.</summary>
    public McDropoutTrainer(Func<nn.Module<Tensor, Tensor>> factory) : this(new Blueprint(factory), null, null)
    {
    }

    private McDropoutTrainer(Blueprint blueprint, McDropoutOptions? options, TorchFitOptions? fit)
    {
        _blueprint = blueprint;
        _fit = fit ?? new TorchFitOptions();
        _fit.Validate();
        _options = (options ?? new McDropoutOptions()) with { Head = TorchHead.MeanAndSoftplusVariance, Device = _fit.Device };
        _options.Validate();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Lengths differ, a value is not finite, or the module has no dropout or another shape of output.</exception>
    /// <exception cref="AssumptionException">There are too few rows, or a loss is not a number: names the epoch.</exception>
    public McDropout Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => Fit(x, y, seed, CancellationToken.None);

    /// <summary>Fits a network, unless it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public McDropout Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed, CancellationToken cancellation)
    {
        Inputs.CheckTraining(x, y, _fit.HeldOut > 0 ? 4 : 2);
        Network network = _blueprint.Fit(x, y, Standardisation.Of(x, y), _fit, seed, 0, cancellation);
        try
        {
            return new McDropout(network.Module, network.Scaling, _options, [network.Module], _blueprint.Design);
        }
        catch
        {
            network.Module.Dispose();
            throw;
        }
    }

    private static MlpOptions WithDropout(MlpOptions design)
    {
        ArgumentNullException.ThrowIfNull(design);
        return design.Dropout > 0 ? design : throw new ArgumentOutOfRangeException(nameof(design), design.Dropout, "Expected a design with dropout above 0, got 0.");
    }
}

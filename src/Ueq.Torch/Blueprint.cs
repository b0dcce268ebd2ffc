using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Where fresh networks come from: our own perceptrons, or the caller's function.</summary>
internal sealed class Blueprint
{
    private readonly Func<nn.Module<Tensor, Tensor>>? _factory;

    public Blueprint(MlpOptions design)
    {
        ArgumentNullException.ThrowIfNull(design);
        design.Validate();
        Design = design;
    }

    public Blueprint(Func<nn.Module<Tensor, Tensor>> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        _factory = factory;
    }

    /// <summary>The design, when the networks are our own: only those can be stored.</summary>
    public MlpOptions? Design { get; }

    /// <summary>A fresh network of two outputs with random weights from the seed, fitted to the rows.</summary>
    public Network Fit(
        FeatureMatrix x, ReadOnlySpan<double> y, Standardisation scaling, TorchFitOptions options, ulong seed, int member, CancellationToken cancellation)
    {
        Device device = Native.Device(options.Device);
        ulong own = Rng.Stream(seed, (ulong)member).NextBits();
        nn.Module<Tensor, Tensor> module = Native.Seeded(own, () => Create(x.Columns));
        try
        {
            if (device.type != DeviceType.CPU) module.to(device);
            Network network = new(module, device, TorchHead.MeanAndSoftplusVariance, scaling);
            Fitting.Fit(network, x, y, options, device, own, member, cancellation);
            return network;
        }
        catch
        {
            module.Dispose();
            throw;
        }
    }

    private nn.Module<Tensor, Tensor> Create(int features) => Design?.Create(features, 2)
        ?? _factory!() ?? throw new ArgumentException("Expected a fresh module from the function, got null.");
}

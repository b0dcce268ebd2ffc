using System.Runtime.ExceptionServices;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Fits deep ensembles: networks that differ in their random weights and the order of their rows (Lakshminarayanan 2017).</summary>
/// <remarks>
/// Features and targets are standardised inside; a network sees N × features and answers N × 2 (<see cref="TorchHead.MeanAndSoftplusVariance"/>).
/// The same rows and seed give the same ensemble on one machine, whatever the threads, as far as libtorch's sums do; a module of the
/// caller that draws random numbers outside TorchSharp's dropout layers breaks that. Needs two rows, four when some are held out.
/// </remarks>
public sealed class DeepEnsembleTrainer : ITrainer<DeepEnsemble>
{
    private readonly Blueprint _blueprint;
    private readonly DeepEnsembleOptions _options;

    /// <summary>A trainer of perceptrons, which can be stored.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public DeepEnsembleTrainer(MlpOptions design, DeepEnsembleOptions options) : this(new Blueprint(design), options)
    {
    }

    /// <summary>A trainer of perceptrons, with default options.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The design is outside its range.</exception>
    public DeepEnsembleTrainer(MlpOptions design) : this(new Blueprint(design), null)
    {
    }

    /// <summary>A trainer of modules that a function makes: a fresh one with new weights at each call.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public DeepEnsembleTrainer(Func<nn.Module<Tensor, Tensor>> factory, DeepEnsembleOptions options) : this(new Blueprint(factory), options)
    {
    }

    /// <summary>A trainer of modules that a function makes, with default options.</summary>
    public DeepEnsembleTrainer(Func<nn.Module<Tensor, Tensor>> factory) : this(new Blueprint(factory), null)
    {
    }

    private DeepEnsembleTrainer(Blueprint blueprint, DeepEnsembleOptions? options)
    {
        _blueprint = blueprint;
        _options = options ?? new DeepEnsembleOptions();
        _options.Validate();
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Lengths differ, a value is not finite, or the module answers with another shape than N × 2.</exception>
    /// <exception cref="AssumptionException">There are too few rows, or a loss is not a number: names member and epoch.</exception>
    public DeepEnsemble Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed) => Fit(x, y, seed, CancellationToken.None);

    /// <summary>Fits an ensemble, unless it is cancelled.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public DeepEnsemble Fit(FeatureMatrix x, ReadOnlySpan<double> y, ulong seed, CancellationToken cancellation)
    {
        Inputs.CheckTraining(x, y, _options.Fit.HeldOut > 0 ? 4 : 2);
        double[] targets = y.ToArray();
        Standardisation scaling = Standardisation.Of(x, y);
        Network?[] members = new Network?[_options.Members];
        Exception?[] faults = new Exception?[_options.Members];
        Parallel.For(0, members.Length, new ParallelOptions { MaxDegreeOfParallelism = _options.Threads }, (member, loop) =>
        {
            try
            {
                members[member] = _blueprint.Fit(x, targets, scaling, _options.Fit, seed, member, cancellation);
            }
            catch (Exception fault)
            {
                faults[member] = fault;
                loop.Stop();
            }
        });

        if (Array.Find(faults, fault => fault is not null) is { } first)
        {
            foreach (Network? member in members) member?.Module.Dispose();
            ExceptionDispatchInfo.Throw(first);
        }

        return new DeepEnsemble([.. members.Select(member => member!)], _blueprint.Design);
    }
}

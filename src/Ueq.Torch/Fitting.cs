using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>The fit of one network with a softplus Gaussian head on standardised rows.</summary>
internal sealed class Fitting
{
    private readonly Network _network;
    private readonly TorchFitOptions _options;
    private readonly Device _device;
    private readonly int _member;
    private readonly int[] _train, _held;
    private Rng _rng;

    private Fitting(Network network, TorchFitOptions options, Device device, int rows, ulong seed, int member)
    {
        _network = network;
        _options = options;
        _device = device;
        _member = member;
        _rng = Rng.Stream(seed, 1);
        int[] order = [.. Enumerable.Range(0, rows)];
        _rng.Shuffle<int>(order);
        int held = options.HeldOut == 0 ? 0 : Math.Max(1, (int)(rows * options.HeldOut));
        _held = order[..held];
        _train = order[held..];
    }

    /// <exception cref="AssumptionException">The loss is not a number: names the member and the epoch.</exception>
    public static void Fit(
        Network network, FeatureMatrix x, ReadOnlySpan<double> y, TorchFitOptions options, Device device, ulong seed, int member, CancellationToken cancellation)
    {
        using DisposeScope scope = NewDisposeScope();
        Tensor targets = empty(y.Length, dtype: ScalarType.Float32);
        Span<float> standardised = MemoryMarshal.Cast<byte, float>(targets.bytes);
        for (int i = 0; i < y.Length; i++) standardised[i] = (float)((y[i] - network.Scaling.Offset) / network.Scaling.Scale);
        new Fitting(network, options, device, x.Rows, seed, member).Run(network.Rows(x), targets.to(device), cancellation);
    }

    private void Run(Tensor x, Tensor y, CancellationToken cancellation)
    {
        nn.Module<Tensor, Tensor> module = _network.Module;
        Parameter[] parameters = [.. module.parameters()];
        if (parameters.Length == 0) throw new ArgumentException("Expected a module with parameters to fit, got one without any.");
        using Adam steps = optim.Adam(parameters, _options.LearningRate, weight_decay: _options.WeightDecay);
        Best best = new(module);
        Tensor? heldX = null, heldY = null;
        if (_held.Length > 0) (heldX, heldY) = (Take(x, _held), Take(y, _held));
        bool random = DropoutLayers.All(module).Any(DropoutLayers.IsDropout);
        int waited = 0;
        for (int epoch = 0; epoch < _options.Epochs && waited < _options.Patience; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            module.train();
            // Masks come from the one generator of the process, so members take turns, epoch by epoch.
            if (!random) Epoch(steps, x, y, epoch);
            else Native.Seeded(_rng.NextBits(), () => Epoch(steps, x, y, epoch));
            if (heldX is null || heldY is null) continue;
            module.eval();
            waited = best.Offer(Judge(heldX, heldY, epoch)) ? 0 : waited + 1;
        }

        best.Restore();
        module.eval();
    }

    private int Epoch(Adam steps, Tensor x, Tensor y, int epoch)
    {
        _rng.Shuffle<int>(_train);
        for (int start = 0; start < _train.Length; start += _options.BatchRows)
        {
            int count = Math.Min(_options.BatchRows, _train.Length - start);
            // Batch norm cannot take a single row; another epoch brings it elsewhere.
            if (count == 1 && start > 0) break;
            using DisposeScope scope = NewDisposeScope();
            int[] rows = _train[start..(start + count)];
            steps.zero_grad();
            Tensor loss = Loss(_network.Call(Take(x, rows)), Take(y, rows), _options.Beta);
            Check(loss, epoch);
            loss.backward();
            steps.step();
        }

        return epoch;
    }

    private float Judge(Tensor x, Tensor y, int epoch)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return Check(Loss(_network.Call(x), y, 0), epoch);
    }

    // −log N(y; μ, σ²) without its constant, each row weighted by σ^2β as if that were no function of the weights.
    private static Tensor Loss(Tensor output, Tensor y, double beta)
    {
        Heads.Check(TorchHead.MeanAndSoftplusVariance, output.shape, y.shape[0]);
        Tensor mean = output.select(1, 0), variance = nn.functional.softplus(output.select(1, 1)) + Heads.LeastVariance;
        Tensor loss = 0.5 * (variance.log() + (y - mean).square() / variance);
        return (beta == 0 ? loss : loss * variance.detach().pow(beta)).mean();
    }

    private float Check(Tensor loss, int epoch)
    {
        float value = loss.item<float>();
        if (!float.IsFinite(value))
            throw new AssumptionException(
                Assumption.FiniteAnswers,
                $"Expected a finite loss, got {Inputs.Say(value)} of member {_member} in epoch {epoch + 1}; a smaller learning rate than {Inputs.Say(_options.LearningRate)} may help.");
        return value;
    }

    private Tensor Take(Tensor from, int[] rows)
    {
        using Tensor indices = tensor(rows, dtype: ScalarType.Int64, device: _device);
        return from.index_select(0, indices);
    }

    /// <summary>The weights with the best likelihood so far.</summary>
    private sealed class Best(nn.Module module)
    {
        private readonly List<(Tensor Live, Tensor Kept)> _copies = [];
        private float _loss = float.PositiveInfinity;

        public bool Offer(float loss)
        {
            if (!(loss < _loss)) return false;
            _loss = loss;
            using IDisposable still = no_grad();
            if (_copies.Count == 0)
            {
                foreach (Tensor live in Stored.Tensors(module).Values) _copies.Add((live, live.detach().clone()));
            }
            else foreach ((Tensor live, Tensor kept) in _copies) kept.copy_(live);
            return true;
        }

        public void Restore()
        {
            using IDisposable still = no_grad();
            foreach ((Tensor live, Tensor kept) in _copies) live.copy_(kept);
        }
    }
}

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
        float[] targets = new float[y.Length];
        for (int i = 0; i < y.Length; i++) targets[i] = (float)((y[i] - network.Scaling.Offset) / network.Scaling.Scale);
        new Fitting(network, options, device, x.Rows, seed, member).Run(network.Rows(x), targets, cancellation);
    }

    private void Run(Tensor x, float[] y, CancellationToken cancellation)
    {
        nn.Module<Tensor, Tensor> module = _network.Module;
        Parameter[] parameters = [.. module.parameters()];
        if (parameters.Length == 0) throw new ArgumentException("Expected a module with parameters to fit, got one without any.");
        using AdamSteps steps = new(parameters, _options.LearningRate, _options.WeightDecay);
        Best best = new(module);
        (Tensor? heldX, float[] heldY) = _held.Length > 0 ? (Take(x, _held), Pick(y, _held)) : (null, []);
        bool random = DropoutLayers.All(module).Any(DropoutLayers.IsDropout);
        int waited = 0;
        for (int epoch = 0; epoch < _options.Epochs && waited < _options.Patience; epoch++)
        {
            cancellation.ThrowIfCancellationRequested();
            module.train();
            // Masks come from the one generator of the process, so members take turns, epoch by epoch.
            if (!random) Epoch(steps, x, y, epoch);
            else Native.Seeded(_rng.NextBits(), () => Epoch(steps, x, y, epoch));
            if (heldX is null) continue;
            module.eval();
            waited = best.Offer(Judge(heldX, heldY, epoch)) ? 0 : waited + 1;
        }

        best.Restore();
        module.eval();
    }

    private int Epoch(AdamSteps steps, Tensor x, float[] y, int epoch)
    {
        _rng.Shuffle<int>(_train);
        using DisposeScope whole = NewDisposeScope();
        Tensor shuffled = Take(x, _train);
        float[] targets = Pick(y, _train);
        for (int start = 0; start < _train.Length; start += _options.BatchRows)
        {
            int count = Math.Min(_options.BatchRows, _train.Length - start);
            // Batch norm cannot take a single row; another epoch brings it elsewhere.
            if (count == 1 && start > 0) break;
            using DisposeScope scope = NewDisposeScope();
            Tensor output = _network.Call(shuffled.narrow(0, start, count));
            Tensor gradient = empty(count, 2, dtype: ScalarType.Float32);
            Loss(output, targets.AsSpan(start, count), _options.Beta, epoch, MemoryMarshal.Cast<byte, float>(gradient.bytes));
            output.backward([gradient.to(output.dtype, output.device)]);
            steps.Step(StepSize(epoch + (double)start / _train.Length));
        }

        return epoch;
    }

    private double StepSize(double epochs) => _options.Schedule == TorchSchedule.Constant
        ? _options.LearningRate
        : 0.5 * _options.LearningRate * (1 + Math.Cos(Math.PI * epochs / _options.Epochs));

    private double Judge(Tensor x, float[] y, int epoch)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        return Loss(_network.Call(x), y, 0, epoch, default);
    }

    private double Loss(Tensor output, ReadOnlySpan<float> y, double beta, int epoch, Span<float> gradient)
    {
        Heads.Check(TorchHead.MeanAndSoftplusVariance, output.shape, y.Length);
        double loss = GaussianLoss.Of(Network.Values(output), y, beta, gradient);
        if (!double.IsFinite(loss))
            throw new AssumptionException(
                Assumption.FiniteAnswers,
                $"Expected a finite loss, got {Inputs.Say(loss)} of member {_member} in epoch {epoch + 1}; a smaller learning rate than {Inputs.Say(_options.LearningRate)} may help.");
        return loss;
    }

    private static float[] Pick(float[] from, int[] rows) => Array.ConvertAll(rows, row => from[row]);

    private Tensor Take(Tensor from, int[] rows)
    {
        using Tensor indices = tensor(rows, dtype: ScalarType.Int64, device: _device);
        return from.index_select(0, indices);
    }

    /// <summary>The weights with the best likelihood so far.</summary>
    private sealed class Best(nn.Module module)
    {
        private readonly List<(Tensor Live, Tensor Kept)> _copies = [];
        private double _loss = double.PositiveInfinity;

        public bool Offer(double loss)
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

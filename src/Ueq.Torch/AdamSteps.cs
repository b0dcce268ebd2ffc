using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>Adam with a ridge penalty (Kingma and Ba 2015), as torch.optim.Adam does it.</summary>
/// <remarks>On the processor the numbers are changed in place; elsewhere TorchSharp's own Adam does it.</remarks>
internal sealed class AdamSteps : IDisposable
{
    private const double Mean = 0.9, Square = 0.999, Least = 1e-8;

    private readonly Parameter[] _parameters;
    private readonly (float[] Mean, float[] Square)[] _moments;
    private readonly Adam? _elsewhere;
    private readonly double _decay;
    private int _steps;

    public AdamSteps(Parameter[] parameters, double size, double decay)
    {
        _parameters = parameters;
        _decay = decay;
        bool here = parameters.All(p => p.device_type == TorchSharp.DeviceType.CPU && p.dtype == ScalarType.Float32 && p.is_contiguous());
        _moments = here ? [.. parameters.Select(p => (new float[p.numel()], new float[p.numel()]))] : [];
        if (!here) _elsewhere = optim.Adam(parameters, size, weight_decay: decay);
        foreach (Parameter parameter in parameters) parameter.grad = null;
    }

    /// <summary>Changes the parameters by their gradients, which are zero afterwards.</summary>
    public void Step(double size)
    {
        if (_elsewhere is { } adam)
        {
            foreach (var group in adam.ParamGroups) group.LearningRate = size;
            adam.step();
            adam.zero_grad();
            return;
        }

        _steps++;
        double rate = size / (1 - Math.Pow(Mean, _steps)), root = Math.Sqrt(1 - Math.Pow(Square, _steps));
        for (int p = 0; p < _parameters.Length; p++)
        {
            Tensor? gradient = _parameters[p].grad;
            if (gradient is null) continue;
            if (!gradient.is_contiguous()) _parameters[p].grad = gradient = gradient.contiguous();
            Move(Floats(_parameters[p]), Floats(gradient), _moments[p].Mean, _moments[p].Square, (float)rate, (float)root);
            gradient.Dispose();
        }
    }

    public void Dispose() => _elsewhere?.Dispose();

    private void Move(Span<float> values, Span<float> gradient, float[] means, float[] squares, float rate, float root)
    {
        float decay = (float)_decay;
        for (int i = 0; i < values.Length; i++)
        {
            float g = gradient[i] + decay * values[i];
            means[i] += (float)(1 - Mean) * (g - means[i]);
            squares[i] = (float)Square * squares[i] + (float)(1 - Square) * g * g;
            values[i] -= rate * means[i] / (MathF.Sqrt(squares[i]) / root + (float)Least);
            gradient[i] = 0;
        }
    }

    private static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}

using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>A TorchScript file in evaluation, with dropout alone switched on.</summary>
internal sealed class Script : nn.Module<Tensor, Tensor>
{
    private readonly jit.ScriptModule<Tensor, Tensor> _script;
    private readonly List<nn.Module> _layers;

    private Script(jit.ScriptModule<Tensor, Tensor> script) : base("script")
    {
        _script = script;
        script.eval();
        _layers = [.. DropoutLayers.BareLayers(script)];
        foreach (nn.Module layer in _layers) layer.train();
    }

    public override Tensor forward(Tensor input) => _script.call(input);

    public override IEnumerable<(string name, TorchSharp.Modules.Parameter parameter)> named_parameters(bool recurse = true) => _script.named_parameters(recurse);

    public static Script Open(string path, string device)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no TorchScript file '{path}'.", path);
        Device place = Native.Device(device);
        try
        {
            return new Script(jit.load<Tensor, Tensor>(path, place.type, place.index));
        }
        catch (ExternalException fault)
        {
            throw new InvalidDataException($"{path}: expected a TorchScript module, as torch.jit.save writes it: {fault.Message.Split('\n')[0]}", fault);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (nn.Module layer in _layers) layer.Dispose();
            _script.Dispose();
        }

        base.Dispose(disposing);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>The bytes of a TorchScript file: what is tried is what is used and stored.</summary>
/// <param name="Place">Path of the file, or how else it came here: begins every message.</param>
/// <param name="Content">The whole file.</param>
internal sealed record ScriptSource(string Place, byte[] Content)
{
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static ScriptSource Read(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        if (!File.Exists(path)) throw new FileNotFoundException($"There is no TorchScript file '{path}'.", path);
        return new ScriptSource(path, File.ReadAllBytes(path));
    }
}

/// <summary>A TorchScript module in evaluation, whatever it was saved in.</summary>
internal sealed class Script : nn.Module<Tensor, Tensor>
{
    private readonly ScriptSource _source;
    private readonly jit.ScriptModule _script;
    private readonly List<nn.Module> _layers = [];

    private Script(ScriptSource source, jit.ScriptModule script) : base("script")
    {
        _source = source;
        _script = script;
        script.eval();
    }

    /// <exception cref="InvalidDataException">The bytes are no TorchScript module.</exception>
    /// <exception cref="DllNotFoundException">libtorch is not there.</exception>
    public static Script Open(ScriptSource source, Device device)
    {
        try
        {
            ScriptArchive.Check(source.Content);
            return new Script(source, jit.load(source.Content, device.type, device.index));
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException($"{source.Place}: {fault.Message}", fault);
        }
        catch (ExternalException fault)
        {
            throw new InvalidDataException($"{source.Place}: expected a TorchScript module that this libtorch can load: {Network.Said(fault)}", fault);
        }
    }

    /// <summary>Switches on dropout alone.</summary>
    public Script WithDropout()
    {
        _layers.AddRange(DropoutLayers.BareLayers(_script));
        foreach (nn.Module layer in _layers) layer.train();
        return this;
    }

    /// <exception cref="InvalidDataException">The module answers with something else than a tensor.</exception>
    public override Tensor forward(Tensor input)
    {
        object? answer;
        try
        {
            answer = _script.call(input);
        }
        catch (Exception fault) when (fault is ArgumentOutOfRangeException or NullReferenceException or NotImplementedException)
        {
            // TorchSharp reads tensors, numbers, and tuples and lists of them.
            answer = null;
        }

        return answer as Tensor ?? throw new InvalidDataException(
            $"{_source.Place}: expected one tensor as the answer to a batch of rows, got {Say(answer)}. Of several tensors with a column each, torch.cat makes one.");
    }

    public override IEnumerable<(string name, TorchSharp.Modules.Parameter parameter)> named_parameters(bool recurse = true) => _script.named_parameters(recurse);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (nn.Module layer in _layers) layer.Dispose();
            _script.Dispose();
        }

        base.Dispose(disposing);
    }

    private static string Say(object? answer) => answer switch
    {
        ITuple tuple => $"a tuple of {tuple.Length}",
        Array list => $"a list of {list.Length}",
        Scalar => "a number",
        _ => "neither a tensor nor numbers",
    };
}

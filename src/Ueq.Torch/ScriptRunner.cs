using TorchSharp;
using static TorchSharp.torch;

namespace Ueq.Torch;

/// <summary>A TorchScript module that answers a fixed number of numbers to each row.</summary>
internal sealed class ScriptRunner : IDisposable
{
    // Rows of one forward pass: its layers then fit the cache of a core or two.
    private const int Chunk = 4096;

    private readonly Script _script;
    private readonly Network _network;

    public ScriptRunner(ScriptSource source, int features, int outputs, string device)
    {
        Device place = Native.Device(device);
        Source = source;
        Outputs = outputs;
        _script = Script.Open(source, place);
        _network = new Network(_script, place, TorchHead.Mean, Standardisation.None(features));
    }

    public ScriptSource Source { get; }

    public int Features => _network.Features;

    /// <summary>Numbers per row.</summary>
    public int Outputs { get; }

    /// <summary>Where the chunks of a batch begin and how many rows they have.</summary>
    public static IEnumerable<(int Start, int Rows)> Chunks(int rows)
    {
        for (int start = 0; start < rows; start += Chunk) yield return (start, Math.Min(Chunk, rows - start));
    }

    /// <summary>The answers to a chunk of rows, row after row.</summary>
    /// <exception cref="ArgumentException">The module cannot take the rows.</exception>
    /// <exception cref="InvalidDataException">The module answers in another shape than it did when it was tried.</exception>
    public float[] Forward(FeatureMatrix x)
    {
        using IDisposable still = no_grad();
        using DisposeScope scope = NewDisposeScope();
        Tensor output = _network.Call(_network.Rows(x));
        if (Columns(output.shape, x.Rows, Outputs) != Outputs)
            throw new InvalidDataException(
                $"{Source.Place}: expected {Outputs} {(Outputs == 1 ? "number" : "numbers")} per row as the answer to {x.Rows} {(x.Rows == 1 ? "row" : "rows")}, got the shape {Say(output.shape)}.");
        return Network.Values(output);
    }

    /// <summary>Numbers per row of an answer; 0 when there is not the same number for each.</summary>
    /// <remarks>A module that squeezes its answer loses a dimension for a single row: then the numbers are taken as they come.</remarks>
    public static int Columns(ReadOnlySpan<long> shape, int rows, int expected)
    {
        if (shape.Length is 1 or 2 && shape[0] == rows && (shape.Length == 1 || shape[1] > 0)) return shape.Length == 1 ? 1 : (int)shape[1];
        bool squeezed = rows == 1 && (shape.Length == 0 ? expected == 1 : shape.Length == 1 && shape[0] == expected);
        return squeezed ? expected : 0;
    }

    public static string Say(ReadOnlySpan<long> shape) => shape.Length == 0 ? "of a single number" : string.Join(" × ", shape.ToArray());

    public void Dispose() => _script.Dispose();
}

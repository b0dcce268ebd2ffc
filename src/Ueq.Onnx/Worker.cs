using Microsoft.ML.OnnxRuntime;

namespace Ueq.Onnx;

/// <summary>Buffers that stay where they are, bound to the inputs and outputs of a model; for one thread at a time.</summary>
internal sealed class Worker(Runner runner) : IDisposable
{
    private const int Kept = 4;
    private readonly Bound?[] _bound = new Bound?[Kept];
    private readonly RunOptions _options = new();
    private Buffers? _buffers;
    private int _oldest;

    /// <summary>Answers to rows <paramref name="start"/> to <paramref name="start"/> + <paramref name="rows"/> − 1 are ready to be read.</summary>
    public void Run(FeatureMatrix x, int start, int rows)
    {
        int size = runner.Batch > 0 ? runner.Batch : rows;
        Bound bound = Bind(size);
        _buffers!.Fill(x, start, rows, size);
        try
        {
            if (_buffers.Maps is null) runner.Model.Session.RunWithBinding(_options, bound.Binding);
            else _buffers.ReadMaps(runner.Model.Session.RunWithBoundResults(_options, bound.Binding), rows);
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InvalidDataException($"{runner.Source}: expected answers to rows {start} to {start + rows - 1}, got: {fault.Message}", fault);
        }
    }

    public void Read(OutputColumn column, Span<double> destination) => _buffers!.Read(column, destination);

    /// <summary>All columns of the first output, row after row.</summary>
    public void ReadRows(Span<double> destination) => _buffers!.ReadRows(destination);

    public void Dispose()
    {
        Release();
        _options.Dispose();
    }

    private Bound Bind(int rows)
    {
        if (_buffers is null || _buffers.Rows < rows)
        {
            Release();
            _buffers = new Buffers(runner, runner.Batch > 0 ? rows : (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)rows));
        }

        foreach (Bound? bound in _bound)
            if (bound is not null && bound.Rows == rows) return bound;
        Bound made = new(runner, _buffers, rows);
        _bound[_oldest]?.Dispose();
        _bound[_oldest] = made;
        _oldest = (_oldest + 1) % Kept;
        return made;
    }

    private void Release()
    {
        foreach (Bound? bound in _bound) bound?.Dispose();
        Array.Clear(_bound);
    }
}

/// <summary>Views of a worker's buffers for one number of rows.</summary>
internal sealed class Bound : IDisposable
{
    private readonly List<OrtValue> _values = [];

    public Bound(Runner runner, Buffers buffers, int rows)
    {
        Rows = rows;
        Binding = runner.Model.Session.CreateIoBinding();
        for (int i = 0; i < runner.Plan.Blocks.Count; i++)
        {
            InputBlock block = runner.Plan.Blocks[i];
            Binding.BindInput(block.Name, Keep(Buffers.View(buffers.Inputs[i], block.Shape(rows))));
        }

        for (int i = 0; i < runner.Outputs.Count; i++)
        {
            TriedOutput output = runner.Outputs[i];
            if (buffers.Outputs[i] is { } place) Binding.BindOutput(output.Name, Keep(Buffers.View(place, output.Shape(rows))));
            else Binding.BindOutputToDevice(output.Name, OrtMemoryInfo.DefaultInstance);
        }
    }

    public int Rows { get; }

    public OrtIoBinding Binding { get; }

    public void Dispose()
    {
        Binding.Dispose();
        _values.ForEach(value => value.Dispose());
    }

    private OrtValue Keep(OrtValue value)
    {
        _values.Add(value);
        return value;
    }
}

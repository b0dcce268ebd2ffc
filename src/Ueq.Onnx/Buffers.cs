using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Ueq.Onnx;

/// <summary>Arrays that do not move, one per input and output.</summary>
internal sealed class Buffers
{
    private readonly Runner _runner;
    private readonly double[] _map = [];

    public Buffers(Runner runner, int rows)
    {
        _runner = runner;
        Rows = rows;
        Inputs = [.. runner.Plan.Blocks.Select(block => Allocate(block.Type, rows * block.Width))];
        Outputs = [.. runner.Outputs.Select(output => output.Labels is null ? Allocate(output.Type, rows * output.Width) : null)];
        if (runner.Outputs[0].Labels is not { } labels) return;
        Maps = new double[rows * labels.Count];
        _map = new double[labels.Count];
    }

    public int Rows { get; }

    public Array[] Inputs { get; }

    /// <summary>Where the answers are written; <c>null</c> for a sequence of maps.</summary>
    public Array?[] Outputs { get; }

    /// <summary>Answers that came as maps, row after row; <c>null</c> when they come as tensors.</summary>
    public double[]? Maps { get; }

    public static OrtValue View(Array buffer, long[] shape)
    {
        int length = 1;
        foreach (long size in shape) length *= (int)size;
        return buffer switch
        {
            float[] floats => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, floats.AsMemory(0, length), shape),
            double[] doubles => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, doubles.AsMemory(0, length), shape),
            Float16[] halves => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, halves.AsMemory(0, length), shape),
            long[] longs => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, longs.AsMemory(0, length), shape),
            _ => OrtValue.CreateTensorValueFromMemory(OrtMemoryInfo.DefaultInstance, ((int[])buffer).AsMemory(0, length), shape),
        };
    }

    /// <summary>Copies rows into the inputs; where the model wants more than there are, the last one is repeated.</summary>
    public void Fill(FeatureMatrix x, int start, int rows, int size)
    {
        InputPlan plan = _runner.Plan;
        for (int b = 0; b < Inputs.Length; b++)
        {
            InputBlock block = plan.Blocks[b];
            if (Inputs[b] is float[] floats && plan.Columns is null && block.Width == x.Columns && size == rows)
            {
                x.Values.Slice(start * x.Columns, rows * x.Columns).CopyTo(floats);
                continue;
            }

            for (int i = 0; i < size; i++)
            {
                int row = start + Math.Min(i, rows - 1);
                FillRow(Inputs[b], i * block.Width, x.Row(row), block, row);
            }
        }
    }

    public void Read(OutputColumn column, Span<double> destination)
    {
        int width = _runner.Outputs[column.Output].Width;
        if (Outputs[column.Output] is float[] floats)
        {
            for (int i = 0, at = column.Column; i < destination.Length; i++, at += width) destination[i] = floats[at];
            return;
        }

        if (Outputs[column.Output] is Float16[] halves)
        {
            for (int i = 0, at = column.Column; i < destination.Length; i++, at += width) destination[i] = (float)halves[at];
            return;
        }

        double[] doubles = (double[])Outputs[column.Output]!;
        for (int i = 0, at = column.Column; i < destination.Length; i++, at += width) destination[i] = doubles[at];
    }

    public void ReadRows(Span<double> destination)
    {
        if (Outputs[0] is float[] floats) for (int i = 0; i < destination.Length; i++) destination[i] = floats[i];
        else if (Outputs[0] is Float16[] halves) for (int i = 0; i < destination.Length; i++) destination[i] = (float)halves[i];
        else (Maps ?? (double[])Outputs[0]!).AsSpan(0, destination.Length).CopyTo(destination);
    }

    public void ReadMaps(IDisposableReadOnlyCollection<OrtValue> answers, int rows)
    {
        using (answers)
        {
            for (int i = 0; i < rows; i++)
            {
                using OrtValue map = answers[0].GetValue(i, OrtAllocator.DefaultInstance);
                int count = Ueq.Onnx.Maps.Values(map, _map);
                if (count != _map.Length)
                    throw new InvalidDataException($"{_runner.Source}: expected {_map.Length} classes in every row of '{_runner.Outputs[0].Name}', got {count}.");
                _map.CopyTo(Maps.AsSpan(i * count));
            }
        }
    }

    private void FillRow(Array buffer, int at, ReadOnlySpan<float> features, InputBlock block, int row)
    {
        // 2⁶³ and 2³¹ as floats: what is at or beyond them does not fit.
        const float LongEnd = 9223372036854775808f, IntEnd = 2147483648f;
        for (int j = 0; j < block.Width; j++)
        {
            int column = _runner.Plan.Column(block.Offset + j);
            float value = features[column];
            switch (buffer)
            {
                case float[] floats:
                    floats[at + j] = value;
                    break;
                case double[] doubles:
                    doubles[at + j] = value;
                    break;
                case Float16[] halves:
                    Float16 half = (Float16)value;
                    if (Float16.IsInfinity(half)) throw Ueq.Onnx.Inputs.TooLarge(value, row, column, block.Name);
                    halves[at + j] = half;
                    break;
                case long[] longs:
                    if (!(value >= -LongEnd && value < LongEnd && value == MathF.Floor(value))) throw Ueq.Onnx.Inputs.NotWhole(value, row, column, block.Name);
                    longs[at + j] = (long)value;
                    break;
                default:
                    if (!(value >= -IntEnd && value < IntEnd && value == MathF.Floor(value))) throw Ueq.Onnx.Inputs.NotWhole(value, row, column, block.Name);
                    ((int[])buffer)[at + j] = (int)value;
                    break;
            }
        }
    }

    private static Array Allocate(TensorElementType type, int length) => type switch
    {
        TensorElementType.Float => GC.AllocateArray<float>(length, pinned: true),
        TensorElementType.Double => GC.AllocateArray<double>(length, pinned: true),
        TensorElementType.Float16 => GC.AllocateArray<Float16>(length, pinned: true),
        TensorElementType.Int64 => GC.AllocateArray<long>(length, pinned: true),
        _ => GC.AllocateArray<int>(length, pinned: true),
    };
}

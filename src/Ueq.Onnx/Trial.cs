using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Ueq.Onnx;

/// <summary>One output as it really comes out.</summary>
/// <param name="Name">Name of the output.</param>
/// <param name="Type">Type of its elements.</param>
/// <param name="Rank">Number of its dimensions.</param>
/// <param name="Width">Numbers per row.</param>
/// <param name="Labels">Names of the columns of a sequence of maps; <c>null</c> for a tensor.</param>
internal sealed record TriedOutput(string Name, TensorElementType Type, int Rank, int Width, IReadOnlyList<string>? Labels)
{
    public long[] Shape(int rows)
    {
        long[] shape = new long[Rank];
        Array.Fill(shape, 1);
        shape[0] = rows;
        // All further dimensions but one are 1, and rows come first in any case.
        if (Rank > 1) shape[Rank == 2 ? 1 : Place] = Width;
        return shape;
    }

    /// <summary>The dimension that holds the columns.</summary>
    public int Place { get; init; } = 1;
}

/// <summary>A model run on zeros: what a file says of its outputs is often less than what comes out.</summary>
/// <param name="Batch">The number of rows the model wants at a time; 0 when it takes any.</param>
/// <param name="Outputs">The outputs asked for.</param>
internal sealed record Trial(int Batch, IReadOnlyList<TriedOutput> Outputs)
{
    public static Trial Run(OnnxModel model, InputPlan plan, IReadOnlyList<string> names)
    {
        if (plan.Batch > 0) return Run(model, plan, names, plan.Batch);
        try
        {
            if (TryRun(model, plan, names, 2) is { } outputs) return new Trial(0, outputs);
        }
        catch (OnnxRuntimeException)
        {
            // Some exporters write a batch of one into the graph and leave the shape open.
        }

        return Run(model, plan, names, 1);
    }

    private static Trial Run(OnnxModel model, InputPlan plan, IReadOnlyList<string> names, int rows)
    {
        try
        {
            return TryRun(model, plan, names, rows) is { } outputs
                ? new Trial(rows, outputs)
                : throw new InvalidDataException($"{model.Description.Source}: expected {rows} answers to {rows} rows from {Outputs(model, names)}, got another shape.");
        }
        catch (OnnxRuntimeException fault)
        {
            throw new InvalidDataException($"{model.Description.Source}: expected answers to rows of zeros, got: {fault.Message}", fault);
        }

        static string Outputs(OnnxModel model, IReadOnlyList<string> names) => string.Join(", ", model.Description.Outputs.Where(o => names.Contains(o.Name)));
    }

    private static List<TriedOutput>? TryRun(OnnxModel model, InputPlan plan, IReadOnlyList<string> names, int rows)
    {
        List<OrtValue> inputs = [];
        try
        {
            foreach (InputBlock block in plan.Blocks)
            {
                OrtValue zeros = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, block.Type, block.Shape(rows));
                inputs.Add(zeros);
                zeros.GetTensorMutableRawData().Clear();
            }

            using RunOptions options = new();
            using IDisposableReadOnlyCollection<OrtValue> answers = model.Session.Run(options, [.. plan.Blocks.Select(block => block.Name)], inputs, names);
            List<TriedOutput> outputs = [];
            for (int i = 0; i < names.Count; i++)
            {
                if (Describe(names[i], answers[i], rows) is not { } output) return null;
                outputs.Add(output);
            }

            return outputs;
        }
        finally
        {
            inputs.ForEach(input => input.Dispose());
        }
    }

    private static TriedOutput? Describe(string name, OrtValue answer, int rows)
    {
        if (answer.OnnxType == OnnxValueType.ONNX_TYPE_SEQUENCE)
        {
            if (answer.GetValueCount() != rows) return null;
            using OrtValue map = answer.GetValue(0, OrtAllocator.DefaultInstance);
            (string[] labels, TensorElementType type) = Maps.Labels(map);
            return new TriedOutput(name, type, 1, labels.Length, labels);
        }

        OrtTensorTypeAndShapeInfo info = answer.GetTensorTypeAndShape();
        long[] shape = info.Shape;
        if (shape.Length == 0 || shape[0] != rows || shape.Skip(1).Count(length => length != 1) > 1 || shape.Contains(0)) return null;
        int place = Math.Max(1, Array.FindIndex(shape, 1, length => length != 1));
        return new TriedOutput(name, info.ElementDataType, shape.Length, (int)shape.Skip(1).Aggregate(1L, (a, b) => a * b), null) { Place = place };
    }
}

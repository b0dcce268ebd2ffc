using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;

namespace Ueq.Serving.Inference;

/// <summary>Triton's <c>simple</c>: sum and difference of two rows of 16 whole numbers, so that other people's clients can be pointed at the service.</summary>
internal sealed class SimpleModel(int maxRows) : InferenceModel
{
    public const string Name = "simple";
    private const int Width = 16;

    public override string Platform => "ueq_test";

    public override IReadOnlyList<TensorSpec> Inputs { get; } = [new("INPUT0", TensorType.Int32, -1, Width), new("INPUT1", TensorType.Int32, -1, Width)];

    public override IReadOnlyList<TensorSpec> Outputs { get; } = [new("OUTPUT0", TensorType.Int32, -1, Width), new("OUTPUT1", TensorType.Int32, -1, Width)];

    public override ValueTask<int> Run(InferWork work, HttpContext http)
    {
        int first = Find(work, 0), second = Find(work, 1);
        if (work.Inputs.Count != 2) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs: expected INPUT0 and INPUT1, got {work.Inputs.Count} tensors"));
        TensorShape shape = work.Inputs[first].Shape;
        for (int i = 0; i < 2; i++)
        {
            TensorShape own = work.Inputs[i].Shape;
            if (own.Rank != 2 || own[1] != Width || own[0] < 1 || own[0] != shape[0]) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{i}].shape: expected [1, {Width}], got {own}"));
            if (work.Inputs[i].Type != TensorType.Int32) throw RefusalException.BadRequest(FormattableString.Invariant($"$.inputs[{i}].datatype: expected INT32, got {work.Inputs[i].Type.Name()}"));
        }

        if (shape[0] > maxRows) throw RefusalException.TooLarge(FormattableString.Invariant($"$.inputs[0].shape: expected at most {maxRows} rows, got {shape[0]}"));
        EachWanted(work, (output, place) =>
        {
            ReadOnlySpan<int> left = MemoryMarshal.Cast<byte, int>(work.ValuesOf(work.Inputs[first])), right = MemoryMarshal.Cast<byte, int>(work.ValuesOf(work.Inputs[second]));
            Span<int> answer = MemoryMarshal.Cast<byte, int>(work.Answer(Outputs[output].Utf8, TensorType.Int32, shape, place, sizeof(int) * left.Length));
            for (int i = 0; i < left.Length; i++) answer[i] = output == 0 ? left[i] + right[i] : left[i] - right[i];
        });
        return new((int)shape[0]);
    }

    private int Find(InferWork work, int input)
    {
        for (int i = 0; i < work.Inputs.Count; i++)
            if (work.NameOf(work.Inputs[i]).SequenceEqual(Inputs[input].Utf8)) return i;
        throw RefusalException.BadRequest($"$.inputs: expected INPUT0 and INPUT1, got no {Inputs[input].Name}");
    }
}

/// <summary>Answers with what it was sent, of any datatype and shape.</summary>
internal sealed class IdentityModel : InferenceModel
{
    public const string Name = "identity";

    public override string Platform => "ueq_test";

    public override IReadOnlyList<TensorSpec> Inputs { get; } = [new("INPUT0", TensorType.Fp32, -1, -1)];

    public override IReadOnlyList<TensorSpec> Outputs { get; } = [new("OUTPUT0", TensorType.Fp32, -1, -1)];

    public override ValueTask<int> Run(InferWork work, HttpContext http)
    {
        if (work.Inputs.Count != 1 || !work.NameOf(work.Inputs[0]).SequenceEqual(Inputs[0].Utf8)) throw RefusalException.BadRequest("$.inputs: expected one tensor, INPUT0");
        Tensor input = work.Inputs[0];
        EachWanted(work, (_, place) => work.ValuesOf(input).CopyTo(work.Answer(Outputs[0].Utf8, input.Type, input.Shape, place, input.Length)));
        return new(input.Shape.Rank == 0 ? 1 : (int)Math.Min(input.Shape[0], int.MaxValue));
    }
}

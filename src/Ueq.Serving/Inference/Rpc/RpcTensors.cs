using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace Ueq.Serving.Inference.Rpc;

/// <summary>Messages becoming tensors, and tensors messages.</summary>
internal static class RpcTensors
{
    public static void Take(ModelInferRequest request, InferWork work)
    {
        TakeParameters(request.Parameters, work);
        int raw = request.RawInputContents.Count;
        if (request.Inputs.Count == 0) throw RefusalException.BadRequest("inputs: expected one tensor or more, got none");
        if (raw > 0 && raw != request.Inputs.Count)
            throw RefusalException.BadRequest(FormattableString.Invariant($"raw_input_contents: expected one per input, {request.Inputs.Count}, or none, got {raw}"));
        for (int i = 0; i < request.Inputs.Count; i++)
        {
            ModelInferRequest.Types.InferInputTensor from = request.Inputs[i];
            ref Tensor input = ref work.Inputs.Add();
            work.SetName(ref input, Encoding.UTF8.GetBytes(from.Name));
            input.Type = TensorTypes.Find(Encoding.UTF8.GetBytes(from.Datatype)) ?? throw Bad(i, ".datatype", $"one of {TensorTypes.Known}", $"\"{from.Datatype}\"");
            if (from.Shape.Count > TensorShape.MostRank) throw Bad(i, ".shape", $"at most {TensorShape.MostRank} lengths", $"{from.Shape.Count}");
            foreach (long length in from.Shape)
            {
                if (length < 0) throw Bad(i, ".shape", "lengths from 0", $"{length}");
                input.Shape.Add(length);
            }

            input.Start = work.Values.Length;
            if (raw > 0)
            {
                if (from.Contents is not null && from.Contents.CalculateSize() > 0) throw Bad(i, ".contents", "none beside raw_input_contents", "some");
                work.Values.Raw(request.RawInputContents[i].Span);
            }
            else
            {
                TakeContents(from.Contents ?? new InferTensorContents(), input, i, work.Values);
            }

            input.Length = work.Values.Length - input.Start;
            InferReader.RequireLength(input, work.ValuesOf(input), "inputs", i);
        }

        foreach (ModelInferRequest.Types.InferRequestedOutputTensor wanted in request.Outputs)
        {
            if (wanted.Parameters.ContainsKey("classification")) throw RefusalException.BadRequest("outputs.parameters.classification: ask for the output label, sets or probabilities instead");
            work.SetName(ref work.Wanted.Add(), Encoding.UTF8.GetBytes(wanted.Name));
        }
    }

    public static ModelInferResponse Answer(ModelInferRequest request, AskedModel asked, InferWork work)
    {
        ModelInferResponse response = new() { ModelName = asked.Name, ModelVersion = asked.Version, Id = request.Id };
        if (work.SaysCoverage)
        {
            response.Parameters["coverage"] = work.LevelCount == 1 ? new InferParameter { DoubleParam = work.Levels[0].Value } : new InferParameter { StringParam = InferWriter.LevelsOf(work) };
            foreach ((string name, string value) in asked.Model.Said) response.Parameters[name] = new InferParameter { StringParam = value };
            if (work.Rows.Arm is { SaysModel: true } arm)
            {
                response.Parameters["experiment"] = new InferParameter { StringParam = arm.Experiment.Name };
                response.Parameters["arm"] = new InferParameter { StringParam = arm.Arm };
            }
        }

        // As the request came, so the answer goes.
        bool raw = request.RawInputContents.Count > 0;
        for (int i = 0; i < work.Answers.Count; i++)
        {
            Tensor answer = work.Answers[i];
            ModelInferResponse.Types.InferOutputTensor output = new() { Name = Encoding.UTF8.GetString(work.NameOf(answer)), Datatype = answer.Type.Name() };
            for (int d = 0; d < answer.Shape.Rank; d++) output.Shape.Add(answer.Shape[d]);
            if (raw) response.RawOutputContents.Add(ByteString.CopyFrom(work.AnswerOf(answer)));
            else output.Contents = Contents(answer.Type, work.AnswerOf(answer));
            response.Outputs.Add(output);
        }

        return response;
    }

    private static void TakeParameters(MapField<string, InferParameter> parameters, InferWork work)
    {
        foreach ((string name, InferParameter value) in parameters)
        {
            string place = $"parameters.{name}";
            switch (name)
            {
                case InferParameters.Coverage when value.ParameterChoiceCase == InferParameter.ParameterChoiceOneofCase.DoubleParam:
                    work.ClearLevels();
                    work.AddLevel(value.DoubleParam, place);
                    break;
                case InferParameters.Coverage when value.ParameterChoiceCase == InferParameter.ParameterChoiceOneofCase.StringParam:
                    InferParameters.ReadLevels(value.StringParam, work, place);
                    break;
                case InferParameters.Coverage: throw RefusalException.BadRequest($"{place}: expected a double_param, or levels with commas between them as a string_param");
                case InferParameters.Receipts: work.Rows.WantsReceipts = Flag(value, place); break;
                case InferParameters.UserId: InferParameters.TakeUser(value.StringParam, work, place); break;
                case InferParameters.Monitor: work.WantsMonitoring = Flag(value, place); break;
                default: InferParameters.RequireForeign(name, "parameters"); break;
            }
        }
    }

    private static bool Flag(InferParameter value, string place) =>
        value.ParameterChoiceCase == InferParameter.ParameterChoiceOneofCase.BoolParam ? value.BoolParam : throw RefusalException.BadRequest($"{place}: expected a bool_param");

    private static void TakeContents(InferTensorContents contents, in Tensor input, int index, JsonBytes values)
    {
        switch (input.Type)
        {
            case TensorType.Bool: Put(contents.BoolContents, input, index, values, v => v ? (byte)1 : (byte)0); break;
            case TensorType.Int8: Put(contents.IntContents, input, index, values, v => checked((sbyte)v)); break;
            case TensorType.Int16: Put(contents.IntContents, input, index, values, v => checked((short)v)); break;
            case TensorType.Int32: Put(contents.IntContents, input, index, values, v => v); break;
            case TensorType.Int64: Put(contents.Int64Contents, input, index, values, v => v); break;
            case TensorType.UInt8: Put(contents.UintContents, input, index, values, v => checked((byte)v)); break;
            case TensorType.UInt16: Put(contents.UintContents, input, index, values, v => checked((ushort)v)); break;
            case TensorType.UInt32: Put(contents.UintContents, input, index, values, v => v); break;
            case TensorType.UInt64: Put(contents.Uint64Contents, input, index, values, v => v); break;
            case TensorType.Fp32: Put(contents.Fp32Contents, input, index, values, v => v); break;
            case TensorType.Fp64: Put(contents.Fp64Contents, input, index, values, v => v); break;
            case TensorType.Bytes: PutTexts(contents.BytesContents, values); break;
            default: throw Bad(index, "", $"raw_input_contents for {input.Type.Name()}", "contents");
        }
    }

    private static void Put<TFrom, T>(RepeatedField<TFrom> from, in Tensor input, int index, JsonBytes values, Func<TFrom, T> convert)
        where T : unmanaged
    {
        int size = Unsafe.SizeOf<T>();
        // Other fields than the datatype's stay empty, which is the commonest mistake.
        if (from.Count != input.Shape.Elements)
            throw Bad(index, ".contents", $"as many values as {input.Type.Name()} {input.Shape} says in the field of this datatype", $"{from.Count}");
        Span<byte> room = values.GetSpan(size * from.Count);
        for (int i = 0; i < from.Count; i++)
        {
            try
            {
                T value = convert(from[i]);
                MemoryMarshal.Write(room[(i * size)..], in value);
            }
            catch (OverflowException)
            {
                throw Bad(index, FormattableString.Invariant($".contents, element {i}"), $"a whole number in the range of {input.Type.Name()}", $"{from[i]}");
            }
        }

        values.Advance(size * from.Count);
    }

    private static void PutTexts(RepeatedField<ByteString> texts, JsonBytes values)
    {
        foreach (ByteString text in texts)
        {
            Span<byte> length = values.GetSpan(4);
            BinaryPrimitives.WriteInt32LittleEndian(length, text.Length);
            values.Advance(4);
            values.Raw(text.Span);
        }
    }

    private static InferTensorContents Contents(TensorType type, ReadOnlySpan<byte> values)
    {
        InferTensorContents contents = new();
        switch (type)
        {
            case TensorType.Bool: foreach (byte v in values) contents.BoolContents.Add(v != 0); break;
            case TensorType.Int8: foreach (sbyte v in MemoryMarshal.Cast<byte, sbyte>(values)) contents.IntContents.Add(v); break;
            case TensorType.Int16: foreach (short v in MemoryMarshal.Cast<byte, short>(values)) contents.IntContents.Add(v); break;
            case TensorType.Int32: foreach (int v in MemoryMarshal.Cast<byte, int>(values)) contents.IntContents.Add(v); break;
            case TensorType.Int64: foreach (long v in MemoryMarshal.Cast<byte, long>(values)) contents.Int64Contents.Add(v); break;
            case TensorType.UInt8: foreach (byte v in values) contents.UintContents.Add(v); break;
            case TensorType.UInt16: foreach (ushort v in MemoryMarshal.Cast<byte, ushort>(values)) contents.UintContents.Add(v); break;
            case TensorType.UInt32: foreach (uint v in MemoryMarshal.Cast<byte, uint>(values)) contents.UintContents.Add(v); break;
            case TensorType.UInt64: foreach (ulong v in MemoryMarshal.Cast<byte, ulong>(values)) contents.Uint64Contents.Add(v); break;
            case TensorType.Fp32: foreach (float v in MemoryMarshal.Cast<byte, float>(values)) contents.Fp32Contents.Add(v); break;
            case TensorType.Fp64: foreach (double v in MemoryMarshal.Cast<byte, double>(values)) contents.Fp64Contents.Add(v); break;
            default:
                while (!values.IsEmpty)
                {
                    int length = BinaryPrimitives.ReadInt32LittleEndian(values);
                    contents.BytesContents.Add(ByteString.CopyFrom(values.Slice(4, length)));
                    values = values[(4 + length)..];
                }

                break;
        }

        return contents;
    }

    private static RefusalException Bad(int index, string key, string expected, string got) =>
        RefusalException.BadRequest(FormattableString.Invariant($"inputs[{index}]{key}: expected {expected}, got {got}"));
}

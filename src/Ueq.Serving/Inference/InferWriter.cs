using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Ueq.Serving.Inference;

/// <summary>Writes the answer to an inference request: JSON, and the bytes of tensors behind it where they are asked for.</summary>
internal static class InferWriter
{
    /// <summary>Writes the whole answer.</summary>
    /// <returns>Bytes of the JSON; −1 when there is nothing else.</returns>
    public static int Write(AskedModel asked, InferWork work)
    {
        JsonBytes json = work.Json;
        json.Raw(asked.Head.Span);
        if (work.HasId)
        {
            json.Raw(",\"id\":\""u8);
            json.Raw(work.Id);
            json.Raw("\""u8);
        }

        if (work.SaysCoverage)
        {
            json.Raw(",\"parameters\":{\"coverage\":"u8);
            if (work.LevelCount == 1) json.Number(work.Levels[0].Value);
            else json.Text(LevelsOf(work));
            json.Raw(asked.Model.SaidJson);
            if (work.Rows.Arm is { SaysModel: true } arm) json.Raw(arm.SaidAsParameters);
            json.Raw("}"u8);
        }

        json.Raw(",\"outputs\":["u8);
        bool binary = false;
        for (int i = 0; i < work.Answers.Count; i++)
        {
            if (i > 0) json.Raw(","u8);
            ref Tensor answer = ref work.Answers[i];
            WriteHead(json, work, answer);
            if (answer.Place == TensorPlace.Binary)
            {
                binary = true;
                json.Raw("],\"parameters\":{\"binary_data_size\":"u8);
                json.Number(answer.Length);
                json.Raw("}}"u8);
            }
            else
            {
                json.Raw("],\"data\":["u8);
                WriteData(json, answer.Type, work.AnswerOf(answer));
                json.Raw("]}"u8);
            }
        }

        json.Raw("]}"u8);
        if (!binary) return -1;
        int length = json.Length;
        for (int i = 0; i < work.Answers.Count; i++)
            if (work.Answers[i].Place == TensorPlace.Binary) json.Raw(work.AnswerOf(work.Answers[i]));
        return length;
    }

    /// <summary>Several levels as the text that says them.</summary>
    public static string LevelsOf(InferWork work)
    {
        string[] levels = new string[work.LevelCount];
        for (int i = 0; i < levels.Length; i++) levels[i] = work.Levels[i].Value.ToString("R", CultureInfo.InvariantCulture);
        return string.Join(",", levels);
    }

    private static void WriteHead(JsonBytes json, InferWork work, in Tensor answer)
    {
        // Names of outputs are ours, and plain.
        json.Raw("{\"name\":\""u8);
        json.Raw(work.NameOf(answer));
        json.Raw("\",\"datatype\":\""u8);
        json.Raw(answer.Type.Utf8());
        json.Raw("\",\"shape\":["u8);
        for (int i = 0; i < answer.Shape.Rank; i++)
        {
            if (i > 0) json.Raw(","u8);
            json.Number(answer.Shape[i]);
        }
    }

    private static void WriteData(JsonBytes json, TensorType type, ReadOnlySpan<byte> values)
    {
        if (type == TensorType.Bytes)
        {
            WriteTexts(json, values);
            return;
        }

        int size = type.Size();
        for (int at = 0; at < values.Length; at += size)
        {
            if (at > 0) json.Raw(","u8);
            ReadOnlySpan<byte> value = values.Slice(at, size);
            switch (type)
            {
                case TensorType.Bool: json.Raw(value[0] != 0 ? "true"u8 : "false"u8); break;
                case TensorType.Int8: json.Number((long)(sbyte)value[0]); break;
                case TensorType.UInt8: json.Number((long)value[0]); break;
                case TensorType.Int16: json.Number((long)MemoryMarshal.Read<short>(value)); break;
                case TensorType.UInt16: json.Number((long)MemoryMarshal.Read<ushort>(value)); break;
                case TensorType.Int32: json.Number((long)MemoryMarshal.Read<int>(value)); break;
                case TensorType.UInt32: json.Number((long)MemoryMarshal.Read<uint>(value)); break;
                case TensorType.Int64: json.Number(MemoryMarshal.Read<long>(value)); break;
                case TensorType.UInt64: WriteLarge(json, MemoryMarshal.Read<ulong>(value)); break;
                case TensorType.Fp16: json.Number((double)MemoryMarshal.Read<Half>(value)); break;
                case TensorType.Fp32: WriteSingle(json, MemoryMarshal.Read<float>(value)); break;
                default: json.Number(MemoryMarshal.Read<double>(value)); break;
            }
        }
    }

    private static void WriteLarge(JsonBytes json, ulong value)
    {
        Utf8Formatter.TryFormat(value, json.GetSpan(32), out int written);
        json.Advance(written);
    }

    // As a double it would show digits that a float does not have.
    private static void WriteSingle(JsonBytes json, float value)
    {
        if (!float.IsFinite(value))
        {
            json.Number(value);
            return;
        }

        value.TryFormat(json.GetSpan(32), out int written, default, CultureInfo.InvariantCulture);
        json.Advance(written);
    }

    private static void WriteTexts(JsonBytes json, ReadOnlySpan<byte> values)
    {
        bool first = true;
        while (!values.IsEmpty)
        {
            int length = BinaryPrimitives.ReadInt32LittleEndian(values);
            if (!Utf8.IsValid(values.Slice(4, length))) throw RefusalException.BadRequest("expected texts in UTF-8 for an answer in JSON; ask for the output with the parameter binary_data");
            json.Raw(first ? "\""u8 : ",\""u8);
            json.Raw(JsonEncodedText.Encode(values.Slice(4, length), JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes);
            json.Raw("\""u8);
            values = values[(4 + length)..];
            first = false;
        }
    }
}

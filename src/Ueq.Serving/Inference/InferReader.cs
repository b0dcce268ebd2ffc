using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;

namespace Ueq.Serving.Inference;

/// <summary>Reads the body of an inference request: JSON, and the bytes of tensors that may follow it.</summary>
/// <remarks>Keys and parameters that the protocol lets others add are passed over; what is nearly one of ours is taken for a mistake.</remarks>
internal static class InferReader
{
    private const int LongestName = 1 << 10;

    /// <summary>Reads a body.</summary>
    /// <param name="json">The JSON.</param>
    /// <param name="binary">What follows it.</param>
    /// <param name="work">Receives what was asked.</param>
    /// <exception cref="RefusalException">The body is not what it should be; says where.</exception>
    public static void Read(ReadOnlySpan<byte> json, ReadOnlySpan<byte> binary, InferWork work)
    {
        if (json.StartsWith(PredictReader.ByteOrderMark)) json = json[PredictReader.ByteOrderMark.Length..];
        if (!Utf8.IsValid(json)) throw RefusalException.BadRequest("$: expected UTF-8, got other bytes");
        Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = PredictReader.Depth });
        try
        {
            ReadRequest(ref reader, json, work);
            reader.Read(); // Whatever follows the object is an error, which the reader finds.
        }
        catch (JsonException bad)
        {
            throw JsonWords.Malformed(json, bad, "$");
        }
        catch (InvalidOperationException)
        {
            throw JsonWords.HalfCharacter("$");
        }

        TakeBinary(binary, work);
    }

    private static void ReadRequest(ref Utf8JsonReader json, ReadOnlySpan<byte> text, InferWork work)
    {
        json.Read();
        if (json.TokenType != JsonTokenType.StartObject)
            throw RefusalException.BadRequest($"$: expected an object such as {{\"inputs\": [{{\"name\": \"input\", \"shape\": [1, 2], \"datatype\": \"FP32\", \"data\": [1, 2]}}]}}, got {JsonWords.Value(ref json)}");
        int seen = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = json.ValueTextEquals("inputs"u8) ? 1 : json.ValueTextEquals("outputs"u8) ? 2 : json.ValueTextEquals("parameters"u8) ? 4 : json.ValueTextEquals("id"u8) ? 8 : 0;
            if ((seen & key) != 0) throw RefusalException.BadRequest($"$.{json.GetString()}: expected the key once, got it twice");
            seen |= key;
            json.Read();
            switch (key)
            {
                case 1: ReadTensors(ref json, text, work, "$.inputs"); break;
                case 2: ReadTensors(ref json, text, work, "$.outputs"); break;
                case 4: InferParameters.Read(ref json, work); break;
                case 8: ReadId(ref json, work); break;
                default: json.Skip(); break;
            }
        }

        if ((seen & 1) == 0) throw RefusalException.BadRequest("$.inputs: expected an array of tensors, got no such key");
    }

    private static void ReadId(ref Utf8JsonReader json, InferWork work)
    {
        if (json.TokenType == JsonTokenType.Null) return;
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length > LongestName)
            throw RefusalException.BadRequest($"$.id: expected a text of at most {LongestName} bytes, got {JsonWords.Value(ref json)}");
        // It goes back as it came, and half a character is no text.
        if (json.ValueIsEscaped) json.GetString();
        work.SetId(json.ValueSpan);
    }

    private static void ReadTensors(ref Utf8JsonReader json, ReadOnlySpan<byte> text, InferWork work, string path)
    {
        bool inputs = path == "$.inputs";
        if (json.TokenType == JsonTokenType.Null && !inputs) return;
        if (json.TokenType != JsonTokenType.StartArray) throw RefusalException.BadRequest($"{path}: expected an array of tensors, got {JsonWords.Value(ref json)}");
        TensorList list = inputs ? work.Inputs : work.Wanted;
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.StartObject) throw Bad(path, list.Count, "", "a tensor, which is an object", ref json);
            if (inputs) ReadInput(ref json, text, work);
            else ReadWanted(ref json, work);
        }

        if (inputs && list.Count == 0) throw RefusalException.BadRequest("$.inputs: expected one tensor or more, got an empty array");
    }

    private static void ReadInput(ref Utf8JsonReader json, ReadOnlySpan<byte> text, InferWork work)
    {
        int index = work.Inputs.Count, seen = 0;
        ref Tensor input = ref work.Inputs.Add();
        int dataStart = -1, dataEnd = -1;
        long binary = -1;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = json.ValueTextEquals("name"u8) ? 1 : json.ValueTextEquals("shape"u8) ? 2 : json.ValueTextEquals("datatype"u8) ? 4
                : json.ValueTextEquals("data"u8) ? 8 : json.ValueTextEquals("parameters"u8) ? 16 : 0;
            if ((seen & key) != 0) throw RefusalException.BadRequest($"{Path(index)}.{json.GetString()}: expected the key once, got it twice");
            seen |= key;
            json.Read();
            switch (key)
            {
                case 1: ReadName(ref json, work, ref input, "$.inputs", index); break;
                case 2: ReadShape(ref json, ref input, index); break;
                case 4: ReadType(ref json, ref input, index); break;
                case 8 when (seen & 6) == 6: JsonTensor.Read(ref json, text.Length, ref input, index, work.Values); break;
                case 8:
                    dataStart = (int)json.TokenStartIndex;
                    json.Skip();
                    dataEnd = (int)json.BytesConsumed;
                    break;
                case 16: InferParameters.ReadInput(ref json, index, ref binary); break;
                default: json.Skip(); break;
            }
        }

        if ((seen & 7) != 7) throw RefusalException.BadRequest($"{Path(index)}: expected name, shape and datatype, got no {((seen & 1) == 0 ? "name" : (seen & 2) == 0 ? "shape" : "datatype")}");
        if ((seen & 8) != 0 && binary >= 0) throw RefusalException.BadRequest($"{Path(index)}: expected data or binary_data_size, got both");
        if ((seen & 8) == 0 && binary < 0) throw RefusalException.BadRequest($"{Path(index)}: expected data or the parameter binary_data_size, got neither");
        if (dataStart >= 0)
        {
            Utf8JsonReader data = new(text[dataStart..dataEnd], new JsonReaderOptions { MaxDepth = PredictReader.Depth });
            data.Read();
            JsonTensor.Read(ref data, text.Length, ref input, index, work.Values);
        }

        if (binary < 0) return;
        // The bytes come behind the JSON, in the order of the inputs.
        if (binary > int.MaxValue) throw RefusalException.BadRequest($"{Path(index)}.parameters.binary_data_size: expected at most the bytes that follow the JSON, got {binary}");
        (input.Place, input.Length) = (TensorPlace.Binary, (int)binary);
    }

    private static void ReadWanted(ref Utf8JsonReader json, InferWork work)
    {
        int index = work.Wanted.Count;
        ref Tensor wanted = ref work.Wanted.Add();
        int seen = 0;
        while (json.Read() && json.TokenType != JsonTokenType.EndObject)
        {
            int key = json.ValueTextEquals("name"u8) ? 1 : json.ValueTextEquals("parameters"u8) ? 2 : 0;
            if ((seen & key) != 0) throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"$.outputs[{index}].{json.GetString()}: expected the key once, got it twice"));
            seen |= key;
            json.Read();
            switch (key)
            {
                case 1: ReadName(ref json, work, ref wanted, "$.outputs", index); break;
                case 2: InferParameters.ReadOutput(ref json, index, ref wanted); break;
                default: json.Skip(); break;
            }
        }

        if ((seen & 1) == 0) throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"$.outputs[{index}]: expected a name, got none"));
    }

    private static void ReadName(ref Utf8JsonReader json, InferWork work, ref Tensor tensor, string list, int index)
    {
        if (json.TokenType != JsonTokenType.String || json.ValueSpan.Length > LongestName) throw Bad(list, index, ".name", $"a text of at most {LongestName} bytes", ref json);
        Span<byte> name = stackalloc byte[LongestName];
        work.SetName(ref tensor, name[..json.CopyString(name)]);
    }

    private static void ReadShape(ref Utf8JsonReader json, ref Tensor input, int index)
    {
        if (json.TokenType != JsonTokenType.StartArray) throw Bad("$.inputs", index, ".shape", "an array of lengths", ref json);
        while (json.Read() && json.TokenType != JsonTokenType.EndArray)
        {
            if (json.TokenType != JsonTokenType.Number || !json.TryGetInt64(out long length) || length < 0) throw Bad("$.inputs", index, ".shape", "lengths from 0", ref json);
            if (input.Shape.Rank == TensorShape.MostRank) throw RefusalException.BadRequest($"{Path(index)}.shape: expected at most {TensorShape.MostRank} lengths");
            input.Shape.Add(length);
        }
    }

    private static void ReadType(ref Utf8JsonReader json, ref Tensor input, int index)
    {
        Span<byte> name = stackalloc byte[LongestName];
        input.Type = json.TokenType == JsonTokenType.String && json.ValueSpan.Length <= LongestName && TensorTypes.Find(name[..json.CopyString(name)]) is { } type
            ? type
            : throw Bad("$.inputs", index, ".datatype", $"one of {TensorTypes.Known}", ref json);
    }

    private static void TakeBinary(ReadOnlySpan<byte> binary, InferWork work)
    {
        long claimed = 0;
        for (int i = 0; i < work.Inputs.Count; i++)
            if (work.Inputs[i].Place == TensorPlace.Binary) claimed += work.Inputs[i].Length;
        if (claimed != binary.Length)
            throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"expected {claimed} bytes of tensors behind the JSON, as binary_data_size of the inputs say, got {binary.Length}"));
        for (int i = 0, at = 0; i < work.Inputs.Count; i++)
        {
            ref Tensor input = ref work.Inputs[i];
            if (input.Place != TensorPlace.Binary) continue;
            RequireLength(input, binary.Slice(at, input.Length), "$.inputs", i);
            input.Start = work.Values.Length;
            work.Values.Raw(binary.Slice(at, input.Length));
            at += input.Length;
        }
    }

    /// <summary>Refuses bytes that are not as many as a shape says.</summary>
    public static void RequireLength(in Tensor input, ReadOnlySpan<byte> values, string list, int index)
    {
        long elements = input.Shape.Elements;
        int size = input.Type.Size();
        if (size > 0)
        {
            if (elements > int.MaxValue || elements * size != values.Length)
                throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]: expected {(elements > int.MaxValue ? "" : (elements * size) + " bytes, ")}as {input.Type.Name()} {input.Shape} says, got {values.Length} bytes"));
            return;
        }

        long found = 0;
        ReadOnlySpan<byte> rest = values;
        for (; rest.Length >= 4; found++)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            if (length > rest.Length - 4) throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]: element {found} claims {length} bytes, {rest.Length - 4} are left"));
            rest = rest[(4 + (int)length)..];
        }

        if (!rest.IsEmpty || found != elements)
            throw RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]: expected {(elements == long.MaxValue ? "as many" : elements)} texts as {input.Shape} says, each behind its length in 4 bytes, got {found}{(rest.IsEmpty ? "" : " and a rest")}"));
    }

    private static string Path(int index) => string.Create(CultureInfo.InvariantCulture, $"$.inputs[{index}]");

    private static RefusalException Bad(string list, int index, string key, string expected, ref Utf8JsonReader json) =>
        RefusalException.BadRequest(string.Create(CultureInfo.InvariantCulture, $"{list}[{index}]{key}: expected {expected}, got {JsonWords.Value(ref json)}"));
}

namespace Ueq.Onnx;

/// <summary>Reads a description from the bytes of a model. Numbers of fields: onnx/onnx.proto.</summary>
internal static class DescriptionReader
{
    private static readonly string[] ElementTypes =
    [
        "undefined", "float", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "double", "uint32", "uint64",
        "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
    ];

    public static OnnxDescription Read(ReadOnlySpan<byte> model, string source)
    {
        OnnxDescription description = new() { Source = source };
        List<OnnxOperators> operators = [];
        Dictionary<string, string> metadata = [];
        string producer = "", version = "";
        bool hasGraph = false;
        ProtoReader reader = new(model);
        while (reader.Next(out ProtoField field))
        {
            switch (field.Number)
            {
                case 1: description = description with { IrVersion = (long)field.Value }; break;
                case 2: producer = reader.Text(field); break;
                case 3: version = reader.Text(field); break;
                case 4: description = description with { Domain = reader.Text(field) }; break;
                case 5: description = description with { ModelVersion = (long)field.Value }; break;
                case 6: description = description with { Text = reader.Text(field) }; break;
                case 7:
                    description = ReadGraph(reader.Content(field), description);
                    hasGraph = true;
                    break;
                case 8: operators.Add(ReadOperators(reader.Content(field))); break;
                case 14:
                    (string key, string value) = ReadEntry(reader.Content(field));
                    metadata[key] = value;
                    break;
            }
        }

        if (!hasGraph) throw new InvalidDataException("expected an ONNX model, got a file without a graph.");
        return description with { Producer = $"{producer} {version}".Trim(), Operators = operators, Metadata = metadata };
    }

    public static (string Key, string Value) ReadEntry(ReadOnlySpan<byte> entry)
    {
        string key = "", value = "";
        ProtoReader reader = new(entry);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == 1) key = reader.Text(field);
            if (field.Number == 2) value = reader.Text(field);
        }

        return (key, value);
    }

    private static OnnxDescription ReadGraph(ReadOnlySpan<byte> graph, OnnxDescription description)
    {
        List<OnnxPort> inputs = [], outputs = [];
        HashSet<string> weights = [];
        string name = "";
        ProtoReader reader = new(graph);
        while (reader.Next(out ProtoField field))
        {
            switch (field.Number)
            {
                case 2: name = reader.Text(field); break;
                case 5: weights.Add(ReadTensorName(reader.Content(field))); break;
                case 11: inputs.Add(ReadPort(reader.Content(field))); break;
                case 12: outputs.Add(ReadPort(reader.Content(field))); break;
            }
        }

        // Old files list the weights among the inputs.
        return description with { Graph = name, Inputs = [.. inputs.Where(input => !weights.Contains(input.Name))], Outputs = outputs };
    }

    private static OnnxOperators ReadOperators(ReadOnlySpan<byte> message)
    {
        string domain = "";
        long version = 0;
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == 1) domain = reader.Text(field);
            if (field.Number == 2) version = (long)field.Value;
        }

        return new OnnxOperators(domain.Length == 0 ? "ai.onnx" : domain, version);
    }

    private static string ReadTensorName(ReadOnlySpan<byte> tensor)
    {
        string name = "";
        ProtoReader reader = new(tensor);
        while (reader.Next(out ProtoField field))
            if (field.Number == 8) name = reader.Text(field);
        return name;
    }

    private static OnnxPort ReadPort(ReadOnlySpan<byte> message)
    {
        string name = "", type = "undefined";
        List<long>? shape = null;
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == 1) name = reader.Text(field);
            if (field.Number == 2) (type, shape) = ReadType(reader.Content(field), 0);
        }

        return new OnnxPort(name, type, shape);
    }

    private static (string Type, List<long>? Shape) ReadType(ReadOnlySpan<byte> message, int depth)
    {
        const int Deepest = 16;
        if (depth > Deepest) throw new InvalidDataException("expected an ONNX model, got types nested without end.");
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
        {
            switch (field.Number)
            {
                case 1: return ReadTensorType(reader.Content(field), "tensor");
                case 4: return ($"seq({ReadInner(reader.Content(field), 1, depth)})", null);
                case 5: return ($"map({ReadKey(reader.Content(field))},{ReadInner(reader.Content(field), 2, depth)})", null);
                case 8: return ReadTensorType(reader.Content(field), "sparse_tensor");
                case 9: return ($"optional({ReadInner(reader.Content(field), 1, depth)})", null);
            }
        }

        return ("undefined", null);
    }

    private static string ReadInner(ReadOnlySpan<byte> message, int number, int depth)
    {
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
            if (field.Number == number) return ReadType(reader.Content(field), depth + 1).Type;
        return "undefined";
    }

    private static string ReadKey(ReadOnlySpan<byte> message)
    {
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
            if (field.Number == 1) return Element(field.Value);
        return "undefined";
    }

    private static (string Type, List<long>? Shape) ReadTensorType(ReadOnlySpan<byte> message, string kind)
    {
        string element = "undefined";
        List<long>? shape = null;
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == 1) element = Element(field.Value);
            if (field.Number == 2) shape = ReadShape(reader.Content(field));
        }

        return ($"{kind}({element})", shape);
    }

    private static List<long> ReadShape(ReadOnlySpan<byte> message)
    {
        List<long> shape = [];
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number != 1) continue;
            long length = -1;
            ProtoReader dimension = new(reader.Content(field));
            while (dimension.Next(out ProtoField part))
                if (part.Number == 1) length = (long)part.Value;
            shape.Add(length);
        }

        return shape;
    }

    private static string Element(ulong type) => type < (ulong)ElementTypes.Length ? ElementTypes[type] : $"type {type}";
}

using System.Runtime.InteropServices;

namespace Ueq.Onnx;

/// <summary>The nodes that stand in the place of Dropout nodes. Numbers of fields: onnx/onnx.proto.</summary>
/// <param name="seed">Seed of the nodes that have none.</param>
/// <param name="element">Type of the numbers that are masked, as the format counts types.</param>
internal sealed class DropoutMasks(ulong seed, int element)
{
    private const int Float = 1;
    // Fields of every attribute.
    private const int Name = 1, Type = 20;
    private const double DefaultRatio = 0.5;

    private Rng _seeds = Rng.Stream(seed, 0);
    private int _count;

    public IReadOnlyList<byte[]> InPlaceOf(ReadOnlySpan<byte> dropout)
    {
        OnnxNode node = OnnxNode.Read(dropout);
        string name = $"ueq_dropout_{_count++}_", x = node.Inputs[0], answer = node.Outputs[0];
        string given = node.Inputs.ElementAtOrDefault(1) is { Length: > 0 } input ? input : name + "half";
        string keep = node.Outputs.ElementAtOrDefault(1) is { Length: > 0 } mask ? mask : name + "keep";
        List<byte[]> nodes =
        [
            Node("RandomUniformLike", [x], name + "uniform", Attribute("dtype", Float), Attribute("seed", Seed(dropout))),
            Constant(name + "one", 1),
            Constant(name + "nothing", 0),
            Node("Cast", [given], name + "ratio", Attribute("to", Float)),
            Node("GreaterOrEqual", [name + "uniform", name + "ratio"], keep),
            Node("Sub", [name + "one", name + "ratio"], name + "share"),
            Node("Div", [name + "one", name + "share"], name + "weight"),
            Node("Cast", [name + "weight"], name + "kept", Attribute("to", element)),
            Node("Cast", [name + "nothing"], name + "dropped", Attribute("to", element)),
            Node("Where", [keep, name + "kept", name + "dropped"], name + "mask"),
            Node("Mul", [x, name + "mask"], answer),
        ];
        if (given == name + "half") nodes.Insert(0, Constant(given, (float)DefaultRatio));
        return nodes;
    }

    // The seed of a random node is a float: whole numbers of 24 bits are exact in it.
    private float Seed(ReadOnlySpan<byte> dropout)
    {
        const int AttributeField = 5, Integer = 3, Bits = 24;
        // Drawn in any case, so that a node's seed does not depend on the others having one.
        ulong value = _seeds.NextBits();
        ProtoReader reader = new(dropout);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number != AttributeField || OnnxNode.NameOf(reader.Content(field)) != "seed") continue;
            ProtoReader attribute = new(reader.Content(field));
            while (attribute.Next(out ProtoField part))
                if (part.Number == Integer) value = part.Value;
        }

        return value & ((1 << Bits) - 1);
    }

    private static byte[] Node(string name, string[] inputs, string output, params byte[][] attributes)
    {
        const int Input = 1, Output = 2, Operator = 4, AttributeField = 5;
        using MemoryStream node = new();
        foreach (string input in inputs) ProtoWriter.Write(node, Input, input);
        ProtoWriter.Write(node, Output, output);
        ProtoWriter.Write(node, Operator, name);
        foreach (byte[] attribute in attributes) ProtoWriter.Write(node, AttributeField, attribute);
        return node.ToArray();
    }

    private static byte[] Constant(string name, float value)
    {
        const int DataType = 2, RawData = 9, Tensor = 5, TensorType = 4;
        using MemoryStream tensor = new(), attribute = new();
        ProtoWriter.Write(tensor, DataType, (long)Float);
        ProtoWriter.Write(tensor, RawData, MemoryMarshal.AsBytes(new ReadOnlySpan<float>(ref value)));
        ProtoWriter.Write(attribute, Name, "value");
        ProtoWriter.Write(attribute, Tensor, tensor.ToArray());
        ProtoWriter.Write(attribute, Type, (long)TensorType);
        return Node("Constant", [], name, attribute.ToArray());
    }

    private static byte[] Attribute(string name, int value)
    {
        const int Integer = 3, IntegerType = 2;
        using MemoryStream attribute = new();
        ProtoWriter.Write(attribute, Name, name);
        ProtoWriter.Write(attribute, Integer, (long)value);
        ProtoWriter.Write(attribute, Type, (long)IntegerType);
        return attribute.ToArray();
    }

    private static byte[] Attribute(string name, float value)
    {
        const int Real = 2, RealType = 1;
        using MemoryStream attribute = new();
        ProtoWriter.Write(attribute, Name, name);
        ProtoWriter.Write(attribute, Real, value);
        ProtoWriter.Write(attribute, Type, (long)RealType);
        return attribute.ToArray();
    }
}

using System.Globalization;

namespace Ueq.Onnx;

/// <summary>One operator of a graph, as far as it is looked at.</summary>
/// <param name="Operator">Name of the operator.</param>
/// <param name="Domain">Domain of the operator; empty of the standard's.</param>
/// <param name="Inputs">Names of what it reads; empty where an optional input is left out.</param>
/// <param name="Outputs">Names of what it answers.</param>
/// <param name="ClassLabels">Names of the classes, where its attributes tell them.</param>
/// <param name="HasTextLabels">Whether those names are texts in the file.</param>
internal sealed record OnnxNode(
    string Operator, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<string>? ClassLabels, bool HasTextLabels)
{
    /// <summary>Place of the input that switches dropout on.</summary>
    public const int TrainingMode = 2;

    public bool IsDropout => Operator == "Dropout" && Domain is "" or "ai.onnx";

    /// <summary>Every node of a model: of its graph, of graphs within nodes, and of functions.</summary>
    public static IReadOnlyList<OnnxNode> All(ReadOnlySpan<byte> model)
    {
        List<OnnxNode> nodes = [];
        Gather(model, OnnxMessage.Model, 0, nodes);
        return nodes;
    }

    public static OnnxNode Read(ReadOnlySpan<byte> node)
    {
        string name = "", domain = "";
        List<string> inputs = [], outputs = [];
        (List<string> Labels, bool IsText)? labels = null;
        ProtoReader reader = new(node);
        while (reader.Next(out ProtoField field))
        {
            switch (field.Number)
            {
                case 1: inputs.Add(reader.Text(field)); break;
                case 2: outputs.Add(reader.Text(field)); break;
                case 4: name = reader.Text(field); break;
                case 5: labels = ReadLabels(reader.Content(field)) ?? labels; break;
                case 7: domain = reader.Text(field); break;
            }
        }

        return new OnnxNode(name, domain, inputs, outputs, labels?.Labels, labels?.IsText ?? false);
    }

    /// <summary>The name of an input of a graph or of an attribute, which both have it in field 1.</summary>
    public static string NameOf(ReadOnlySpan<byte> message)
    {
        ProtoReader reader = new(message);
        while (reader.Next(out ProtoField field))
            if (field.Number == 1) return reader.Text(field);
        return "";
    }

    private static void Gather(ReadOnlySpan<byte> content, OnnxMessage message, int depth, List<OnnxNode> nodes)
    {
        if (depth > OnnxMessages.Deepest) throw OnnxMessages.TooDeep();
        if (message == OnnxMessage.Node) nodes.Add(Read(content));
        ProtoReader reader = new(content);
        while (reader.Next(out ProtoField field))
        {
            OnnxMessage inner = OnnxMessages.Inner(message, field.Number);
            if (inner is OnnxMessage.Graph or OnnxMessage.Function or OnnxMessage.Node or OnnxMessage.Attribute) Gather(reader.Content(field), inner, depth + 1, nodes);
        }
    }

    // classlabels_strings, classlabels_int64s and classlabels_ints are attributes of the classifiers and of ZipMap.
    private static (List<string> Labels, bool IsText)? ReadLabels(ReadOnlySpan<byte> attribute)
    {
        const int Name = 1, Integers = 8, Texts = 9;
        bool isLabels = false, isText = false;
        List<string> labels = [];
        ProtoReader reader = new(attribute);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == Name && !(isLabels = reader.Content(field).StartsWith("classlabels_"u8))) return null;
            if (!isLabels) continue;
            if (field.Number == Texts)
            {
                labels.Add(reader.Text(field));
                isText = true;
            }
            else if (field.Number == Integers && field.Wire == 0) Add((long)field.Value);
            else if (field.Number == Integers)
            {
                ProtoReader packed = new(reader.Content(field));
                while (packed.NextVarint(out ulong value)) Add((long)value);
            }
        }

        return labels.Count > 0 ? (labels, isText) : null;

        void Add(long label) => labels.Add(label.ToString(CultureInfo.InvariantCulture));
    }
}

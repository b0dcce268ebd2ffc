namespace Ueq.Onnx;

/// <summary>Switches the dropout of a model on: writes its bytes anew, with other nodes in the place of every Dropout.</summary>
/// <remarks>
/// <para>ONNX Runtime takes Dropout nodes away outside of training, and where they stay it seeds a linear congruential generator with the
/// number of the run: the first masks of one run and the next are nearly the same. So a mask is written out, whatever the node's
/// training_mode was: a constant, an input of the graph (which goes away) or nothing. y = x · (u ≥ ratio ? 1/(1 − ratio) : 0) with u uniform
/// from a generator that goes on from run to run.</para>
/// <para>Ratios and seeds are the node's own; a node without a seed gets one, so that the answers of a new session are always the same.
/// Numbers of fields: onnx/onnx.proto.</para>
/// </remarks>
internal static class DropoutSwitch
{
    private const long FirstOperators = 12;

    /// <summary>Whether there is dropout that says when it is on.</summary>
    public static bool Has(OnnxModel model) => model.Nodes.Any(node => node.IsDropout && node.Inputs.Count > OnnxNode.TrainingMode && node.Inputs[OnnxNode.TrainingMode].Length > 0);

    /// <summary>What a model reads once its dropout is on: the inputs that switch it are gone.</summary>
    public static IReadOnlyList<OnnxPort> Inputs(OnnxModel model)
    {
        HashSet<string> modes = Modes(model);
        return [.. model.Description.Inputs.Where(input => !modes.Contains(input.Name))];
    }

    /// <exception cref="InvalidDataException">There is no dropout that can be switched on.</exception>
    public static byte[] Apply(OnnxModel model, ulong seed)
    {
        OnnxDescription description = model.Description;
        if (!model.Nodes.Any(node => node.IsDropout))
            throw new InvalidDataException($"{description.Source}: expected a model with Dropout nodes, got none: export it with its dropout (in torch.onnx.export, training=TrainingMode.TRAINING or PRESERVE).");
        long operators = description.Operators.FirstOrDefault(o => o.Domain == "ai.onnx")?.Version ?? 0;
        if (operators < FirstOperators)
            throw new InvalidDataException($"{description.Source}: expected operators of version {FirstOperators} or later, whose Dropout can be switched on, got {operators}.");
        HashSet<string> modes = Modes(model);
        foreach (OnnxNode node in model.Nodes)
        {
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (modes.Contains(node.Inputs[i]) && !(node.IsDropout && i == OnnxNode.TrainingMode))
                    throw new InvalidDataException($"{description.Source}: expected an input '{node.Inputs[i]}' that switches nothing but dropout, got one that {node.Operator} reads too.");
            }
        }

        DropoutMasks masks = new(seed, Onnx.Outputs.ElementOf(description));
        return Copy(model.Bytes, OnnxMessage.Model, modes, masks);
    }

    private static HashSet<string> Modes(OnnxModel model)
    {
        HashSet<string> modes = [.. model.Nodes.Where(node => node.IsDropout && node.Inputs.Count > OnnxNode.TrainingMode).Select(node => node.Inputs[OnnxNode.TrainingMode])];
        modes.IntersectWith(model.Description.Inputs.Select(input => input.Name));
        return modes;
    }

    private static byte[] Copy(ReadOnlySpan<byte> content, OnnxMessage message, HashSet<string> gone, DropoutMasks masks)
    {
        const int GraphInput = 11;
        using MemoryStream copy = new();
        ProtoReader reader = new(content);
        while (reader.Next(out ProtoField field))
        {
            OnnxMessage inner = OnnxMessages.Inner(message, field.Number);
            if (inner == OnnxMessage.Node && OnnxNode.Read(reader.Content(field)).IsDropout)
            {
                foreach (byte[] node in masks.InPlaceOf(reader.Content(field))) ProtoWriter.Write(copy, field.Number, node);
            }
            else if (inner is OnnxMessage.Graph or OnnxMessage.Function or OnnxMessage.Node or OnnxMessage.Attribute)
                ProtoWriter.Write(copy, field.Number, Copy(reader.Content(field), inner, gone, masks));
            else if (message != OnnxMessage.Graph || field.Number != GraphInput || !gone.Contains(OnnxNode.NameOf(reader.Content(field))))
                copy.Write(content[field.Start..field.End]);
        }

        return copy.ToArray();
    }
}

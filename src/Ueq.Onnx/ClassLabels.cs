namespace Ueq.Onnx;

/// <summary>The names that a model has for its classes beside its probabilities.</summary>
internal static class ClassLabels
{
    /// <summary>The names of <paramref name="classes"/> classes in the order of the probabilities; <c>null</c> where the model does not tell them for certain.</summary>
    public static IReadOnlyList<string>? Of(OnnxModel model, int? classes)
    {
        if (Metadata.Names(model.Description, Metadata.Classes) is { } names)
        {
            return classes is null || names.Length == classes
                ? names
                : throw new InvalidDataException($"{model.Description.Source}: expected {classes} names in class_names of the metadata, one per class, got {names.Length}.");
        }

        OnnxNode[] told = [.. model.Nodes.Where(node => node.ClassLabels is not null && (classes is null || node.ClassLabels.Count == classes))];
        // Maps are what the file wants to be read; a classifier in front of them may know its classes by number only.
        OnnxNode[] maps = [.. told.Where(node => node.Operator == "ZipMap")];
        if (maps.Length > 0) told = maps;
        // Numbers that another node turns into texts are not the names.
        bool areTexts = model.Description.Outputs.Any(port => port.Type == "tensor(string)");
        return told.Length > 0 && Array.TrueForAll(told, node => node.ClassLabels!.SequenceEqual(told[0].ClassLabels!)) && (told[0].HasTextLabels || !areTexts)
            ? told[0].ClassLabels
            : null;
    }
}

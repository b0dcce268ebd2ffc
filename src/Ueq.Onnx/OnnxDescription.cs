namespace Ueq.Onnx;

/// <summary>A set of operators that a model uses.</summary>
/// <param name="Domain">Domain of the operators; <c>ai.onnx</c> is the standard's.</param>
/// <param name="Version">Version of the set.</param>
public sealed record OnnxOperators(string Domain, long Version);

/// <summary>An input or an output of a model.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Type">Its type in ONNX's own words, such as <c>tensor(float)</c> or <c>seq(map(int64,tensor(float)))</c>.</param>
/// <param name="Shape">Lengths of the dimensions of a tensor, −1 where open; <c>null</c> where the model does not say.</param>
public sealed record OnnxPort(string Name, string Type, IReadOnlyList<long>? Shape)
{
    /// <summary>Name, type and shape in one line.</summary>
    public override string ToString() =>
        Shape is null ? $"'{Name}' {Type}" : $"'{Name}' {Type} [{string.Join(", ", Shape.Select(length => length < 0 ? "?" : $"{length}"))}]";
}

/// <summary>What a model file says of itself.</summary>
public sealed record OnnxDescription
{
    /// <summary>Path of the file, or how else the model came here.</summary>
    public required string Source { get; init; }

    /// <summary>The program that wrote the model, and its version.</summary>
    public string Producer { get; init; } = "";

    /// <summary>Domain, such as a company's.</summary>
    public string Domain { get; init; } = "";

    /// <summary>The producer's version of this model.</summary>
    public long ModelVersion { get; init; }

    /// <summary>Text for people.</summary>
    public string Text { get; init; } = "";

    /// <summary>Name of the graph.</summary>
    public string Graph { get; init; } = "";

    /// <summary>Version of the file format.</summary>
    public long IrVersion { get; init; }

    /// <summary>Sets of operators that are used.</summary>
    public IReadOnlyList<OnnxOperators> Operators { get; init; } = [];

    /// <summary>The producer's own entries.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>What the model reads.</summary>
    public IReadOnlyList<OnnxPort> Inputs { get; init; } = [];

    /// <summary>What the model answers.</summary>
    public IReadOnlyList<OnnxPort> Outputs { get; init; } = [];
}

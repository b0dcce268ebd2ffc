namespace Ueq.Onnx;

/// <summary>One number per row among what a model answers: a column of an output.</summary>
public sealed record OnnxOutput
{
    private OnnxOutput(string? name, int? index, int? column)
    {
        if (index < 0) throw new ArgumentOutOfRangeException(nameof(index), index, $"Expected 0 or more, got {index}.");
        if (column < 0) throw new ArgumentOutOfRangeException(nameof(column), column, $"Expected 0 or more, got {column}.");
        Name = name;
        Index = index;
        Column = column;
    }

    /// <summary>Name of the output, or <c>null</c> where it is chosen otherwise.</summary>
    public string? Name { get; }

    /// <summary>Place of the output among all, or <c>null</c> where it is chosen otherwise.</summary>
    public int? Index { get; }

    /// <summary>Column within the output; <c>null</c> where it has only one.</summary>
    public int? Column { get; }

    /// <summary>The output of this name.</summary>
    public static OnnxOutput Named(string name, int? column = null) =>
        new(name ?? throw new ArgumentNullException(nameof(name)), null, column);

    /// <summary>The output at this place, counted from 0.</summary>
    public static OnnxOutput At(int index, int? column = null) => new(null, index, column);
}

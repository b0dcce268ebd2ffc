namespace Ueq.Remote;

/// <summary>An input or output as a model's metadata tell it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Datatype">Type of its elements, such as <c>FP32</c>.</param>
/// <param name="Shape">Its lengths; −1 where any length will do.</param>
public sealed record RemoteTensor(string Name, string Datatype, IReadOnlyList<long> Shape)
{
    internal bool IsNumber => Datatype is "FP64" or "FP32" or "FP16" or "INT64" or "INT32" or "INT16" or "INT8" or "UINT64" or "UINT32" or "UINT16" or "UINT8";

    internal string Say() => $"'{Name}' ({Datatype} [{string.Join(", ", Shape)}])";
}

/// <summary>Which numbers of an answer are meant.</summary>
/// <param name="Name">Name of the output; <c>null</c>: the only one, or the first.</param>
/// <param name="Column">Column of an output with several numbers per row. Default: 0.</param>
public sealed record RemoteOutput(string? Name, int Column = 0);

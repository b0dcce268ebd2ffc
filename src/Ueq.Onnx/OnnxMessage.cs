namespace Ueq.Onnx;

/// <summary>The messages of an ONNX file on the way to its nodes and tensors.</summary>
internal enum OnnxMessage
{
    Model,
    Graph,
    Node,
    Attribute,
    Function,
    SparseTensor,
    Tensor,
    Other,
}

/// <summary>Which fields hold which messages. Numbers of fields: onnx/onnx.proto.</summary>
internal static class OnnxMessages
{
    /// <summary>How deep graphs may lie within graphs.</summary>
    public const int Deepest = 64;

    public static OnnxMessage Inner(OnnxMessage message, int number) => (message, number) switch
    {
        (OnnxMessage.Model, 7) => OnnxMessage.Graph,
        (OnnxMessage.Model, 25) => OnnxMessage.Function,
        (OnnxMessage.Function, 7) => OnnxMessage.Node,
        (OnnxMessage.Graph, 1) => OnnxMessage.Node,
        (OnnxMessage.Graph, 5) => OnnxMessage.Tensor,
        (OnnxMessage.Graph, 15) => OnnxMessage.SparseTensor,
        (OnnxMessage.Node, 5) => OnnxMessage.Attribute,
        (OnnxMessage.Attribute, 5) or (OnnxMessage.Attribute, 10) => OnnxMessage.Tensor,
        (OnnxMessage.Attribute, 6) or (OnnxMessage.Attribute, 11) => OnnxMessage.Graph,
        (OnnxMessage.SparseTensor, 1) or (OnnxMessage.SparseTensor, 2) => OnnxMessage.Tensor,
        _ => OnnxMessage.Other,
    };

    public static InvalidDataException TooDeep() => new("expected an ONNX model, got graphs nested without end.");
}

using System.Text.Json;

namespace Ueq.Remote;

/// <summary>What a server says of a model.</summary>
internal static class Metadata
{
    public static (IReadOnlyList<RemoteTensor> Inputs, IReadOnlyList<RemoteTensor> Outputs) Read(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("name", out _)) throw Wrong("an object with the model's name", root.ValueKind.ToString());
            return (Tensors(root, "inputs"), Tensors(root, "outputs"));
        }
        catch (JsonException fault)
        {
            throw new InvalidDataException($"Expected the metadata of a model as JSON (Open Inference Protocol v2), got something else: {fault.Message}", fault);
        }
    }

    private static RemoteTensor[] Tensors(JsonElement root, string property)
    {
        if (!root.TryGetProperty(property, out JsonElement list) || list.ValueKind == JsonValueKind.Null) return [];
        if (list.ValueKind != JsonValueKind.Array) throw Wrong($"a list of {property}", list.ValueKind.ToString());
        return [.. list.EnumerateArray().Select((tensor, i) => Tensor(tensor, $"{property}[{i}]"))];
    }

    private static RemoteTensor Tensor(JsonElement tensor, string place)
    {
        if (tensor.ValueKind != JsonValueKind.Object
            || !tensor.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String
            || !tensor.TryGetProperty("datatype", out JsonElement datatype) || datatype.ValueKind != JsonValueKind.String
            || !tensor.TryGetProperty("shape", out JsonElement shape) || shape.ValueKind != JsonValueKind.Array)
            throw Wrong($"name, datatype and shape of {place}", tensor.ValueKind == JsonValueKind.Object ? "an object without them" : tensor.ValueKind.ToString());
        return new RemoteTensor(name.GetString()!, datatype.GetString()!, [.. shape.EnumerateArray().Select(length => Length(length, place))]);
    }

    // Some servers write lengths as texts, as protobuf's JSON does.
    private static long Length(JsonElement length, string place) =>
        length.ValueKind == JsonValueKind.Number && length.TryGetInt64(out long number) ? number
        : length.ValueKind == JsonValueKind.String && long.TryParse(length.GetString(), out long text) ? text
        : throw Wrong($"whole numbers in the shape of {place}", length.ToString());

    private static InvalidDataException Wrong(string expected, string got) => new($"Expected {expected} in the metadata (Open Inference Protocol v2), got {got}.");
}

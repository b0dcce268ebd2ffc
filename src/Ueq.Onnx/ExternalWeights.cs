using System.Globalization;

namespace Ueq.Onnx;

/// <summary>Takes weights that lie in files of their own into the model, so that its bytes are the whole of it.</summary>
/// <remarks>A weights file is looked for beside the model and nowhere else. Numbers of fields: onnx/onnx.proto.</remarks>
internal static class ExternalWeights
{
    public static byte[] Inline(byte[] model, string directory) => Needed(model, OnnxMessage.Model, 0) ? Copy(model, OnnxMessage.Model, directory) : model;

    private static bool Needed(ReadOnlySpan<byte> content, OnnxMessage message, int depth)
    {
        if (depth > OnnxMessages.Deepest) throw OnnxMessages.TooDeep();
        ProtoReader reader = new(content);
        while (reader.Next(out ProtoField field))
        {
            if (message == OnnxMessage.Tensor && field is { Number: 14, Value: 1 }) return true;
            OnnxMessage inner = OnnxMessages.Inner(message, field.Number);
            if (inner != OnnxMessage.Other && Needed(reader.Content(field), inner, depth + 1)) return true;
        }

        return false;
    }

    private static byte[] Copy(ReadOnlySpan<byte> content, OnnxMessage message, string directory)
    {
        if (message == OnnxMessage.Tensor && Needed(content, message, 0)) return CopyTensor(content, directory);
        using MemoryStream copy = new();
        ProtoReader reader = new(content);
        while (reader.Next(out ProtoField field))
        {
            OnnxMessage inner = OnnxMessages.Inner(message, field.Number);
            if (inner == OnnxMessage.Other || !Needed(reader.Content(field), inner, 0)) copy.Write(content[field.Start..field.End]);
            else ProtoWriter.Write(copy, field.Number, Copy(reader.Content(field), inner, directory));
        }

        return copy.ToArray();
    }

    private static byte[] CopyTensor(ReadOnlySpan<byte> tensor, string directory)
    {
        const int RawData = 9, External = 13, Location = 14;
        Dictionary<string, string> entries = [];
        using MemoryStream copy = new();
        ProtoReader reader = new(tensor);
        while (reader.Next(out ProtoField field))
        {
            if (field.Number == External)
            {
                (string key, string value) = DescriptionReader.ReadEntry(reader.Content(field));
                entries[key] = value;
            }
            else if (field.Number is not (RawData or Location)) copy.Write(tensor[field.Start..field.End]);
        }

        ProtoWriter.Write(copy, RawData, ReadWeights(entries, directory));
        return copy.ToArray();
    }

    private static byte[] ReadWeights(Dictionary<string, string> entries, string directory)
    {
        string location = entries.GetValueOrDefault("location", "");
        string path = Path.GetFullPath(Path.Combine(directory, location));
        // A model must not be able to read whatever file it likes.
        if (location.Length == 0 || Path.IsPathRooted(location) || !path.StartsWith(Path.GetFullPath(directory).TrimEnd('/', '\\') + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            throw new InvalidDataException($"expected weights in a file beside the model, got '{location}'.");
        if (!File.Exists(path)) throw new FileNotFoundException($"expected the model's weights in {path}, got no such file.", path);
        using FileStream file = File.OpenRead(path);
        long offset = Number(entries, "offset", 0), length = Number(entries, "length", Math.Max(0, file.Length - offset));
        if (offset > file.Length || length > file.Length - offset || length > Array.MaxLength)
            throw new InvalidDataException($"expected {length} bytes of weights from byte {offset} of {path}, got a file of {file.Length} bytes.");
        byte[] weights = new byte[length];
        file.Position = offset;
        file.ReadExactly(weights);
        return weights;
    }

    private static long Number(Dictionary<string, string> entries, string key, long otherwise)
    {
        if (!entries.TryGetValue(key, out string? text)) return otherwise;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
            ? number
            : throw new InvalidDataException($"expected a whole number as {key} of external weights, got '{text}'.");
    }
}

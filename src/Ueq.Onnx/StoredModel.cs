using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ueq.Onnx;

/// <summary>What is known of a predictor beside its model.</summary>
internal sealed record StoredOptions
{
    public IReadOnlyList<string>? Features { get; init; }

    public IReadOnlyList<string>? ModelFeatures { get; init; }

    public MissingValues Missing { get; init; }

    /// <summary>What the model answers; absent where <see cref="Classes"/> tells a number from classes.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public OnnxKind? Kind { get; init; }

    /// <summary>The output with the prediction, the probabilities, the lower quantile or the mean.</summary>
    public string Output { get; init; } = "";

    /// <summary>Column of a regression's output.</summary>
    public int Column { get; init; }

    /// <summary>The output with the upper quantile or the spread; absent where there is none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Second { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public int SecondColumn { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public OnnxSpread SpreadIs { get; init; }

    /// <summary>Number of classes; 0 for a regression.</summary>
    public int Classes { get; init; }

    public OnnxClassValues Values { get; init; }

    /// <summary>How MC dropout makes its passes; absent of all other kinds.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public StoredPasses? Passes { get; init; }

    public static StoredOptions From(OnnxOptions options) =>
        new() { Features = options.Features, ModelFeatures = options.ModelFeatures, Missing = options.Missing };

    public static StoredOptions From(OnnxOptions options, OnnxKind kind, Runner runner, OutputColumn[] columns) => From(options) with
    {
        Kind = kind,
        Output = runner.Outputs[columns[0].Output].Name,
        Column = columns[0].Column,
        Second = columns.Length > 1 ? runner.Outputs[columns[1].Output].Name : null,
        SecondColumn = columns.Length > 1 ? columns[1].Column : 0,
    };
}

/// <summary>How MC dropout makes its passes.</summary>
internal sealed record StoredPasses(int Count, double Noise, ulong Seed);

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StoredOptions))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class StoredJson : JsonSerializerContext;

/// <summary>The file of a predictor: a header, then the ONNX model with all its weights.</summary>
/// <remarks>
/// Little-endian: the bytes UEQ-ONNX, version (one byte: 1 of a number or classes, 2 of the other kinds), length of the options (int32), the options as JSON, length of the model
/// (int64), the model, SHA-256 of everything before it.
/// </remarks>
internal static class StoredModel
{
    private const int PrefixLength = 8 + 1 + sizeof(int);

    // What reads only version 1 would take a pair of outputs for one of them, so a pair is version 2.
    private const int Newest = 2;

    private static ReadOnlySpan<byte> Magic => "UEQ-ONNX"u8;

    public static void Write(Stream destination, StoredOptions options, byte[] model)
    {
        ArgumentNullException.ThrowIfNull(destination);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(options, StoredJson.Default.StoredOptions);
        using MemoryStream header = new();
        using (BinaryWriter writer = new(header, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write((byte)(options.Kind is null ? 1 : Newest));
            writer.Write(json.Length);
            writer.Write(json);
            writer.Write((long)model.Length);
        }

        byte[] start = header.ToArray();
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in (byte[][])[start, model])
        {
            hash.AppendData(part);
            destination.Write(part);
        }

        destination.Write(hash.GetHashAndReset());
    }

    /// <summary>Reads options and model. What ONNX Runtime is handed is what was written: a damaged model could make it ask for any amount of memory.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file, or are damaged.</exception>
    public static (StoredOptions Options, byte[] Model) Read(Stream source)
    {
        ArgumentNullException.ThrowIfNull(source);
        using MemoryStream whole = new();
        source.CopyTo(whole);
        byte[] content = whole.ToArray();
        if (!content.AsSpan().StartsWith(Magic)) throw new InvalidDataException("Expected a file that starts with UEQ-ONNX, got another kind of file.");
        int end = content.Length - SHA256.HashSizeInBytes;
        if (end < PrefixLength || !SHA256.HashData(content.AsSpan(0, end)).AsSpan().SequenceEqual(content.AsSpan(end)))
            throw new InvalidDataException("The ONNX model file is damaged: its digest does not match.");
        if (content[Magic.Length] is < 1 or > Newest) throw new InvalidDataException($"Expected version 1 to {Newest} of the ONNX model file, got {content[Magic.Length]}.");
        try
        {
            using MemoryStream body = new(content, Magic.Length + 1, end - Magic.Length - 1);
            using BinaryReader reader = new(body);
            byte[] json = reader.ReadBytes(reader.ReadInt32());
            StoredOptions options = JsonSerializer.Deserialize(json, StoredJson.Default.StoredOptions) ?? throw new JsonException("null");
            long length = reader.ReadInt64();
            byte[] model = reader.ReadBytes((int)Math.Min(length, end));
            if (model.Length != length || body.Position != body.Length) throw new InvalidDataException($"Expected {length} bytes of a model in the file, got {model.Length}.");
            return (options, model);
        }
        catch (Exception fault) when (fault is JsonException or EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"The ONNX model file contradicts itself: {fault.Message}", fault);
        }
    }
}

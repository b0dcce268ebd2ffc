using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ueq.Versions;

namespace Ueq.Torch;

/// <summary>What a TorchScript module answers for.</summary>
internal enum ScriptKind
{
    Regressor,
    Gaussian,
    Classifier,
    McDropout,
}

/// <summary>What is known of a TorchScript predictor beside its module, and the file of both.</summary>
/// <remarks>
/// Little-endian: the bytes UEQ-TORCHSCRIPT, version 1 (one byte), length of the options (int32), the options as JSON, length of the script
/// (int64), the script, SHA-256 of everything before it. A standard deviation on its own is the bytes UEQSIGMA and then such a file.
/// </remarks>
internal sealed record StoredScript
{
    private const string Place = "the stored TorchScript module";

    public required ScriptKind Kind { get; init; }

    public required int Features { get; init; }

    /// <summary>Numbers per row, of a classifier.</summary>
    public int Outputs { get; init; }

    public TorchHead Head { get; init; }

    public TorchClassValues Values { get; init; }

    /// <summary>Of MC dropout.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public McDropoutOptions? Passes { get; init; }

    private static ReadOnlySpan<byte> Magic => "UEQ-TORCHSCRIPT"u8;

    public static void Write(Stream destination, StoredScript options, byte[] script)
    {
        ArgumentNullException.ThrowIfNull(destination);
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(options, ScriptJson.Default.StoredScript);
        byte[] start = [.. Magic, 1, .. BitConverter.GetBytes(json.Length), .. json, .. BitConverter.GetBytes((long)script.Length)];
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in (byte[][])[start, script])
        {
            hash.AppendData(part);
            destination.Write(part);
        }

        destination.Write(hash.GetHashAndReset());
    }

    /// <summary>A predictor of scripts, or the standard deviation of one.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file, or are damaged.</exception>
    public static IStoredPredictor Read(Stream source, string device)
    {
        ArgumentNullException.ThrowIfNull(source);
        using MemoryStream copy = new();
        source.CopyTo(copy);
        byte[] content = copy.ToArray();
        bool sigma = content.AsSpan().StartsWith(Stored.SigmaMagic);
        (StoredScript options, byte[] script) = Unseal(content, sigma ? Stored.SigmaMagic.Length : 0);
        try
        {
            IStoredPredictor model = options.Make(new ScriptSource(Place, script), device);
            if (!sigma) return model;
            return model is McDropout passes ? passes.Sigma : throw new ArgumentException($"expected MC dropout behind a standard deviation, got {options.Kind}.");
        }
        catch (ArgumentException fault)
        {
            throw new InvalidDataException($"The TorchScript model file contradicts itself: {fault.Message}", fault);
        }
    }

    private IStoredPredictor Make(ScriptSource source, string device)
    {
        Inputs.CheckRange(nameof(Features), Features, 1, 10_000_000);
        if (!Enum.IsDefined(Head) || !Enum.IsDefined(Values)) throw new ArgumentException($"expected a known head and known values, got {Head} and {Values}.");
        return Kind switch
        {
            ScriptKind.Regressor => new TorchScriptRegressor(new ScriptRunner(source, Features, 1, device)),
            ScriptKind.Gaussian when Head != TorchHead.Mean => new TorchScriptGaussian(new ScriptRunner(source, Features, 2, device), Head),
            ScriptKind.Classifier when Outputs is >= 1 and <= 1_000_000 =>
                new TorchScriptClassifier(new ScriptRunner(source, Features, Outputs, device), Values),
            ScriptKind.McDropout when Passes is { } passes => McDropout.Open(source, Features, passes with { Device = device }, default),
            _ => throw new ArgumentException($"expected a known kind of model with its options, got {Kind}."),
        };
    }

    private static (StoredScript Options, byte[] Script) Unseal(byte[] content, int from)
    {
        int start = from + Magic.Length, end = content.Length - SHA256.HashSizeInBytes;
        if (!content.AsSpan(from).StartsWith(Magic)) throw new InvalidDataException("Expected a file that starts with UEQ-TORCHSCRIPT, got another kind of file.");
        if (end <= start || !SHA256.HashData(content.AsSpan(from, end - from)).AsSpan().SequenceEqual(content.AsSpan(end)))
            throw new InvalidDataException("The TorchScript model file is damaged: its digest does not match.");
        if (content[start] != 1) throw new InvalidDataException($"Expected version 1 of the TorchScript model file, got {content[start]}.");
        try
        {
            using MemoryStream body = new(content, start + 1, end - start - 1);
            using BinaryReader reader = new(body, Encoding.UTF8);
            StoredScript options = JsonSerializer.Deserialize(reader.ReadBytes(reader.ReadInt32()), ScriptJson.Default.StoredScript) ?? throw new JsonException("null");
            long length = reader.ReadInt64();
            byte[] script = reader.ReadBytes((int)Math.Min(length, body.Length - body.Position));
            if (script.Length != length || body.Position != body.Length) throw new InvalidDataException($"Expected {length} bytes of a script in the file, got {script.Length}.");
            return (options, script);
        }
        catch (Exception fault) when (fault is JsonException or EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"The TorchScript model file contradicts itself: {fault.Message}", fault);
        }
    }
}

[JsonSourceGenerationOptions(UseStringEnumConverter = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredScript))]
internal sealed partial class ScriptJson : JsonSerializerContext;

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ueq.Versions;

namespace Ueq.MLNet.Pipelines;

/// <summary>What is known of a pipeline beside its archive.</summary>
internal sealed record StoredColumns(IReadOnlyList<FeatureColumn> Columns);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectRequiredConstructorParameters = true, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(StoredColumns))]
internal sealed partial class PipelineJson : JsonSerializerContext;

/// <summary>The file of a pipeline over the columns of some data.</summary>
/// <remarks>
/// Little-endian: the bytes UEQMLNET, version 2 (one byte), length of the columns (int32), the columns as JSON, length of the archive
/// (int64), the archive as it was in its file, SHA-256 of everything before it.
/// </remarks>
internal static class StoredPipeline
{
    public const byte Version = 2;
    private const string Stored = "the stored ML.NET pipeline";

    public static void Write(Stream destination, Pipeline pipeline)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(new StoredColumns(pipeline.Input.Features.Columns), PipelineJson.Default.StoredColumns);
        using MemoryStream header = new();
        using (BinaryWriter writer = new(header, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(StoredModel.Magic);
            writer.Write(Version);
            writer.Write(json.Length);
            writer.Write(json);
            writer.Write((long)pipeline.File.Archive.Length);
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[] part in (byte[][])[header.ToArray(), pipeline.File.Archive])
        {
            hash.AppendData(part);
            destination.Write(part);
        }

        destination.Write(hash.GetHashAndReset());
    }

    /// <summary>Reads what stands behind the version.</summary>
    /// <exception cref="InvalidDataException">The bytes are not such a file, or are damaged.</exception>
    public static IStoredPredictor Read(Stream source)
    {
        using MemoryStream whole = new();
        whole.Write([.. StoredModel.Magic, Version]);
        int start = (int)whole.Length;
        source.CopyTo(whole);
        byte[] content = whole.ToArray();
        int end = content.Length - SHA256.HashSizeInBytes;
        if (end < start || !SHA256.HashData(content.AsSpan(0, end)).AsSpan().SequenceEqual(content.AsSpan(end)))
            throw new InvalidDataException("The file of the ML.NET pipeline is damaged: its digest does not match.");
        try
        {
            using BinaryReader reader = new(new MemoryStream(content, start, end - start), Encoding.UTF8);
            StoredColumns stored = JsonSerializer.Deserialize(reader.ReadBytes(reader.ReadInt32()), PipelineJson.Default.StoredColumns) ?? throw new JsonException("null");
            long length = reader.ReadInt64();
            byte[] archive = reader.ReadBytes((int)Math.Min(length, end));
            if (archive.Length != length || reader.BaseStream.Position != reader.BaseStream.Length) throw new InvalidDataException($"Expected {length} bytes of an archive in the file, got {archive.Length}.");
            return MLNetModelFile.Open(archive, Stored).Predictor(new FeatureSchema(stored.Columns));
        }
        catch (Exception fault) when (fault is JsonException or EndOfStreamException or ArgumentException)
        {
            throw new InvalidDataException($"The file of the ML.NET pipeline contradicts itself: {fault.Message}", fault);
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json;

namespace Ueq.Versions;

/// <summary>A model version on disk: a directory with a manifest, the model, its calibration and the drift reference.</summary>
/// <remarks>
/// A version appears whole or not at all: it is written under a temporary name beside its place, forced to disk, and renamed.
/// Reading checks the length and SHA-256 of every file against the manifest before anything is made of it. No file is executable.
/// </remarks>
public static class VersionDirectory
{
    /// <summary>Writes a regression model as a version; replaces a version that stands there, refuses any other directory.</summary>
    /// <returns>The manifest as written, with the digests of all files.</returns>
    public static Manifest Publish(string directory, Manifest manifest, IIntervalPredictor model, ReadOnlyMemory<byte> reference) =>
        Publish(directory, manifest, VersionContent.Of(model), reference);

    /// <summary>Writes a classification model as a version; replaces a version that stands there, refuses any other directory.</summary>
    /// <returns>The manifest as written, with the digests of all files.</returns>
    public static Manifest Publish(string directory, Manifest manifest, ILabelSetPredictor model, ReadOnlyMemory<byte> reference) =>
        Publish(directory, manifest, VersionContent.Of(model), reference);

    /// <summary>Reads and verifies a version.</summary>
    /// <param name="directory">Where the version stands.</param>
    /// <param name="formats">Reads the models of the frameworks that may occur; our own are known.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">The directory is not a version, or is damaged: names the file, what was found and expected.</exception>
    public static ModelVersion Load(string directory, IReadOnlyList<IPredictorFormat> formats)
    {
        ArgumentNullException.ThrowIfNull(formats);
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"There is no directory '{directory}'.");
        string place = Path.Combine(directory, VersionFiles.Manifest);
        if (!File.Exists(place)) throw new InvalidDataException($"'{directory}' is not a model version: it has no {VersionFiles.Manifest}.");
        byte[] text = File.ReadAllBytes(place);
        Manifest manifest = Read(text, VersionJson.Default.Manifest, place);
        if (manifest.FormatVersion != 1)
            throw new InvalidDataException($"{place}: expected format_version 1, got {manifest.FormatVersion}; a newer ueq may read it.");
        Dictionary<string, byte[]> files = VersionVerification.ReadAll(directory, manifest);
        return VersionContent.Make(directory, manifest, files, formats, Convert.ToHexStringLower(SHA256.HashData(text)));
    }

    internal static T Read<T>(ReadOnlySpan<byte> text, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string place)
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new InvalidDataException($"{place}: expected an object, got null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{place}, line {error.LineNumber + 1}: {error.Message}", error);
        }
    }

    private static Manifest Publish(string directory, Manifest manifest, VersionContent content, ReadOnlyMemory<byte> reference)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        string place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Refuse(place);
        string temporary = Durable.TemporaryBeside(place);
        try
        {
            List<VersionFile> files = [];
            content.Write((path, write) => files.Add(WriteFile(temporary, path, write)));
            if (!reference.IsEmpty) files.Add(WriteFile(temporary, VersionFiles.Reference, stream => stream.Write(reference.Span)));
            Manifest whole = manifest with { Files = files };
            WriteFile(temporary, VersionFiles.Manifest, stream => JsonSerializer.Serialize(stream, whole, VersionJson.Default.Manifest));
            Durable.FlushTree(temporary);
            Durable.Replace(temporary, place);
            return whole;
        }
        catch
        {
            if (Directory.Exists(temporary)) Directory.Delete(temporary, recursive: true);
            throw;
        }
    }

    /// <summary>Throws if a version could not be published there: to be asked before hours of fitting.</summary>
    /// <exception cref="IOException">Something other than a version or an empty directory stands there.</exception>
    public static void Refuse(string directory)
    {
        if (File.Exists(directory)) throw new IOException($"'{directory}' is a file; expected a new directory, or one that holds a model version.");
        if (Directory.Exists(directory) && Directory.EnumerateFileSystemEntries(directory).Any()
            && !File.Exists(Path.Combine(directory, VersionFiles.Manifest)))
            throw new IOException($"'{directory}' is not empty and holds no model version; expected a new or empty directory.");
    }

    private static VersionFile WriteFile(string root, string path, Action<Stream> write)
    {
        string place = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(place)!);
        using (FileStream file = new(place, FileMode.CreateNew, FileAccess.Write))
        {
            write(file);
            file.Flush(flushToDisk: true);
        }

        using FileStream written = File.OpenRead(place);
        return new VersionFile(path, written.Length, Convert.ToHexStringLower(SHA256.HashData(written)));
    }
}

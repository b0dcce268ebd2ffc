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
    // How often a version that is replaced while it is read is read again.
    private const int MostReadings = 10;

    /// <summary>Writes a regression model as a version; replaces a version that stands there, refuses any other directory.</summary>
    /// <returns>The manifest as written, with the digests of all files.</returns>
    /// <exception cref="ArgumentException">The manifest describes another model, or the model cannot be stored.</exception>
    /// <exception cref="IOException">Something other than a version or an empty directory stands there.</exception>
    public static Manifest Publish(string directory, Manifest manifest, IIntervalPredictor model, ReadOnlyMemory<byte> reference) =>
        Publish(directory, manifest, model, reference, default);

    /// <summary>Writes a regression model as a version, with what estimates its losses without labels.</summary>
    /// <inheritdoc cref="Publish(string, Manifest, IIntervalPredictor, ReadOnlyMemory{byte})"/>
    public static Manifest Publish(string directory, Manifest manifest, IIntervalPredictor model, ReadOnlyMemory<byte> reference, ReadOnlyMemory<byte> estimator)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        VersionContent content = VersionContent.Of(model);
        Agreement.Check(manifest, model);
        return Publish(directory, manifest, content, reference, estimator);
    }

    /// <summary>Writes a classification model as a version; replaces a version that stands there, refuses any other directory.</summary>
    /// <returns>The manifest as written, with the digests of all files.</returns>
    /// <exception cref="ArgumentException">The manifest describes another model, or the model cannot be stored.</exception>
    /// <exception cref="IOException">Something other than a version or an empty directory stands there.</exception>
    public static Manifest Publish(string directory, Manifest manifest, ILabelSetPredictor model, ReadOnlyMemory<byte> reference) =>
        Publish(directory, manifest, model, reference, default);

    /// <summary>Writes a classification model as a version, with what estimates its losses without labels.</summary>
    /// <inheritdoc cref="Publish(string, Manifest, ILabelSetPredictor, ReadOnlyMemory{byte})"/>
    public static Manifest Publish(string directory, Manifest manifest, ILabelSetPredictor model, ReadOnlyMemory<byte> reference, ReadOnlyMemory<byte> estimator)
    {
        ArgumentNullException.ThrowIfNull(manifest);
        VersionContent content = VersionContent.Of(model);
        Agreement.Check(manifest, model);
        return Publish(directory, manifest, content, reference, estimator);
    }

    /// <summary>Reads and verifies a version.</summary>
    /// <param name="directory">Where the version stands.</param>
    /// <param name="formats">Reads the models of the frameworks that may occur; our own are known.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="InvalidDataException">The directory is not a version, or is damaged: names the file, what was found and expected.</exception>
    public static ModelVersion Load(string directory, IReadOnlyList<IPredictorFormat> formats)
    {
        ArgumentNullException.ThrowIfNull(formats);
        return Read(directory).Make(formats);
    }

    /// <summary>Reads and verifies the bytes of a version.</summary>
    internal static StoredVersion Read(string directory)
    {
        if (!Directory.Exists(directory)) throw new DirectoryNotFoundException($"There is no directory '{directory}'.");
        string place = Path.Combine(directory, VersionFiles.Manifest);
        for (int left = MostReadings - 1; ; left--)
        {
            byte[]? text = VersionVerification.ReadIfThere(place);
            if (text is null && left > 0) continue;
            if (text is null) throw new InvalidDataException($"'{directory}' is not a model version: it has no {VersionFiles.Manifest}.");
            try
            {
                return StoredVersion.Read(
                    directory, place, text, digest => VersionVerification.Seal(directory, digest), file => Path.Combine(directory, file.Path));
            }
            catch (InvalidDataException) when (left > 0 && HasChanged(place, text))
            {
                // Another process published while the files were read: they are of two versions. Read the new one.
            }
        }
    }

    private static bool HasChanged(string place, ReadOnlySpan<byte> text) => !text.SequenceEqual(VersionVerification.ReadIfThere(place));

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

    private static Manifest Publish(string directory, Manifest manifest, VersionContent content, ReadOnlyMemory<byte> reference, ReadOnlyMemory<byte> estimator)
    {
        string place = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        Refuse(place);
        string temporary = Durable.TemporaryBeside(place);
        try
        {
            List<VersionFile> files = [];
            content.Write((path, write) => files.Add(WriteFile(temporary, path, write)));
            if (!reference.IsEmpty) files.Add(WriteFile(temporary, VersionFiles.Reference, stream => stream.Write(reference.Span)));
            if (!estimator.IsEmpty) files.Add(WriteFile(temporary, VersionFiles.Estimator, stream => stream.Write(estimator.Span)));
            Manifest whole = manifest with { Files = files };
            VersionFile written = WriteFile(temporary, VersionFiles.Manifest, stream => JsonSerializer.Serialize(stream, whole, VersionJson.Default.Manifest));
            WriteFile(temporary, VersionFiles.Seal, stream => stream.Write(VersionVerification.SealOf(written.Sha256)));
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
            && !(File.Exists(Path.Combine(directory, VersionFiles.Manifest)) && File.Exists(Path.Combine(directory, VersionFiles.Calibration))))
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

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Ueq.Versions;

/// <summary>Reads the files a manifest names, each once, and checks them against it: what is checked is what is used.</summary>
internal static class VersionVerification
{
    /// <summary>Before anything else is read: what a newer layout adds would only look like damage.</summary>
    public static void FormatVersion(ReadOnlySpan<byte> text, string place)
    {
        int version = 1;
        try
        {
            Utf8JsonReader reader = new(text);
            while (reader.Read())
            {
                if (reader.CurrentDepth != 1 || reader.TokenType != JsonTokenType.PropertyName || !reader.ValueTextEquals("format_version")) continue;
                if (reader.Read() && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out version)) break;
                return;
            }
        }
        catch (JsonException)
        {
            return; // The reading proper words it.
        }

        if (version != 1) throw new InvalidDataException($"{place}: expected format_version 1, got {version}; a newer ueq may read it.");
    }

    public static byte[] SealOf(string digest) => Encoding.ASCII.GetBytes($"{digest}  {VersionFiles.Manifest}\n");

    /// <summary>Every file is checked against the manifest, and the manifest against its seal.</summary>
    public static void Seal(string directory, string digest)
    {
        string place = Path.Combine(directory, VersionFiles.Seal);
        byte[] seal = ReadIfThere(place) ?? throw new InvalidDataException($"{place}: expected the digest of the manifest, but the file is missing.");
        if (!seal.AsSpan().SequenceEqual(SealOf(digest)))
            throw new InvalidDataException($"{place}: expected the digest {digest} of {VersionFiles.Manifest}, got another: one of the two was changed or damaged.");
    }

    /// <summary>Every file that a manifest names, from where <paramref name="locate"/> says that it stands.</summary>
    public static Dictionary<string, byte[]> ReadAll(string directory, Manifest manifest, Func<VersionFile, string> locate)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (VersionFile? file in manifest.Files)
        {
            if (file is null) throw new InvalidDataException($"{Path.Combine(directory, VersionFiles.Manifest)}: expected a file in the list of files, got null.");
            if (!IsInside(file.Path)) throw new InvalidDataException($"{directory}: the manifest names '{file.Path}', which is not a plain path inside the version.");
            string from = locate(file), place = Path.GetFileName(from) == Path.GetFileName(file.Path) ? from : $"{from} ({file.Path})";
            byte[] content = ReadIfThere(from) ?? throw new InvalidDataException($"{place}: the manifest names this file, but it is missing.");
            if (content.Length != file.Bytes) throw new InvalidDataException($"{place}: expected {file.Bytes} bytes, got {content.Length}.");
            string digest = Convert.ToHexStringLower(SHA256.HashData(content));
            if (digest != file.Sha256) throw new InvalidDataException($"{place}: expected SHA-256 {file.Sha256}, got {digest}: the file was changed or damaged.");
            if (!files.TryAdd(file.Path, content)) throw new InvalidDataException($"{directory}: the manifest names '{file.Path}' twice.");
        }

        if (!files.ContainsKey(VersionFiles.Calibration)) throw new InvalidDataException($"{directory}: the manifest names no {VersionFiles.Calibration}.");
        return files;
    }

    /// <summary>A file's content, or <c>null</c>; asking first whether it exists would leave a gap in which another process replaces the version.</summary>
    public static byte[]? ReadIfThere(string place)
    {
        try
        {
            return File.ReadAllBytes(place);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException || Directory.Exists(place))
        {
            return null;
        }
    }

    private static bool IsInside(string path) =>
        path.Length > 0 && !Path.IsPathRooted(path) && !path.Contains('\\') && !path.Contains(':')
        && Array.TrueForAll(path.Split('/'), part => part is not ("" or "." or ".."));
}

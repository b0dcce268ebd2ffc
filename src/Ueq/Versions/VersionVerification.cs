using System.Security.Cryptography;

namespace Ueq.Versions;

/// <summary>Reads the files a manifest names, each once, and checks them against it: what is checked is what is used.</summary>
internal static class VersionVerification
{
    public static Dictionary<string, byte[]> ReadAll(string directory, Manifest manifest)
    {
        Dictionary<string, byte[]> files = new(StringComparer.Ordinal);
        foreach (VersionFile file in manifest.Files)
        {
            string place = Path.Combine(directory, file.Path);
            if (!IsInside(file.Path)) throw new InvalidDataException($"{directory}: the manifest names '{file.Path}', which is not a plain path inside the version.");
            if (!File.Exists(place)) throw new InvalidDataException($"{place}: the manifest names this file, but it is missing.");
            byte[] content = File.ReadAllBytes(place);
            if (content.Length != file.Bytes) throw new InvalidDataException($"{place}: expected {file.Bytes} bytes, got {content.Length}.");
            string digest = Convert.ToHexStringLower(SHA256.HashData(content));
            if (digest != file.Sha256) throw new InvalidDataException($"{place}: expected SHA-256 {file.Sha256}, got {digest}: the file was changed or damaged.");
            if (!files.TryAdd(file.Path, content)) throw new InvalidDataException($"{directory}: the manifest names '{file.Path}' twice.");
        }

        if (!files.ContainsKey(VersionFiles.Calibration)) throw new InvalidDataException($"{directory}: the manifest names no {VersionFiles.Calibration}.");
        return files;
    }

    private static bool IsInside(string path) =>
        path.Length > 0 && !Path.IsPathRooted(path) && !path.Contains('\\') && !path.Contains(':')
        && Array.TrueForAll(path.Split('/'), part => part is not ("" or "." or ".."));
}

using System.Security.Cryptography;

namespace Ueq.Versions;

/// <summary>The manifest of a version and its files as bytes, each checked against the digest that names it.</summary>
internal sealed class StoredVersion
{
    private readonly string _place;

    private StoredVersion(string place, byte[] text, Manifest manifest, string digest, Dictionary<string, byte[]> files)
    {
        _place = place;
        Text = text;
        Manifest = manifest;
        Digest = digest;
        Files = files;
    }

    /// <summary>The manifest as it is written.</summary>
    public byte[] Text { get; }

    public Manifest Manifest { get; }

    /// <summary>SHA-256 of <see cref="Text"/>.</summary>
    public string Digest { get; }

    /// <summary>The content of each file by its path in the version.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; }

    /// <summary>Reads what a manifest names.</summary>
    /// <param name="place">What the version is called in messages.</param>
    /// <param name="manifestPlace">What the manifest is called in messages.</param>
    /// <param name="text">The manifest.</param>
    /// <param name="check">Is told the manifest's digest before any file is read.</param>
    /// <param name="locate">Where a file stands.</param>
    /// <exception cref="InvalidDataException">Manifest or file is missing or damaged: names it.</exception>
    public static StoredVersion Read(string place, string manifestPlace, byte[] text, Action<string> check, Func<VersionFile, string> locate)
    {
        Manifest manifest = ManifestOf(text, manifestPlace);
        string digest = Convert.ToHexStringLower(SHA256.HashData(text));
        check(digest);
        return new(place, text, manifest, digest, VersionVerification.ReadAll(place, manifest, locate));
    }

    /// <exception cref="InvalidDataException">It is no manifest that this library reads.</exception>
    public static Manifest ManifestOf(byte[] text, string place)
    {
        VersionVerification.FormatVersion(text, place);
        return VersionDirectory.Read(text, VersionJson.Default.Manifest, place);
    }

    /// <summary>Makes the model of the bytes.</summary>
    /// <exception cref="InvalidDataException">A file is not what its format expects: names it.</exception>
    public ModelVersion Make(IReadOnlyList<IPredictorFormat> formats) => VersionContent.Make(_place, Manifest, Files, formats, Digest);
}

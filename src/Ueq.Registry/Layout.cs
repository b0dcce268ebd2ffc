using System.Globalization;

namespace Ueq.Registry;

/// <summary>Where things stand in the directory of a registry: the one place that makes paths of names, and only of names that are checked.</summary>
internal sealed class Layout(string root)
{
    private const string Ending = ".json";

    public string Root { get; } = root;

    public string Seal => Path.Combine(Root, "registry.json");

    public string Lock => Path.Combine(Root, "lock");

    public string Log => Path.Combine(Root, "audit.jsonl");

    public string Generation => Path.Combine(Root, "generation");

    public string Temporary => Path.Combine(Root, "temporary");

    public string Blobs => Path.Combine(Root, "blobs");

    /// <summary>The file with the content of a digest.</summary>
    /// <exception cref="InvalidDataException">It is no digest: a path is made of nothing else.</exception>
    public string Blob(string digest) => IsDigest(digest)
        ? Path.Combine(Blobs, digest[..2], digest)
        : throw new InvalidDataException($"Expected a SHA-256 of 64 lower-case hexadecimal digits, got '{digest[..Math.Min(digest.Length, 80)]}'.");

    public string Version(string model, int number) => Path.Combine(Versions(model), number.ToString(CultureInfo.InvariantCulture) + Ending);

    public string Alias(string model, string alias) => Path.Combine(Aliases(model), Named(alias) + Ending);

    public IEnumerable<string> Models() => Entries(Path.Combine(Root, "models")).Where(ModelReference.IsName);

    /// <summary>The numbers of a model's versions, rising.</summary>
    public IEnumerable<int> Numbers(string model) => Entries(Versions(model)).Where(name => name.EndsWith(Ending, StringComparison.Ordinal))
        .Select(name => int.TryParse(name[..^Ending.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0)
        .Where(number => number > 0).Order();

    public IEnumerable<string> AliasNames(string model) => Entries(Aliases(model))
        .Where(name => name.EndsWith(Ending, StringComparison.Ordinal)).Select(name => name[..^Ending.Length]).Where(ModelReference.IsName);

    public IEnumerable<FileInfo> BlobFiles() =>
        Directory.Exists(Blobs) ? new DirectoryInfo(Blobs).EnumerateFiles("*", SearchOption.AllDirectories) : [];

    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    private string Versions(string model) => Path.Combine(Root, "models", Named(model), "versions");

    private string Aliases(string model) => Path.Combine(Root, "models", Named(model), "aliases");

    private static string Named(string name) => ModelReference.IsName(name) ? name : throw new ArgumentException($"'{name}' is no name.", nameof(name));

    private static IEnumerable<string> Entries(string directory) => Directory.Exists(directory)
        ? Directory.EnumerateFileSystemEntries(directory).Select(Path.GetFileName).OfType<string>().Order(StringComparer.Ordinal)
        : [];
}

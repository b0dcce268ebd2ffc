using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;

namespace Ueq.Torch;

/// <summary>What can be told of a TorchScript archive without Torch.</summary>
/// <remarks>
/// libtorch does not look at the archive's checksums, and TorchSharp does not catch all of what it throws: a file with one wrong bit, or an
/// operator that libtorch does not know, ends the whole process. So everything is checked here before Torch sees any of it.
/// </remarks>
internal static partial class ScriptArchive
{
    // What libtorch itself brings; of another library's operators it knows nothing.
    private static readonly HashSet<string> _namespaces = new(StringComparer.Ordinal)
    {
        "aten", "prim", "quantized", "_quantized", "quantized_decomposed", "sparse", "prepacked", "mkldnn", "mkldnn_prepacked", "mkl", "onednn",
    };

    private static ReadOnlySpan<byte> LocalHeader => "PK\u0003\u0004"u8;

    /// <exception cref="InvalidDataException">The bytes are no TorchScript archive, or a damaged one.</exception>
    public static void Check(byte[] content)
    {
        const string Expected = "expected a TorchScript module, as torch.jit.save writes it, got";
        if (content.Length == 0) throw new InvalidDataException($"{Expected} an empty file.");
        if (IsPickle(content)) throw new InvalidDataException($"{Expected} {Pickle}");
        using ZipArchive archive = Open(content, Expected);
        ZipArchiveEntry[] entries = [.. archive.Entries];
        bool Has(string name) => entries.Any(entry => entry.FullName.EndsWith('/' + name, StringComparison.Ordinal));
        bool code = entries.Any(entry => entry.FullName.Contains("/code/", StringComparison.Ordinal));
        if (!code || !Has("constants.pkl") || !Has("data.pkl"))
        {
            string found = Has("data.pkl") && !code ? Pickle
                : entries.Any(entry => entry.FullName.Contains("exported_program", StringComparison.Ordinal) || entry.FullName.Contains("/models/", StringComparison.Ordinal))
                    ? "a program of torch.export; write it in Python with torch.jit.script(module.eval()).save(path)."
                    : "another kind of archive.";
            throw new InvalidDataException($"{Expected} {found}");
        }

        HashSet<string> named = LocalNames(content);
        foreach (ZipArchiveEntry entry in entries)
        {
            if (!named.Contains(entry.FullName)) throw Damaged($"'{entry.FullName}' is not where its list says");
            byte[] inner = Read(entry);
            if (Crc32.Of(inner) != entry.Crc32) throw Damaged($"the checksum of '{entry.FullName}' is another");
            if (entry.FullName.EndsWith(".py", StringComparison.Ordinal)) CheckOperators(inner);
        }
    }

    private static string Pickle =>
        "a file of torch.save (weights or a pickled module), which cannot run without its Python code; write it in Python with torch.jit.script(module.eval()).save(path).";

    // Protocol 2 to 5, as torch.save wrote before it wrote archives.
    private static bool IsPickle(byte[] content) => content.Length > 2 && content[0] == 0x80 && content[1] is >= 2 and <= 5;

    private static ZipArchive Open(byte[] content, string expected)
    {
        try
        {
            return new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read);
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidDataException(
                content.AsSpan().StartsWith(LocalHeader) ? $"{expected} an archive that is damaged or cut off." : $"{expected} another kind of file.", fault);
        }
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        try
        {
            using Stream stream = entry.Open();
            using MemoryStream copy = new();
            stream.CopyTo(copy);
            return copy.ToArray();
        }
        catch (Exception fault) when (fault is InvalidDataException or NotSupportedException)
        {
            throw Damaged($"'{entry.FullName}' cannot be read: {fault.Message}");
        }
    }

    private static HashSet<string> LocalNames(ReadOnlySpan<byte> content)
    {
        const int NameLength = 26, HeaderLength = 30;
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int at = 0; at + HeaderLength <= content.Length; at++)
        {
            int step = content[at..].IndexOf(LocalHeader);
            if (step < 0) break;
            at += step;
            if (at + HeaderLength > content.Length) break;
            int length = content[at + NameLength] | content[at + NameLength + 1] << 8;
            if (at + HeaderLength + length <= content.Length) names.Add(Encoding.UTF8.GetString(content.Slice(at + HeaderLength, length)));
        }

        return names;
    }

    private static void CheckOperators(byte[] code)
    {
        foreach (Match match in Foreign().Matches(Encoding.UTF8.GetString(code)))
        {
            string name = match.Groups[1].Value;
            if (!_namespaces.Contains(name))
                throw new InvalidDataException($"expected operators of Torch alone, got '{match.Value}': the library {name} would have to be there too.");
        }
    }

    private static InvalidDataException Damaged(string what) => new($"the TorchScript archive is damaged: {what}.");

    [GeneratedRegex(@"\b(?:ops|__torch__\.torch\.classes)\.(\w+)\.\w+")]
    private static partial Regex Foreign();
}

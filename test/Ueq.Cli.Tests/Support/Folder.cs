using System.IO.Compression;
using System.Text;

namespace Ueq.Cli.Tests.Support;

/// <summary>Temporary files of one test, and the bundled data sets.</summary>
internal sealed class Folder : IDisposable
{
    public string Root { get; } = Directory.CreateTempSubdirectory("ueq-cli").FullName;

    public string this[string name] => Path.Combine(Root, name);

    public string Write(string name, string text)
    {
        File.WriteAllText(this[name], text);
        return this[name];
    }

    public string WriteHalfOfGzip(string name, string text)
    {
        using MemoryStream memory = new();
        using (GZipStream gzip = new(memory, CompressionMode.Compress)) gzip.Write(Encoding.UTF8.GetBytes(text));
        byte[] whole = memory.ToArray();
        File.WriteAllBytes(this[name], whole[..(whole.Length / 2)]);
        return this[name];
    }

    /// <summary>What is there beside the files named: nothing half-written may stay behind.</summary>
    public string[] Others(params string[] names) =>
        [.. Directory.EnumerateFileSystemEntries(Root).Select(entry => Path.GetFileName(entry)!).Except(names).Order(StringComparer.Ordinal)];

    /// <summary>Rows of x1, x2, y with y = 3·x1 − 2·x2 + noise, from a fixed recurrence.</summary>
    public static string Line(int rows)
    {
        StringBuilder text = new("x1,x2,y\n");
        uint state = 12345;
        for (int i = 0; i < rows; i++)
        {
            double a = Next(ref state), b = Next(ref state), noise = Next(ref state) + Next(ref state) - 1;
            text.Append(FormattableString.Invariant($"{a:0.#####},{b:0.#####},{3 * a - 2 * b + 0.3 * noise:0.######}\n"));
        }

        return text.ToString();
    }

    public static string Bundled(string name) => OfRepository("data", name, "data.csv.gz");

    public static string Fixture(string folder, string name) => OfRepository("fixtures", folder, name);

    public static string OfRepository(params string[] parts)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = Path.Combine([folder.FullName, .. parts]);
            if (File.Exists(path)) return path;
        }

        throw new InvalidOperationException($"{string.Join('/', parts)} is not there");
    }

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static double Next(ref uint state)
    {
        state = state * 1664525 + 1013904223;
        return state / 4294967296.0;
    }
}

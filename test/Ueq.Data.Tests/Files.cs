using System.IO.Compression;
using System.Text;

namespace Ueq.Data.Tests;

/// <summary>Temporary files of one test, and the folders with data sets.</summary>
internal sealed class Files : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-data").FullName;

    public string Folder => _folder;

    public string Write(string text, string name = "t.csv") => Write(Encoding.UTF8.GetBytes(text), name);

    public string Write(byte[] bytes, string name = "t.csv")
    {
        string path = System.IO.Path.Combine(_folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public string Path(string name) => System.IO.Path.Combine(_folder, name);

    public static byte[] Zip(string text)
    {
        using MemoryStream memory = new();
        using (GZipStream gzip = new(memory, CompressionMode.Compress)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return memory.ToArray();
    }

    public static string Bundled(string name) => Find(System.IO.Path.Combine("data", name, "data.csv.gz"))
        ?? throw new InvalidOperationException($"the bundled data set {name} is not there");

    public static string Optional(string name, string file = "data.csv.gz")
    {
        string? root = Environment.GetEnvironmentVariable("UEQ_DATA");
        string? path = root is null ? null : System.IO.Path.Combine(root, name, file);
        path = path is not null && File.Exists(path) ? path : Find(System.IO.Path.Combine("shared", "data", name, file));
        Assert.SkipWhen(path is null, $"the optional data set {name} is not there");
        return path!;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string? Find(string relative)
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            string path = System.IO.Path.Combine(folder.FullName, relative);
            if (File.Exists(path)) return path;
        }

        return null;
    }
}

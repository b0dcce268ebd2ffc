using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Ueq.Serving;
using Ueq.Versions;

namespace Ueq.InferenceLog;

/// <summary>The directory of an inference log: names, left-overs, and what is kept.</summary>
/// <remarks>Only files with names as are made here are ever taken away, and replicas may share the directory.</remarks>
internal sealed partial class LogFolder
{
    public const string Temporary = ".tmp";

    private const int LongestName = 64;

    private readonly InferenceLogConfig _config;
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(3));
    private int _files;

    /// <summary>Makes the directory if need be, and takes away what a killed process has left half written.</summary>
    public LogFolder(InferenceLogConfig config)
    {
        _config = config;
        Path = System.IO.Path.GetFullPath(config.Folder!);
        Directory.CreateDirectory(Path);
        foreach (string left in Directory.EnumerateFiles(Path, "*.parquet" + Temporary).Where(file => Ours().IsMatch(System.IO.Path.GetFileName(file)))) DeleteLeft(left);
    }

    public string Path { get; }

    /// <summary>The name of a new file: model, version, time, process, number.</summary>
    public string NewPath(string model, string digest, DateTimeOffset now)
    {
        string plain = Unsafe().Replace(model, "_");
        string name = string.Create(
            CultureInfo.InvariantCulture,
            $"{plain[..Math.Min(plain.Length, LongestName)]}-{Unsafe().Replace(digest, "_")[..Math.Min(digest.Length, 12)]}-{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{_process}-{++_files:0000}.parquet");
        return System.IO.Path.Combine(Path, name);
    }

    /// <summary>Forces the directory's entries to the disk.</summary>
    public void Sync() => Durable.Flush(Path);

    /// <summary>Takes the oldest files away until no more are left than may be kept.</summary>
    public void Prune()
    {
        FileInfo[] files = [.. new DirectoryInfo(Path).EnumerateFiles("*.parquet").Where(file => Ours().IsMatch(file.Name)).OrderBy(file => file.LastWriteTimeUtc).ThenBy(file => file.Name, StringComparer.Ordinal)];
        long bytes = files.Sum(file => file.Length);
        int kept = files.Length;
        // The newest stays, whatever its size.
        foreach (FileInfo file in files.Take(files.Length - 1))
        {
            if (bytes <= (long)_config.KeepMegabytes << 20 && kept <= (_config.KeepFiles ?? int.MaxValue)) return;
            bytes -= file.Length;
            kept--;
            file.Delete();
        }
    }

    private static void DeleteLeft(string file)
    {
        try
        {
            // Somebody who still writes it holds its lock.
            using (new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None)) File.Delete(file);
        }
        catch (Exception used) when (used is IOException or UnauthorizedAccessException)
        {
        }
    }

    [GeneratedRegex("[^A-Za-z0-9._]")]
    private static partial Regex Unsafe();

    [GeneratedRegex(@"^[A-Za-z0-9._]+-[A-Za-z0-9._]+-\d{8}T\d{6}Z-[0-9a-f]{6}-\d{4,}\.parquet(\.tmp)?$")]
    private static partial Regex Ours();
}

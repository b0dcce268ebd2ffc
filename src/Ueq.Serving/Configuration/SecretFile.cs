namespace Ueq.Serving.Configuration;

/// <summary>A file that holds one secret, as orchestrators mount them: its text without the line's end.</summary>
internal static class SecretFile
{
    private const int MostBytes = 1 << 16;

    /// <exception cref="IOException">The file cannot be read; the message does not hold what is in it.</exception>
    public static string Read(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > MostBytes }) throw new IOException($"expected a secret of at most {MostBytes} bytes in {path}, got more");
        return File.ReadAllText(path).TrimEnd('\r', '\n');
    }

    /// <summary>What is wrong with a file or with the secret in it; <c>null</c> when nothing is.</summary>
    public static string? Fault(string path, Func<string, string?> judge)
    {
        try
        {
            return judge(Read(path));
        }
        catch (Exception bad) when (bad is FileNotFoundException or DirectoryNotFoundException)
        {
            return $"there is no file {path}";
        }
        catch (Exception bad) when (bad is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {bad.Message}";
        }
    }

    /// <summary>Whether accounts beside the owner and the group may read a file.</summary>
    public static bool OthersMayRead(string path) =>
        !OperatingSystem.IsWindows() && File.Exists(path) && (File.GetUnixFileMode(path) & UnixFileMode.OtherRead) != 0;
}

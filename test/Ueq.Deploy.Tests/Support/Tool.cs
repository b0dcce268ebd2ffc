using System.Diagnostics;

namespace Ueq.Deploy.Tests.Support;

/// <summary>A program that Debian brings: nginx, promtool.</summary>
/// <remarks>test.sh unpacks what is not installed into the user's cache, because installing it would start a service.</remarks>
internal static class Tool
{
    /// <summary>Where the program is; skips the test when it is nowhere.</summary>
    public static string Find(string name, string package)
    {
        string cache = Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } set ? set : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
        string unpacked = Path.Combine(cache, "ueq", package, "usr");
        string? found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Concat(["/usr/sbin", Path.Combine(unpacked, "bin"), Path.Combine(unpacked, "sbin")])
            .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is not installed (Debian's package {package} brings it).");
        return found;
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task<(int Code, string Output, string Error)> Run(ProcessStartInfo start, string? input = null)
    {
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    public static Task<(int Code, string Output, string Error)> Run(string program, params string[] arguments) => Run(new ProcessStartInfo(program, arguments));
}

using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Ueq.Samples.Tests;

/// <summary><c>ueq serve --demo</c> as the program that was built.</summary>
internal sealed partial class DemoService : IDisposable
{
    private readonly Process _process;
    private readonly string _home;

    private DemoService(Process process, string home, Uri address)
    {
        _process = process;
        _home = home;
        Address = address;
    }

    public Uri Address { get; }

    public static async Task<DemoService> Start()
    {
        string home = Directory.CreateTempSubdirectory("ueq-samples").FullName;
        ProcessStartInfo start = new("dotnet", [Path.Combine(AppContext.BaseDirectory, "ueq.dll"), "serve", "--demo", "--store", "none", "--urls", "http://127.0.0.1:0"])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        start.Environment["XDG_DATA_HOME"] = home;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        string said = "";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said += line + "\n";
            if (Listening().Match(line) is { Success: true } match) return new DemoService(process, home, new Uri(match.Groups[1].Value));
        }

        throw new InvalidOperationException($"The service did not start: {said}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_home, recursive: true);
    }

    [GeneratedRegex(@"^Listening on (http://\S+)")]
    private static partial Regex Listening();
}

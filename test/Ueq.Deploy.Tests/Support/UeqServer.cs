using System.Diagnostics;
using System.Text;

namespace Ueq.Deploy.Tests.Support;

/// <summary>A running <c>ueq serve</c>.</summary>
internal sealed class UeqServer : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _said;

    private UeqServer(Process process, Uri address, StringBuilder said)
    {
        _process = process;
        _said = said;
        Address = address;
    }

    public Uri Address { get; }

    public static Task<UeqServer> Demo(string data) => Start(new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ueq.dll"), "serve", "--demo", "--urls", "http://127.0.0.1:0"])
    {
        Environment = { ["XDG_DATA_HOME"] = data, ["UEQ_STORE"] = "none" },
    });

    public static async Task<UeqServer> Start(ProcessStartInfo start)
    {
        const string Before = "Listening on ";
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        Process process = Process.Start(start)!;
        StringBuilder said = new();
        _ = process.StandardOutput.ReadToEndAsync();
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            said.AppendLine(line);
            if (!line.StartsWith(Before, StringComparison.Ordinal)) continue;
            _ = process.StandardError.ReadToEndAsync();
            return new UeqServer(process, new Uri(line[Before.Length..].Split(' ')[0]), said);
        }

        await process.WaitForExitAsync();
        throw new InvalidOperationException($"the server ended with code {process.ExitCode} before it listened: {said}");
    }

    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    /// <summary>Ends it as an orchestrator does, and waits.</summary>
    public async Task<int> Terminate()
    {
        await Tool.Run("kill", "-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture));
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(60));
        await _process.WaitForExitAsync(limit.Token);
        return _process.ExitCode;
    }

    public override string ToString() => _said.ToString();

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }
}

using System.Diagnostics;

namespace Ueq.Bench.Serving;

/// <summary>This program as a server in a process of its own, so that its processor time is the server's alone.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, string said)
    {
        _process = process;
        Said = said;
    }

    /// <summary>The first line it printed.</summary>
    public string Said { get; }

    public Uri Address => new(Said);

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServerProcess> Start(string name, params string[] args)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [name, .. args]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        string? said = await process.StandardOutput.ReadLineAsync();
        return new ServerProcess(process, said ?? throw new InvalidOperationException($"{name} ended at its start"));
    }

    /// <summary>The line it answers a line with.</summary>
    public async Task<string> Ask(string line)
    {
        await _process.StandardInput.WriteLineAsync(line);
        await _process.StandardInput.FlushAsync();
        return await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the process has ended");
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }
}

using System.Diagnostics;

namespace Ueq.Bench.Serving;

/// <summary>This program as a server in a process of its own, so that its processor time is the server's alone.</summary>
internal sealed class ServerProcess : IDisposable
{
    private readonly Process _process;

    private ServerProcess(Process process, Uri address)
    {
        _process = process;
        Address = address;
    }

    public Uri Address { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static async Task<ServerProcess> Start(string name)
    {
        ProcessStartInfo start = new(Environment.ProcessPath!, [name]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        Process process = Process.Start(start) ?? throw new InvalidOperationException($"{name} did not start");
        string? address = await process.StandardOutput.ReadLineAsync();
        return new ServerProcess(process, new Uri(address ?? throw new InvalidOperationException($"{name} said no address")));
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(5000)) _process.Kill();
        _process.Dispose();
    }
}

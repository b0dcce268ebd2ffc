using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ueq.Serving.Tests.Caching;

/// <summary>A Redis server of a test's own, in a folder of its own on a free port; none where Redis is not installed.</summary>
internal sealed class RedisServer : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("ueq-redis-").FullName;
    private Process? _process;

    private RedisServer(int port) => Port = port;

    public int Port { get; }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");

    /// <summary>Starts one. Skips the test where there is no Redis.</summary>
    public static async Task<RedisServer> Start()
    {
        Assert.SkipWhen(Binary() is null, "Redis is not installed (apt-get install redis-tools).");
        RedisServer server = new(FreePort());
        File.CreateSymbolicLink(Path.Combine(server._folder, "redis-server"), Binary()!);
        await server.Restart();
        return server;
    }

    /// <summary>A port of this machine on which nobody listens.</summary>
    public static int FreePort()
    {
        using TcpListener probe = new(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>Starts it, empty, on its port, and waits until it answers.</summary>
    public async Task Restart()
    {
        // It ends with this process however that ends: then its input is closed.
        ProcessStartInfo start = new("sh") { RedirectStandardInput = true, RedirectStandardOutput = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(string.Create(
            CultureInfo.InvariantCulture,
            $"exec 2> /dev/null; '{_folder}/redis-server' --port {Port} --bind 127.0.0.1 --save '' --appendonly no --dir '{_folder}' --logfile '{_folder}/log' & server=$!; echo $server; (read -r line; kill -CONT $server; kill -KILL $server) 2> /dev/null; wait $server"));
        _process = Process.Start(start)!;
        Id = int.Parse(await _process.StandardOutput.ReadLineAsync() ?? "", CultureInfo.InvariantCulture);
        while (true)
        {
            try
            {
                if ((await Ask("PING")).StartsWith("+PONG", StringComparison.Ordinal)) return;
            }
            catch (SocketException)
            {
                await Task.Delay(10);
            }
        }
    }

    public int Id { get; private set; }

    /// <summary>Sends one inline command and reads what comes back at once.</summary>
    public async Task<string> Ask(string command)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(IPAddress.Loopback, Port);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(command + "\r\n"));
        byte[] answer = new byte[1 << 16];
        int read = await stream.ReadAsync(answer);
        return System.Text.Encoding.Latin1.GetString(answer, 0, read);
    }

    /// <summary>Sends the server a signal by its id, such as STOP or CONT.</summary>
    public void Signal(string signal)
    {
        using Process kill = Process.Start("kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Ends the server at once, as a crash would.</summary>
    public async Task Kill()
    {
        if (_process is null) return;
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        Directory.Delete(_folder, recursive: true);
    }

    // The server is the same program as its tools, which goes by the name that it is called by.
    private static string? Binary() =>
        (from name in new[] { "redis-server", "redis-check-rdb" }
         from folder in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/bin")
         let file = Path.Combine(folder, name)
         where File.Exists(file)
         select file).FirstOrDefault();
}

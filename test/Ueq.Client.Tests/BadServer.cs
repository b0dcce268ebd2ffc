using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ueq.Client.Tests;

/// <summary>A server that does with each request what a test wants, byte by byte.</summary>
internal sealed class BadServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<Socket, int, CancellationToken, Task> _answer;
    private int _requests;

    private BadServer(Func<Socket, int, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        Address = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");
        _ = Accept();
    }

    public Uri Address { get; }

    /// <summary>Requests other than for the health, which is always bad here.</summary>
    public int Requests => Volatile.Read(ref _requests);

    public static BadServer Resets() => new((socket, _, _) =>
    {
        socket.LingerState = new LingerOption(true, 0);
        return Task.CompletedTask;
    });

    public static BadServer Hangs() => new((_, _, stop) => Task.Delay(Timeout.Infinite, stop));

    /// <summary>Answers every request with these bytes and closes.</summary>
    public static BadServer Says(string bytes) => new(async (socket, _, stop) => await socket.SendAsync(Encoding.UTF8.GetBytes(bytes), stop));

    /// <summary>Answers with a status and a body.</summary>
    public static BadServer Answers(int status, string body, string headers = "") =>
        Says($"HTTP/1.1 {status} Words\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nConnection: close\r\n{headers}\r\n{body}");

    public void Dispose()
    {
        _stop.Cancel();
        _listener.Stop();
    }

    private async Task Accept()
    {
        while (true)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token);
            }
            catch (Exception ended) when (ended is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }

            _ = Serve(socket);
        }
    }

    private async Task Serve(Socket socket)
    {
        try
        {
            using (socket)
            {
                string head = await ReadRequest(socket);
                if (head.Contains(" /health ", StringComparison.Ordinal)) return;
                await _answer(socket, Interlocked.Increment(ref _requests), _stop.Token);
                socket.Shutdown(SocketShutdown.Send);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The client left, or the test is over.
        }
    }

    private async Task<string> ReadRequest(Socket socket)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[1 << 16];
        while (true)
        {
            int read = await socket.ReceiveAsync(buffer, _stop.Token);
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
            string all = text.ToString();
            int end = all.IndexOf("\r\n\r\n", StringComparison.Ordinal), at = all.IndexOf("Content-Length: ", StringComparison.Ordinal);
            if (read == 0 || (end >= 0 && (at < 0 || all.Length - end - 4 >= int.Parse(all[(at + 16)..all.IndexOf('\r', at)])))) return all;
        }
    }
}

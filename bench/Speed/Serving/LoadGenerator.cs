using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ueq.Bench.Serving;

/// <summary>Keep-alive connections that each send one request after another and check every answer.</summary>
internal sealed class LoadGenerator(Uri server, IReadOnlyList<(byte[] Request, byte[] Expected)> exchanges)
{
    private readonly (byte[] Request, byte[] Expected)[] _exchanges = [.. exchanges];

    // Goes on from call to call and over all connections: a body that came again and again would be the drift that the monitor is there for.
    private int _next = -1;

    public LoadGenerator(Uri server, string path, IReadOnlyList<(string Body, string Expected)> exchanges)
        : this(server, [.. exchanges.Select(e => (RawConnection.Post(server, path, e.Body), Encoding.UTF8.GetBytes(e.Expected)))])
    {
    }

    /// <summary>Sends <paramref name="requests"/> over <paramref name="connections"/>; fails on any answer that is not 200 or lacks the expected text.</summary>
    public Task Send(int requests, int connections) =>
        Task.WhenAll(Enumerable.Range(0, connections).Select(i => Task.Run(() => SendInTurn(requests / connections + (i < requests % connections ? 1 : 0)))));

    private async Task SendInTurn(int requests)
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));
        byte[] buffer = new byte[1 << 17];
        for (int i = 0; i < requests; i++)
        {
            (byte[] request, byte[] expected) = _exchanges[Interlocked.Increment(ref _next) % _exchanges.Length];
            await socket.SendAsync(request);
            int length = 0, total = int.MaxValue;
            while (length < total)
            {
                int read = await socket.ReceiveAsync(buffer.AsMemory(length));
                if (read == 0) throw new InvalidOperationException("the server closed the connection");
                length += read;
                if (total == int.MaxValue) total = TotalLength(buffer.AsSpan(0, length));
            }

            Check(buffer.AsSpan(0, length), expected);
        }
    }

    private static void Check(ReadOnlySpan<byte> answer, ReadOnlySpan<byte> expected)
    {
        if (!answer.StartsWith("HTTP/1.1 200 "u8) || answer.IndexOf(expected) < 0)
            throw new InvalidOperationException($"expected 200 with {Encoding.UTF8.GetString(expected)}, got {Encoding.UTF8.GetString(answer)}");
    }

    /// <summary>Bytes of an answer whose head is there; as many as can be before.</summary>
    public static int TotalLength(ReadOnlySpan<byte> answer)
    {
        int end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return int.MaxValue;
        ReadOnlySpan<byte> head = answer[..end];
        int at = head.IndexOf("Content-Length: "u8);
        if (at < 0) throw new InvalidOperationException($"expected a length, got {Encoding.UTF8.GetString(head)}");
        int length = 0;
        for (int i = at + 16; i < head.Length && head[i] != '\r'; i++) length = length * 10 + (head[i] - '0');
        return end + 4 + length;
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ueq.Bench.Serving;

/// <summary>A keep-alive connection that a thread waits on.</summary>
internal sealed class RawConnection : IDisposable
{
    private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private readonly byte[] _buffer = new byte[1 << 20];

    public RawConnection(Uri server) => _socket.Connect(new IPEndPoint(IPAddress.Parse(server.Host), server.Port));

    public static byte[] Post(Uri server, string path, string body) => Encoding.UTF8.GetBytes(
        $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

    /// <summary>A request whose body is a head of JSON and tensors as bytes after it.</summary>
    public static byte[] PostBinary(Uri server, string path, byte[] json, byte[] tensors) =>
    [
        .. Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {server.Authority}\r\nContent-Type: application/octet-stream\r\nInference-Header-Content-Length: {json.Length}\r\nContent-Length: {json.Length + tensors.Length}\r\n\r\n"),
        .. json, .. tensors,
    ];

    /// <summary>The whole answer to a request.</summary>
    public ReadOnlySpan<byte> Ask(byte[] request)
    {
        for (int sent = 0; sent < request.Length;) sent += _socket.Send(request.AsSpan(sent));
        int length = 0, total = int.MaxValue;
        while (length < total)
        {
            int read = _socket.Receive(_buffer.AsSpan(length));
            if (read == 0) throw new InvalidOperationException("the server closed the connection");
            length += read;
            if (total == int.MaxValue) total = LoadGenerator.TotalLength(_buffer.AsSpan(0, length));
        }

        return _buffer.AsSpan(0, length);
    }

    public void Dispose() => _socket.Dispose();
}

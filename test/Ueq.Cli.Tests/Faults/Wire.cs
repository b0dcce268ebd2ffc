using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ueq.Cli.Tests.Faults;

/// <summary>What came back for a request: status 0 when the connection was closed without an answer.</summary>
internal readonly record struct WireAnswer(int Status, bool HasRetryAfter, string Text);

/// <summary>A connection that sends bytes as they are, and opens itself anew where the server closed it.</summary>
internal sealed class Wire(Uri server) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly byte[] _buffer = new byte[1 << 16];
    private Socket? _socket;
    private int _start, _end;

    public async Task<WireAnswer> Ask(MutatedRequest request)
    {
        using CancellationTokenSource limit = new(Patience);
        try
        {
            if (_socket is null) await Open(limit.Token);
            await Send(request.Bytes, limit.Token);
            if (request.IsFramed) return await Read(request.IsHead, limit.Token);
            // Nothing more comes, so the server need not wait for what was promised.
            _socket!.Shutdown(SocketShutdown.Send);
            WireAnswer first = await Read(request.IsHead, limit.Token);
            while (await Receive(limit.Token))
            {
            }

            Close();
            return first;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            Close();
            return default;
        }
        catch (OperationCanceledException)
        {
            Close();
            throw new TimeoutException($"no answer and no end of the connection within {Patience.TotalSeconds:0} s");
        }
    }

    private async Task Open(CancellationToken cancellation)
    {
        _socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await _socket.ConnectAsync(new IPEndPoint(IPAddress.Parse(server.Host), server.Port), cancellation);
        _start = _end = 0;
    }

    private async Task Send(byte[] bytes, CancellationToken cancellation)
    {
        for (int sent = 0; sent < bytes.Length;) sent += await _socket!.SendAsync(bytes.AsMemory(sent), cancellation);
    }

    private async Task<WireAnswer> Read(bool isHead, CancellationToken cancellation)
    {
        while (true)
        {
            int length;
            while ((length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n\r\n"u8)) < 0)
            {
                if (await Receive(cancellation)) continue;
                Close();
                return default;
            }

            string head = Encoding.Latin1.GetString(_buffer, _start, length + 2);
            _start += length + 4;
            int status = int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture);
            if (status < 200) continue;
            bool closes = Field(head, "Connection") == "close";
            StringBuilder text = new();
            bool isWhole = isHead || status is 204 or 304
                || (Field(head, "Content-Length") is { } bytes ? await Take(int.Parse(bytes, CultureInfo.InvariantCulture), text, cancellation)
                : Field(head, "Transfer-Encoding") == "chunked" ? await Chunks(text, cancellation)
                : !closes);
            if (!isWhole || closes) Close();
            return new(status, Field(head, "Retry-After") is not null, text.ToString());
        }
    }

    private async Task<bool> Chunks(StringBuilder text, CancellationToken cancellation)
    {
        while (true)
        {
            int end;
            while ((end = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8)) < 0)
                if (!await Receive(cancellation)) return false;
            int size = int.Parse(Encoding.Latin1.GetString(_buffer, _start, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            _start += end + 2;
            if (!await Take(size, text, cancellation) || !await Take(2, null, cancellation)) return false;
            if (size == 0) return true;
        }
    }

    private async Task<bool> Take(int bytes, StringBuilder? text, CancellationToken cancellation)
    {
        while (bytes > 0)
        {
            if (_start == _end && !await Receive(cancellation)) return false;
            int part = Math.Min(bytes, _end - _start);
            if (text is { Length: < 4096 }) text.Append(Encoding.UTF8.GetString(_buffer, _start, part));
            _start += part;
            bytes -= part;
        }

        return true;
    }

    private async Task<bool> Receive(CancellationToken cancellation)
    {
        if (_socket is null) return false;
        if (_start > 0)
        {
            Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
            (_start, _end) = (0, _end - _start);
        }

        // Whoever only waits for the end throws away what comes.
        if (_end == _buffer.Length) _end = 0;
        int read = await _socket.ReceiveAsync(_buffer.AsMemory(_end), cancellation);
        _end += read;
        return read > 0;
    }

    private static string? Field(string head, string name)
    {
        int at = head.IndexOf($"\r\n{name}: ", StringComparison.OrdinalIgnoreCase);
        return at < 0 ? null : head[(at + name.Length + 4)..head.IndexOf('\r', at + 2)];
    }

    private void Close()
    {
        _socket?.Dispose();
        _socket = null;
        _start = _end = 0;
    }

    public void Dispose() => Close();
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using Ueq.Cli.Tests.Support;

namespace Ueq.Cli.Tests.Faults;

/// <summary>Callers who send by drops or never read: others are answered meanwhile, and the slow ones are cut off.</summary>
[Trait("Suite", "Faults")]
public sealed class SlowCallerTests : IDisposable
{
    private const int Slow = 20;
    private const string Head = "POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n";
    private const string Row = "[0.25,0.75]\n";

    private readonly Folder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task SlowCallersAreCutOffAndOthersAreAnswered()
    {
        using ServeProcess server = await FaultService.Start(_folder, "limits: {header_seconds: 2}");
        string steady = await FaultService.Predictions(server);
        Task<string>[] slow =
        [
            .. Enumerable.Range(0, Slow).Select(_ => Drip(server, "POST /predict HTTP/1.1\r\nHost: x\r\nX-Padding: ", "a")),
            .. Enumerable.Range(0, Slow).Select(_ => Drip(server, Head + "{\"X\":[[", " ")),
            .. Enumerable.Range(0, Slow).Select(_ => Drip(server, "POST /predict_large HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + Row + "\r\n", "")),
        ];
        int answered = 0;
        while (!slow.All(caller => caller.IsCompleted))
        {
            Assert.Equal(steady, await FaultService.Predictions(server));
            answered++;
        }

        string[] ends = await Task.WhenAll(slow);
        Assert.All(ends[..(2 * Slow)], end => Assert.StartsWith("HTTP/1.1 408 ", end, StringComparison.Ordinal));
        // The answers had begun: all that is left is to end the connection.
        Assert.All(ends[(2 * Slow)..], end => Assert.True(end.Length == 0 || end.StartsWith("HTTP/1.1 200 ", StringComparison.Ordinal) || end.StartsWith("HTTP/1.1 408 ", StringComparison.Ordinal), end));
        Assert.True(answered > 0);
        FaultPage.Say("slow callers", $"{slow.Length} that drip headers, bodies or lines: all cut off, {answered} predictions meanwhile, 0 failed");
    }

    [Fact]
    public async Task CallersWhoNeverReadHoldNobodyUp()
    {
        using ServeProcess server = await FaultService.Start(_folder);
        string steady = await FaultService.Predictions(server);
        (long before, _) = FaultService.Holds(server);
        List<Socket> deaf = [];
        try
        {
            byte[] lines = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Row, 1000)));
            byte[] chunk = [.. Encoding.ASCII.GetBytes($"{lines.Length:x}\r\n"), .. lines, .. "\r\n"u8];
            await Task.WhenAll(Enumerable.Range(0, Slow).Select(async _ =>
            {
                Socket socket = await Connect(server);
                lock (deaf) deaf.Add(socket);
                // As much as the server takes while nobody reads its answers.
                socket.SendTimeout = 2000;
                await Task.Factory.StartNew(
                    () =>
                    {
                        try
                        {
                            socket.Send(Encoding.ASCII.GetBytes("POST /predict_large HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"));
                            for (int sent = 0; sent < 400; sent++) socket.Send(chunk);
                        }
                        catch (SocketException)
                        {
                            // It takes no more.
                        }
                    },
                    Cancellation, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            }));

            for (int i = 0; i < 200; i++) Assert.Equal(steady, await FaultService.Predictions(server));
            (long meanwhile, _) = FaultService.Holds(server);
            FaultPage.Say("callers who never read", $"{Slow} streams whose answers nobody reads; 200 predictions meanwhile, 0 failed; {FaultPage.Megabytes(before)} in memory before, {FaultPage.Megabytes(meanwhile)} meanwhile");
            // Each holds what the sockets and pipes hold, not what it was sent.
            Assert.True(meanwhile - before < 200_000_000, $"{before} bytes before, {meanwhile} meanwhile");
        }
        finally
        {
            foreach (Socket socket in deaf) socket.Dispose();
        }

        Assert.Equal(steady, await FaultService.Predictions(server));
    }

    [Fact]
    public async Task OneConnectionMoreThanAllowedIsClosedAndThoseThereAreAnswered()
    {
        using ServeProcess server = await FaultService.Start(_folder, $"limits: {{connections: {Slow}}}");
        string steady = await FaultService.Predictions(server);
        List<Socket> held = [];
        try
        {
            // One connection is the client's own.
            for (int i = 1; i < Slow; i++)
            {
                held.Add(await Connect(server));
                await held[^1].SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
                Assert.True(await held[^1].ReceiveAsync(new byte[4096], Cancellation) > 0);
            }

            using Socket more = await Connect(server);
            Assert.Equal(0, await Read(more));
            for (int i = 0; i < 20; i++) Assert.Equal(steady, await FaultService.Predictions(server));
            held[0].Dispose();
            while (true)
            {
                using Socket next = await Connect(server);
                if (await Answers(next)) break;
            }
        }
        finally
        {
            foreach (Socket socket in held) socket.Dispose();
        }
    }

    private static async Task<bool> Answers(Socket socket)
    {
        try
        {
            await socket.SendAsync("GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"u8.ToArray(), Cancellation);
            return await socket.ReceiveAsync(new byte[4096], Cancellation) > 0;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<int> Read(Socket socket)
    {
        try
        {
            return await socket.ReceiveAsync(new byte[4096], Cancellation);
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    private static async Task<Socket> Connect(ServeProcess server)
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, server.Client.BaseAddress!.Port), Cancellation);
        return socket;
    }

    // Sends a beginning and then a drop now and again; returns what it was told when the server ended it.
    private static async Task<string> Drip(ServeProcess server, string beginning, string drop)
    {
        using Socket socket = await Connect(server);
        await socket.SendAsync(Encoding.ASCII.GetBytes(beginning), Cancellation);
        StringBuilder told = new();
        byte[] buffer = new byte[4096];
        Task<int> reading = socket.ReceiveAsync(buffer);
        while (true)
        {
            if (await Task.WhenAny(reading, Task.Delay(200, Cancellation)) == reading)
            {
                int read;
                try
                {
                    read = await reading;
                }
                catch (SocketException)
                {
                    return told.ToString();
                }

                if (read == 0) return told.ToString();
                told.Append(Encoding.ASCII.GetString(buffer, 0, read));
                reading = socket.ReceiveAsync(buffer);
            }
            else if (drop.Length > 0)
            {
                try
                {
                    await socket.SendAsync(Encoding.ASCII.GetBytes(drop), Cancellation);
                }
                catch (SocketException)
                {
                    // Closed; the reading says so.
                    drop = "";
                }
            }
        }
    }
}

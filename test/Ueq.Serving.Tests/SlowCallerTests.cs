using System.Net.Sockets;
using System.Text;

namespace Ueq.Serving.Tests;

/// <summary>Callers that send a byte at a time or never read: they are cut, and nobody waits for them.</summary>
[Trait("Category", "Long")]
[Trait("Suite", "Faults")]
public sealed class SlowCallerTests
{
    // One prediction at a time: whoever held it while being slow would hold up all others.
    private static readonly UeqServiceConfig OneByOne = new() { Batching = new BatchingConfig { MaxConcurrent = 1 } };

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Theory]
    [InlineData("/predict", "application/json", "{\"X\":[[1,2,")]
    [InlineData("/predict_large", "application/x-ndjson", "[1,2,")]
    [InlineData("/predict_large", "application/vnd.apache.arrow.stream", "\u00ff\u00ff\u00ff\u00ff\0\u0002\0\0")]
    [InlineData("/feedback", "application/json", "{\"labels\":[")]
    [InlineData("/v2/models/y/infer", "application/json", "{\"inputs\":[")]
    [InlineData("/silences", "application/json", "{\"until\":")]
    public async Task ABodyThatDripsIsCutAndOthersAreAnswered(string path, string type, string start)
    {
        await using Server server = await Server.Start(Fakes.Sum(), OneByOne);
        Task<string>[] slow = [.. Enumerable.Range(0, 16).Select(_ => Drip(server, $"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {type}\r\nContent-Length: 4000\r\n\r\n{start}"))];
        await AnswersUntil(server, Task.WhenAll(slow));
        foreach (Task<string> each in slow) Assert.StartsWith("HTTP/1.1 408", await each, StringComparison.Ordinal);
        Assert.Equal(6, (await server.Predict("{\"X\":[[1,2,3]]}")).GetProperty("predictions")[0].GetDouble());
    }

    [Fact]
    public async Task AnswersThatNobodyReadsHoldNobodyUpAndDoNotPileUp()
    {
        const long Enough = 256_000_000;
        await using Server server = await Server.Start(Fakes.Sum(), OneByOne with { MaxBodyBytes = 1 << 30 });
        byte[] rows = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("[1,2,3]\n", 8192)));
        long[] sent = new long[4];
        TcpClient[] callers = [.. sent.Select(_ => new TcpClient(server.Address.Host, server.Address.Port))];
        Task[] senders = [.. callers.Select((caller, number) => Task.Run(async () =>
        {
            NetworkStream stream = caller.GetStream();
            await stream.WriteAsync("POST /predict_large HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n"u8.ToArray());
            try
            {
                while (sent[number] < Enough)
                {
                    await stream.WriteAsync(Encoding.ASCII.GetBytes($"{rows.Length:X}\r\n"));
                    await stream.WriteAsync(rows);
                    await stream.WriteAsync("\r\n"u8.ToArray());
                    Interlocked.Add(ref sent[number], rows.Length);
                }
            }
            catch (Exception end) when (end is IOException or ObjectDisposedException)
            {
                // The caller is gone: the end of the test.
            }
        }))];
        // Until no row is taken any more: answers wait to be read, and rows wait for the answers.
        long before = -1;
        for (long now; (now = sent.Sum(n => Interlocked.Read(ref n))) != before; before = now)
            for (int i = 0; i < 200; i++) Assert.Equal(6, (await server.Predict("{\"X\":[[1,2,3]]}")).GetProperty("predictions")[0].GetDouble());
        Assert.All(senders, sender => Assert.False(sender.IsCompleted));
        foreach (TcpClient caller in callers) caller.Dispose();
        await Task.WhenAll(senders);
        Assert.Equal(6, (await server.Predict("{\"X\":[[1,2,3]]}")).GetProperty("predictions")[0].GetDouble());
    }

    private static async Task AnswersUntil(Server server, Task end)
    {
        using CancellationTokenSource limit = new(Patience);
        int answered = 0;
        while (!end.IsCompleted || answered == 0)
        {
            Assert.Equal(6, (await server.Predict("{\"X\":[[1,2,3]]}")).GetProperty("predictions")[0].GetDouble());
            answered++;
            Assert.False(limit.IsCancellationRequested, $"after {Patience.TotalSeconds:0} s and {answered} answers to others the slow are not cut");
            await Task.Delay(5);
        }

        await end;
    }

    // A byte now and then for as long as the server takes them; what it says in the end.
    private static async Task<string> Drip(Server server, string start)
    {
        using TcpClient tcp = new(server.Address.Host, server.Address.Port);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(start));
        Task<string> answer = ToEnd(stream);
        while (!answer.IsCompleted)
        {
            try
            {
                await stream.WriteAsync("1"u8.ToArray());
            }
            catch (IOException)
            {
                break;
            }

            await Task.Delay(50);
        }

        return await answer;
    }

    private static async Task<string> ToEnd(NetworkStream stream)
    {
        StringBuilder answer = new();
        byte[] buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;) answer.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }
        catch (IOException)
        {
            // Cut: what came before counts.
        }

        return answer.ToString();
    }
}

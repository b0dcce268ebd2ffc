using System.Diagnostics;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Tests;

public sealed class LinesTests
{
    private const string Lines = "application/x-ndjson";

    [Fact]
    public async Task EveryRowIsALineAndTheLastLineSaysHowItWent()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body) = await server.Post("/predict_large", "[1,2,3]\n{\"x\": [4,5,6]}\r\n\n[7,8,9]", Lines);
        Assert.Equal(200, status);
        Assert.Equal(
            [
                """{"prediction":6,"lower":4.5,"upper":7.5}""", """{"prediction":15,"lower":13.5,"upper":16.5}""",
                """{"prediction":24,"lower":22.5,"upper":25.5}""", """{"status":"success","rows":3,"errors":0}""", "",
            ],
            body.Split('\n'));
    }

    [Theory]
    [InlineData("{\"group\":\"north\",\"x\":[1,2,3]}", "\"prediction\":6")]
    [InlineData("{\"group\":null,\"x\":[1,2,3]}", "\"prediction\":6")]
    [InlineData("{\"group\":\"north\"}", "$.x: expected a row, got no such key")]
    [InlineData("{\"x\":[1,2,3],\"\\u0078\":[1,2,3]}", "$.x: expected the key once, got it twice")]
    [InlineData("{\"group\":\"a\",\"x\":[1,2,3],\"group\":\"b\"}", "$.group: expected the key once, got it twice")]
    [InlineData("{\"group\":\"a\",\"x\":[1,2,]}", "$.x[2]: expected valid JSON")]
    [InlineData("{}", "$.x: expected a row, got no such key")]
    [InlineData("{\"X\":[1,2,3]}", "expected the keys \"x\" and \"group\" and no more, got also X")]
    public async Task TheKeysOfALineMayComeInAnyOrderAndOnce(string line, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        string answer = (await server.Post("/predict_large", line + "\n", Lines)).Body;
        Assert.Contains(said, JsonDocument.Parse(answer.Split('\n')[0]).RootElement is var first && first.TryGetProperty("error", out JsonElement error) ? error.GetString() : answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ABadLineFailsAloneAndSaysItsNumber()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        string[] bad =
        [
            "[1,2]", "foo", "[1,NaN,3]", "{\"y\":[1,2,3]}", "{\"x\":[1,2,3],\"y\":1}", "[1,2,3] [4,5,6]", "7", "[66.5,1,1]", "[77.5,1,1]",
            "[1,2,\"" + new string('x', 2_000_000) + "\"]", "{\"x\":[1,2,3]", "[1e39,2,3]",
        ];
        string[] lines = (await server.Post("/predict_large", string.Concat(bad.Select(b => $"{b}\n[1,2,3]\n")), Lines)).Body.TrimEnd('\n').Split('\n');
        Assert.Equal(2 * bad.Length + 1, lines.Length);
        for (int i = 0; i < bad.Length; i++)
        {
            JsonElement error = JsonDocument.Parse(lines[2 * i]).RootElement;
            Assert.True(error.TryGetProperty("error", out _), $"{bad[i][..Math.Min(bad[i].Length, 30)]} gave {lines[2 * i]}");
            Assert.Equal(2 * i + 1, error.GetProperty("line").GetInt32());
            Assert.StartsWith("{\"prediction\":6,", lines[2 * i + 1], StringComparison.Ordinal);
        }

        Assert.Equal($$"""{"status":"partial","rows":{{bad.Length}},"errors":{{bad.Length}}}""", lines[^1]);
    }

    [Fact]
    public async Task OptionsStandInTheQuery()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        Assert.StartsWith(
            """{"prediction":6,"lower":"-Infinity","upper":"Infinity"}""",
            (await server.Post("/predict_large?coverage=0.995&batch_size=2&monitor=false", "[1,2,3]", Lines)).Body, StringComparison.Ordinal);
        Assert.StartsWith("{\"prediction\":6}\n", (await server.Post("/predict_large?return_uncertainty=false", "[1,2,3]", Lines)).Body, StringComparison.Ordinal);
        BadRequestTests.AssertError(await server.Post("/predict_large?covrage=0.9", "[1,2,3]", Lines), 400, "did you mean \"coverage\"?");
        BadRequestTests.AssertError(await server.Post("/predict_large?batch_size=0", "[1,2,3]", Lines), 400, "?batch_size");
        BadRequestTests.AssertError(await server.Post("/predict_large?coverage=2", "[1,2,3]", Lines), 400, "?coverage");
    }

    [Fact]
    public async Task ClassesHaveASetPerLine()
    {
        await using Server server = await Server.Start(Fakes.Classes("a", "b", "c"));
        string body = (await server.Post("/predict_large", "[1,2]\n", Lines)).Body;
        Assert.StartsWith("""{"prediction":"b","set":["b","c"],"probabilities":[0.1,0.7,0.2]}""", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AStreamLargerThanTheBodyLimitIsAnsweredInOrderWhileItIsSent()
    {
        const int Rows = 200_000;
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxBodyBytes = 1000, BatchSize = 500 });
        using TcpClient tcp = new(server.Address.Host, server.Address.Port);
        NetworkStream stream = tcp.GetStream();
        Task sending = Task.Run(async () =>
        {
            StringBuilder part = new($"POST /predict_large HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {Lines}\r\nTransfer-Encoding: chunked\r\n\r\n");
            for (int start = 0; start < Rows; start += 1000)
            {
                string lines = string.Concat(Enumerable.Range(start, 1000).Select(i => $"[{i},1,1]\n"));
                part.Append($"{lines.Length:x}\r\n{lines}\r\n");
                await stream.WriteAsync(Encoding.ASCII.GetBytes(part.ToString()));
                part.Clear();
            }

            await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        });
        int row = 0;
        using StreamReader reader = new(stream);
        string? last = null;
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("{\"prediction\":", StringComparison.Ordinal))
            {
                Assert.StartsWith($"{{\"prediction\":{row + 2},", line, StringComparison.Ordinal);
                row++;
            }

            if (line.StartsWith("{\"status\"", StringComparison.Ordinal)) last = line;
        }

        await sending;
        Assert.Equal(Rows, row);
        Assert.Equal($$"""{"status":"success","rows":{{Rows}},"errors":0}""", last);
    }

    [Fact]
    public async Task ACallerWhoLeavesEndsTheWorkAndIsNoError()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        using (TcpClient tcp = new(server.Address.Host, server.Address.Port))
        {
            await tcp.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /predict_large HTTP/1.1\r\nHost: x\r\nContent-Type: {Lines}\r\nContent-Length: 1000000\r\n\r\n[1,2,3]\n"));
            byte[] some = new byte[64];
            await tcp.GetStream().ReadExactlyAsync(some);
            tcp.Client.LingerState = new LingerOption(true, 0);
        }

        long started = Stopwatch.GetTimestamp();
        JsonElement health;
        do health = (await server.Get("/health")).Body;
        while (health.GetProperty("request_count").GetInt64() == 0 && Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
        Assert.Equal(1, health.GetProperty("request_count").GetInt64());
        Assert.Equal(0, health.GetProperty("error_count").GetInt64());
    }
}

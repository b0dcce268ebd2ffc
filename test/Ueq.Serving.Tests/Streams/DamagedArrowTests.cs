using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using Apache.Arrow;
using static Ueq.Serving.Tests.Streams.ArrowBody;

namespace Ueq.Serving.Tests.Streams;

public sealed class DamagedArrowTests
{
    private static readonly byte[] End = [0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0];

    [Fact]
    public async Task AStreamThatIsCutOffAnywhereSaysSo()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        byte[] whole = Stream(Numbers(4));
        int schema = whole.Length - Stream(Numbers(4), Numbers(4)).AsSpan(whole.Length).Length - End.Length;
        for (int length = 0; length < whole.Length - End.Length; length += 3)
        {
            (int status, byte[] body, _) = await Post(server, "/predict_large", whole[..length]);
            // Without a batch a stream is whole: nobody need say that it ends.
            Assert.True(status == (length == schema ? 200 : 400), $"{length} of {whole.Length} bytes: {status} {Encoding.UTF8.GetString(body)}");
        }

        Assert.Equal([4], Read((await Post(server, "/predict_large", whole[..^8])).Body).Select(b => b.Length));
    }

    [Fact]
    public async Task ClaimsBeyondTheLimitsAreRefusedBeforeTheyTakeMemory()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxBodyBytes = 100_000, MaxRows = 1000 });
        BadRequestTests.AssertError(await Refused(server, Stream(Numbers(1), Numbers(1001)), "/predict_large?answers=after"), 413, "batch 1: expected at most 1000 rows, got 1001; send smaller batches");
        byte[] large = Stream(Batch(("f0", Doubles([.. Enumerable.Repeat((double?)1, 20_000)]))));
        BadRequestTests.AssertError(await Refused(server, large), 400, "expected a column \"f1\"");
        BadRequestTests.AssertError(await Refused(server, Stream(Numbers(5000))), 413, "batch 0: expected at most 100000 bytes, got 12");
        byte[] whole = Stream(Numbers(16, 3));
        foreach (long rows in new[] { 1L << 60, long.MaxValue, -1, 900, 15, 17 })
        {
            // The number of rows stands three times more, once for each column.
            BadRequestTests.AssertError(await Refused(server, Replaced(whole, 16, rows, 1)), rows is > 1000 ? 413 : 400, "batch 0: expected ");
            Assert.Equal(400, (await Refused(server, Replaced(whole, 16, rows, 2))).Status);
        }

        // A message that says it is larger than all memory.
        foreach (int length in new[] { int.MaxValue, int.MinValue, -2, 100_001, 99_999 })
        {
            byte[] claim = [0xFF, 0xFF, 0xFF, 0xFF, .. BitConverter.GetBytes(length), .. new byte[64]];
            Assert.Contains((await Refused(server, claim)).Status, (int[])[400, 413]);
        }

        Assert.Equal(200, (await Refused(server, whole)).Status);
    }

    [Fact]
    public async Task WhatIsNoArrowStreamIsRefused()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        foreach (string text in new[] { "{\"X\":[[1,2,3]]}", "ARROW1\0\0 a file", "a", "    ", "\0\0\0\u0001\0\0\0\0\0\0" })
        {
            (int status, string body) = await Refused(server, Encoding.Latin1.GetBytes(text));
            Assert.True(status == 400 && body.Contains("schema: ", StringComparison.Ordinal), body);
        }

        BadRequestTests.AssertError(await Refused(server, []), 400, "expected an Arrow IPC stream, which begins with a schema, got nothing");
        byte[] whole = Stream(Numbers(1)), twice = [.. whole[..^End.Length], .. whole];
        BadRequestTests.AssertError(await Refused(server, twice, "/predict_large?answers=after"), 400, "batch 1: expected a record batch, got a message of the type Schema");
    }

    [Fact]
    public async Task DamageAfterTheFirstAnswersEndsThemWithTheReason()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        byte[] first = Stream(Numbers(2)), damaged = [.. first[..^End.Length], .. "damaged!"u8];
        using TcpClient tcp = new(server.Address.Host, server.Address.Port);
        NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /predict_large HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: {MediaType}\r\nContent-Length: {damaged.Length}\r\n\r\n"));
        await stream.WriteAsync(damaged.AsMemory(0, first.Length - End.Length));
        byte[] answer = new byte[65536];
        int length = await stream.ReadAsync(answer);
        Assert.StartsWith("HTTP/1.1 200 OK", Encoding.Latin1.GetString(answer, 0, length), StringComparison.Ordinal);
        await stream.WriteAsync(damaged.AsMemory(first.Length - End.Length));
        for (int read; (read = await stream.ReadAsync(answer.AsMemory(length))) > 0;) length += read;
        List<RecordBatch> batches = Read(Unchunked(answer.AsSpan(0, length)));
        Assert.Equal([2, 1], batches.Select(b => b.Length));
        Assert.Equal([null], Numbers(batches[1], "prediction"));
        Assert.StartsWith("batch 1: expected an Arrow IPC stream", TextsOf(batches[1], "error")[0], StringComparison.Ordinal);
    }

    // Every body here is one that somebody might send, and none that the reader was written for.
    [Fact]
    public async Task MutatedStreamsAreAnsweredOrRefused()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed), new UeqServiceConfig { MaxBodyBytes = 1 << 20, MaxRows = 10_000 });
        RecordBatch mixed = Batch(("age", Doubles(1, null, 3)), ("income", Floats(5, 6, 7)), ("colour", Dictionary(["red", "7"], 0, 1, null)), ("group", Texts("a", null, "b")));
        RecordBatch texts = Batch(("age", Doubles(1, null, 3)), ("income", Floats(5, 6, 7)), ("colour", Texts("red", "7", null)));
        byte[][] seeds = [Stream(mixed, mixed), Stream(texts)];
        Rng rng = Rng.Stream(20261124, 1);
        long before = Environment.WorkingSet;
        SortedDictionary<int, int> statuses = [];
        for (int i = 0; i < 3000; i++)
        {
            byte[] body = [.. seeds[i % 2]];
            for (int changes = 1 + rng.NextIndex(4); changes > 0; changes--)
            {
                int at = rng.NextIndex(body.Length);
                switch (rng.NextIndex(5))
                {
                    case 0: body[at] ^= (byte)(1 << rng.NextIndex(8)); break;
                    case 1: body[at] = (byte)rng.NextIndex(256); break;
                    case 2: BinaryPrimitives.WriteInt64LittleEndian(body.AsSpan(Math.Min(at & ~7, body.Length - 8)), 1L << rng.NextIndex(63)); break;
                    case 3: BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(Math.Min(at & ~3, body.Length - 4)), rng.NextIndex(64) - 32); break;
                    default: body = body[..Math.Max(at, Math.Min(16, body.Length))]; break;
                }
            }

            (int status, byte[] answer, _) = await Post(server, "/predict_large", body);
            Assert.True(status is 200 or 400 or 413, $"{status} {Encoding.UTF8.GetString(answer)} for {Convert.ToBase64String(body)}");
            if (status == 200) Read(answer);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
        }

        // Both kinds of answers were seen, and no claim took memory that the limits do not allow.
        Assert.True(statuses.GetValueOrDefault(200) > 100 && statuses.GetValueOrDefault(400) > 100, string.Join(", ", statuses));
        Assert.InRange(Environment.WorkingSet - before, long.MinValue, 400L << 20);
    }

    // Writes another number over one that stands alone in eight bytes: the first such place, or a later one.
    private static byte[] Replaced(byte[] stream, long number, long by, int which)
    {
        byte[] replaced = [.. stream];
        for (int at = 0; at <= replaced.Length - 8; at += 4)
        {
            if (BinaryPrimitives.ReadInt64LittleEndian(replaced.AsSpan(at)) != number || --which > 0) continue;
            BinaryPrimitives.WriteInt64LittleEndian(replaced.AsSpan(at), by);
            return replaced;
        }

        throw new InvalidOperationException($"{number} does not stand in the stream");
    }

    private static byte[] Unchunked(ReadOnlySpan<byte> answer)
    {
        List<byte> body = [];
        answer = answer[(answer.IndexOf("\r\n\r\n"u8) + 4)..];
        while (true)
        {
            int line = answer.IndexOf("\r\n"u8), size = int.Parse(Encoding.ASCII.GetString(answer[..line]), System.Globalization.NumberStyles.HexNumber, null);
            if (size == 0) return [.. body];
            body.AddRange(answer.Slice(line + 2, size));
            answer = answer[(line + 2 + size + 2)..];
        }
    }

    private static async Task<(int Status, string Body)> Refused(Server server, byte[] body, string path = "/predict_large")
    {
        (int status, byte[] answer, _) = await Post(server, path, body);
        return (status, Encoding.UTF8.GetString(answer));
    }
}

using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Tests;

public sealed class CompressionTests
{
    private const string Lines = "application/x-ndjson";
    private const string Row = """{"X": [[1, 2, 3]]}""";

    public static TheoryData<string> Encodings => ["gzip", "br", "deflate", "GZIP"];

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task EveryBodyMayComeCompressed(string encoding)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body, _) = await Send(server, "/predict", Pack(encoding, Row), encoding);
        Assert.Equal(200, status);
        Assert.Equal(6, JsonDocument.Parse(body).RootElement.GetProperty("predictions")[0].GetDouble());
        (status, body, _) = await Send(server, "/predict_large", Pack(encoding, "[1,2,3]\n[4,5,6]\n"), encoding, Lines);
        Assert.Equal(200, status);
        Assert.EndsWith("{\"status\":\"success\",\"rows\":2,\"errors\":0}\n", body, StringComparison.Ordinal);
        (status, body, _) = await Send(server, "/v2/models/y/infer", Pack(encoding, """{"inputs": [{"name": "input", "shape": [1, 3], "datatype": "FP32", "data": [1, 2, 3]}]}"""), encoding);
        Assert.True(status == 200, body);
        (status, body, _) = await Send(server, "/feedback", Pack(encoding, """{"labels": [{"receipt": "x", "y": 1}]}"""), encoding);
        Assert.True(status == 422, body);
        (status, body, _) = await Send(server, "/silences", Pack(encoding, "{}"), encoding);
        Assert.True(status == 400 && !body.Contains("Content-Encoding", StringComparison.Ordinal), body);
    }

    [Theory]
    [InlineData("zstd")]
    [InlineData("gzip, gzip")]
    [InlineData("gzip,br")]
    [InlineData("")]
    [InlineData("x")]
    public async Task AnEncodingThatIsNotKnownIsRefusedAndTheKnownOnesAreNamed(string encoding)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string body, HttpResponseMessage answer) = await Send(server, "/predict", Pack("gzip", Row), encoding);
        Assert.Equal(415, status);
        Assert.Contains("gzip, br, deflate", body, StringComparison.Ordinal);
        Assert.Equal("gzip, br, deflate", string.Join(", ", answer.Headers.GetValues("Accept-Encoding")));
        Assert.Equal(200, (await Send(server, "/predict", Encoding.UTF8.GetBytes(Row), "identity")).Status);
    }

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task ABodyThatIsCutOffOrDamagedIsTheCallersFault(string encoding)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        byte[] whole = Pack(encoding, $$"""{"X": [{{string.Join(", ", Enumerable.Range(0, 200).Select(i => $"[{i}, {i * i}, 3]"))}}]}""");
        Assert.Equal(200, (await Send(server, "/predict", whole, encoding)).Status);
        for (int length = 0; length < whole.Length; length += 1 + whole.Length / 60)
        {
            // Every byte of the answer may be there when only the check sum is missing.
            (int status, string body, _) = await Send(server, "/predict", whole[..length], encoding);
            Assert.True(status == 400 || (status == 200 && length > whole.Length - 9), $"{length} of {whole.Length} bytes: {status} {body}");
        }

        for (int at = 0; at < whole.Length; at += 1 + whole.Length / 60)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x55;
            Assert.True((await Send(server, "/predict", damaged, encoding)).Status is 400 or 200, $"byte {at}");
            Assert.True((await Send(server, "/predict_large", damaged, encoding, Lines)).Status is 400 or 200, $"byte {at}");
        }

        Assert.Equal(400, (await Send(server, "/predict", Encoding.UTF8.GetBytes(Row), encoding)).Status);
    }

    /// <summary>Found by a million mutated requests: zlib has a fault of its own beside damaged data.</summary>
    [Fact]
    public async Task ADamageThatZlibHasNoWordForIsTheCallersToo()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        byte[] damaged = Convert.FromBase64String("ePmrUopQsoqO1VFKzi9LsjLQs6wFALOsBSZUegcE");
        (int status, string body, _) = await Send(server, "/predict", damaged, "deflate");
        Assert.True(status == 400 && body.Contains("expected a body in deflate", StringComparison.Ordinal), $"{status} {body}");
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    public async Task AGigabyteOfZerosIsRefusedAtTheLimitOfBodies(string encoding)
    {
        const int Limit = 1 << 20;
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxBodyBytes = Limit });
        byte[] bomb = Zeros(encoding, 1 << 30);
        Assert.True(bomb.Length <= Limit, $"{bomb.Length} bytes would be refused for their own length");
        await Send(server, "/predict", Pack(encoding, Row), encoding);
        long before = GC.GetTotalAllocatedBytes(precise: true);
        foreach (string path in (string[])["/predict", "/predict_large", "/feedback", "/v2/models/y/infer", "/silences"])
        {
            (int status, string body, _) = await Send(server, path, bomb, encoding);
            Assert.True(status == 413, $"{path}: {status} {body}");
        }

        // Client and service together, all five calls.
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 40L << 20);
        // A bomb inside a bomb is bytes that are no JSON.
        Assert.Equal(400, (await Send(server, "/predict", Pack("gzip", bomb), "gzip")).Status);
        Assert.Equal(200, (await Send(server, "/predict", Pack(encoding, Row), encoding)).Status);
    }

    [Fact]
    public async Task AStreamUnpacksToAnySizeButNotToAnyMultipleOfWhatWasSent()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { MaxBodyBytes = 1 << 20 });
        (int status, string body, _) = await Send(server, "/predict_large?answers=after", Zeros("gzip", 1 << 30), "gzip", Lines);
        Assert.True(status == 413, $"{status} {body}");
        string rows = string.Concat(Enumerable.Range(0, 150_000).Select(i => $"[{i},{i * 7 % 1000},{i * 13 % 997}]\n"));
        Assert.True(rows.Length > 2 << 20);
        (status, body, _) = await Send(server, "/predict_large", Pack("gzip", rows), "gzip", Lines);
        Assert.Equal(200, status);
        Assert.EndsWith("{\"status\":\"success\",\"rows\":150000,\"errors\":0}\n", body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LongAnswersAreCompressedForWhoAcceptsItAndShortOnesAreNot()
    {
        await using Server server = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Compression = new CompressionConfig { LeastBytes = 2000 } });
        string many = $$"""{"X": [{{string.Join(", ", Enumerable.Repeat("[1, 2, 3]", 500))}}]}""";
        (_, string plain, HttpResponseMessage answer) = await Send(server, "/predict", Encoding.UTF8.GetBytes(many), null);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        foreach (string encoding in (string[])["gzip", "br"])
        {
            (byte[] bytes, HttpResponseMessage packed) = await Ask(server, "/predict", many, encoding);
            Assert.Equal(encoding, Assert.Single(packed.Content.Headers.ContentEncoding));
            Assert.Contains("Accept-Encoding", packed.Headers.Vary);
            Assert.True(bytes.Length * 5 < plain.Length, $"{bytes.Length} of {plain.Length}");
            Assert.Equal(500, JsonDocument.Parse(Unpack(encoding, bytes)).RootElement.GetProperty("predictions").GetArrayLength());
        }

        (byte[] small, HttpResponseMessage untouched) = await Ask(server, "/predict", Row, "gzip");
        Assert.Empty(untouched.Content.Headers.ContentEncoding);
        Assert.Equal((byte)'{', small[0]);
        await using Server never = await Server.Start(Fakes.Sum(), new UeqServiceConfig { Compression = new CompressionConfig { Answers = false } });
        Assert.Empty((await Ask(never, "/predict_large", many, "gzip")).Answer.Content.Headers.ContentEncoding);
    }

    [Fact]
    public async Task ABatchOfACompressedStreamIsAnsweredBeforeTheNextIsSent()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        using System.Net.Sockets.TcpClient tcp = new(server.Address.Host, server.Address.Port);
        System.Net.Sockets.NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /predict_large HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept-Encoding: gzip\r\nContent-Type: {Lines}\r\nTransfer-Encoding: chunked\r\n\r\n8\r\n[1,2,3]\n\r\n"));
        Pipe answers = new(stream);
        await answers.Headers();
        using StreamReader lines = new(new GZipStream(answers, CompressionMode.Decompress));
        Assert.StartsWith("{\"prediction\":6,", await lines.ReadLineAsync(), StringComparison.Ordinal);
        await stream.WriteAsync("8\r\n[4,5,6]\n\r\n"u8.ToArray());
        Assert.StartsWith("{\"prediction\":15,", await lines.ReadLineAsync(), StringComparison.Ordinal);
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray());
        Assert.StartsWith("{\"status\":\"success\"", await lines.ReadLineAsync(), StringComparison.Ordinal);
    }

    /// <summary>As the tool is built, which the project of these tests repeats; otherwise what came of a stream would be taken for all of it.</summary>
    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    public async Task NothingThatIsCutOffIsTakenForTheWhole(string encoding)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        byte[] lines = Pack(encoding, string.Concat(Enumerable.Repeat("[1,2,3]\n", 3000))), body = Pack(encoding, Row);
        for (int cut = 1; cut <= 12; cut++)
        {
            (int status, string answer, _) = await Send(server, "/predict_large", lines[..^cut], encoding, Lines);
            Assert.True(status == 400 || !answer.Contains("success", StringComparison.Ordinal), $"{cut}: {status} {answer[^Math.Min(100, answer.Length)..]}");
            (status, answer, _) = await Send(server, "/predict", body[..^cut], encoding);
            Assert.True(status == 400, $"{cut}: {status} {answer}");
        }
    }

    private static async Task<(byte[] Bytes, HttpResponseMessage Answer)> Ask(Server server, string path, string body, string accepted)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue(accepted));
        HttpResponseMessage answer = await server.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadAsByteArrayAsync(), answer);
    }

    private static async Task<(int Status, string Body, HttpResponseMessage Answer)> Send(Server server, string path, byte[] body, string? encoding, string type = "application/json")
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(type);
        if (encoding is not null) request.Content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        HttpResponseMessage answer = await server.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer);
    }

    private static byte[] Pack(string encoding, string text) => Pack(encoding, Encoding.UTF8.GetBytes(text));

    private static byte[] Pack(string encoding, byte[] bytes)
    {
        using MemoryStream packed = new();
        using (Stream packing = Packer(encoding, packed)) packing.Write(bytes);
        return packed.ToArray();
    }

    private static byte[] Zeros(string encoding, long count)
    {
        using MemoryStream packed = new();
        byte[] part = new byte[1 << 20];
        using (Stream packing = Packer(encoding, packed))
            for (long i = 0; i < count; i += part.Length) packing.Write(part);
        return packed.ToArray();
    }

    private static Stream Packer(string encoding, Stream to) => encoding.ToLowerInvariant() switch
    {
        "gzip" => new GZipStream(to, CompressionLevel.Optimal, leaveOpen: true),
        "br" => new BrotliStream(to, CompressionLevel.Fastest, leaveOpen: true),
        _ => new ZLibStream(to, CompressionLevel.Optimal, leaveOpen: true),
    };

    private static byte[] Unpack(string encoding, byte[] bytes)
    {
        using MemoryStream packed = new(bytes), plain = new();
        using (Stream unpacking = encoding == "gzip" ? new GZipStream(packed, CompressionMode.Decompress) : new BrotliStream(packed, CompressionMode.Decompress)) unpacking.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>The chunks of an answer as they come.</summary>
    private sealed class Pipe(Stream from) : MemoryStream
    {
        private int _left;

        public async Task Headers()
        {
            while ((await Line()).Length > 0)
            {
            }
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left == 0 && (_left = Convert.ToInt32(await Line(), 16)) == 0) return 0;
            int read = await from.ReadAsync(buffer[..Math.Min(buffer.Length, _left)], cancellationToken);
            _left -= read;
            if (_left == 0) await Line();
            return read;
        }

        private async Task<string> Line()
        {
            StringBuilder line = new();
            byte[] one = new byte[1];
            while (await from.ReadAsync(one) == 1 && one[0] != '\n') line.Append((char)one[0]);
            return line.ToString().TrimEnd('\r');
        }
    }
}

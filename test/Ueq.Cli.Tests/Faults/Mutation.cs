using System.IO.Compression;
using System.Text;

namespace Ueq.Cli.Tests.Faults;

/// <summary>The bytes of a request that has something wrong with it.</summary>
/// <param name="Bytes">What is sent.</param>
/// <param name="IsFramed">Whether the server can tell where the request ends: then an answer is due, and the connection may go on.</param>
/// <param name="IsHead">Whether the answer has no body whatever its length says.</param>
internal sealed record MutatedRequest(byte[] Bytes, bool IsFramed, bool IsHead);

/// <summary>Mutates sound requests; the same seed and number always make the same request.</summary>
internal sealed class Mutation(IReadOnlyList<Specimen> specimens, ulong seed)
{
    private static readonly string[] Verbs = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "get", "P\u00d6ST", "PREDICT"];

    private static readonly (string Name, string[] Values)[] Headers =
    [
        ("Content-Type", ["text/plain", "application/json; charset=utf-16", "application/x-ndjson", "application/vnd.apache.arrow.stream", "multipart/form-data", "application/octet-stream", "a", "", ";;;", "application/grpc"]),
        ("Content-Encoding", ["gzip", "br", "deflate", "identity", "zstd", "gzip, gzip", "", "gzip;q=0"]),
        ("Accept", ["application/x-ndjson", "application/vnd.apache.arrow.stream", "text/html", "*/*;q=nan", "", "application/json;q=-1"]),
        ("Accept-Encoding", ["gzip", "br", "gzip;q=9, br;q=x", "*", ""]),
        ("Inference-Header-Content-Length", ["0", "1", "17", "-1", "99999999", "9223372036854775807", "9223372036854775808", "1e3", "", " 5", "0x10"]),
        ("X-Request-Id", ["", "a b", "\u00e4", "{}", "x\ty"]),
        ("traceparent", ["00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "00-0-0-0", "", "ff-ffffffffffffffffffffffffffffffff-ffffffffffffffff-ff"]),
        ("Authorization", ["Bearer", "Bearer a.b.c", "Basic eDp5", "", "Bearer e30.e30."]),
        ("X-API-Key", ["", "x", "ueq_0000000000000000"]),
        ("Expect", ["200-maybe"]),
        ("If-None-Match", ["*", "\"x\"", ""]),
        ("Range", ["bytes=0-0", "bytes=-99999999999999999999", "x"]),
        ("Cookie", ["a=b; c", ";"]),
        ("X-Forwarded-For", ["127.0.0.1", "1.2.3.4, ::1", "x"]),
    ];

    private static readonly string[] Queries =
    [
        "model=", "model=..%2F..%2Fetc", "model=line:99", "model=line@", "coverage=0", "coverage=1", "coverage=NaN", "coverage=0.9999999999999999", "coverage=1e-320", "batch_size=0", "batch_size=-1",
        "batch_size=99999999999", "receipts=maybe", "receipts=true", "user_id=", "user_id=%00", "user_id=%ff%fe", "limit=-1", "limit=99999999999999999999", "since=yesterday", "since=9999-99-99T99:99:99Z",
        "after=-1", "after=9223372036854775808", "monitor=0", "a=b&a=c", "%", "%zz=1", "=&=&", "state=%F0%9F%92%A9", "format=json", "timeout_ms=0", "timeout_ms=1e99", "priority=urgent", "since_id=x",
    ];

    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1.5", "0.9999999999999999", "1e-320", "1e999", "-1e999", "1e-999", "1e38", "3.4028236e38", "1e308", "9223372036854775807", "9223372036854775808", "123456789012345678901234567890", "NaN",
        "Infinity", "\"\"", "\"0\"", "\"NaN\"", "\"Infinity\"", "\"\\u0000\"", "\"\\ud800\"", "{\"\\ud800\":1}", "\"model\\udc00\"", "\"\\udfff\\ud800\"", "\"\u00e9\ud83d\ude00\"", "\"\\\"", "\"..%2f..%2f\"", "\"a\\nb\"", "[]", "{}", "[[]]", "[null]",
        "[[[1]]]", "{\"\":{}}", "{\"X\":[[1]],\"X\":[[2]]}", "01", "+1", ".5", "1.", "0x10", "'a'", "/**/1", "[1,]", "{\"a\":1,}", "2024-01-01", "\"9999-12-31T23:59:59Z\"", "\"0001-01-01T00:00:00Z\"",
    ];

    private readonly int _weight = specimens.Sum(s => s.Weight);

    /// <summary>Request number <paramref name="number"/> of this seed.</summary>
    public MutatedRequest Make(long number)
    {
        Rng rng = Rng.Stream(seed, (ulong)number);
        int at = rng.NextIndex(_weight), chosen = 0;
        while ((at -= specimens[chosen].Weight) >= 0) chosen++;
        Specimen specimen = specimens[chosen];
        string verb = specimen.Verb, target = specimen.Target;
        List<(string Name, string Value)> headers = [.. specimen.Headers];
        byte[] body = specimen.Body;
        // Every tenth is sound.
        int mutations = rng.NextIndex(10) == 0 ? 0 : 1 + rng.NextIndex(3);
        for (int i = 0; i < mutations; i++)
        {
            switch (rng.NextIndex(12))
            {
                case 0 or 1 or 2: body = JsonMutation.Apply(body, Values, ref rng); break;
                case 3 or 4: body = Scramble(body, ref rng); break;
                case 5: body = body[..rng.NextIndex(body.Length + 1)]; break;
                case 6: Reword(headers, ref rng); break;
                case 7: target += (target.Contains('?') ? '&' : '?') + Pick(Queries, ref rng); break;
                case 8: verb = Pick(Verbs, ref rng); break;
                case 9: target = Elsewhere(target, ref rng); break;
                case 10: body = Packed(body, headers, ref rng); break;
                default: body = specimens[rng.NextIndex(specimens.Count)].Body; break;
            }
        }

        return Frame(verb, target, headers, body, ref rng);
    }

    private static MutatedRequest Frame(string verb, string target, List<(string Name, string Value)> headers, byte[] body, ref Rng rng)
    {
        int lie = rng.NextIndex(40);
        string length = lie switch
        {
            0 => $"Content-Length: {body.Length + 1 + rng.NextIndex(1000)}\r\n",
            1 => $"Content-Length: {rng.NextIndex(body.Length + 1)}\r\n",
            2 => $"Content-Length: {Pick(["-1", "99999999999", "9223372036854775808", "x", "1,2", "+5", ""], ref rng)}\r\n",
            3 => "Transfer-Encoding: chunked\r\n",
            4 => $"Transfer-Encoding: {Pick(["gzip", "chunked, gzip", "identity", "xchunked"], ref rng)}\r\nContent-Length: {body.Length}\r\n",
            5 => $"Content-Length: {body.Length}\r\nContent-Length: {body.Length + 1}\r\n",
            _ => $"Content-Length: {body.Length}\r\n",
        };
        StringBuilder head = new($"{verb} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n{length}");
        foreach ((string name, string value) in headers) head.Append(name).Append(": ").Append(value).Append("\r\n");
        head.Append("\r\n");
        byte[] first = Encoding.UTF8.GetBytes(head.ToString());
        bool isFramed = lie > 5;
        if (lie is 6 or 7)
        {
            first = Scramble(first, ref rng);
            isFramed = false;
        }

        return new([.. first, .. body], isFramed, verb == "HEAD");
    }

    private static byte[] Scramble(byte[] bytes, ref Rng rng)
    {
        List<byte> changed = [.. bytes];
        for (int i = 1 + rng.NextIndex(8); i > 0; i--)
        {
            int at = rng.NextIndex(changed.Count + 1), span = Math.Min(1 + rng.NextIndex(16), changed.Count - at);
            switch (rng.NextIndex(5))
            {
                case 0 when at < changed.Count: changed[at] ^= (byte)(1 << rng.NextIndex(8)); break;
                case 1 when at < changed.Count: changed[at] = (byte)rng.NextIndex(256); break;
                case 2: changed.Insert(at, (byte)rng.NextIndex(256)); break;
                case 3: changed.RemoveRange(at, span); break;
                case 4: changed.InsertRange(at, changed.GetRange(at, span)); break;
            }
        }

        return [.. changed];
    }

    private static void Reword(List<(string Name, string Value)> headers, ref Rng rng)
    {
        (string name, string[] values) = Headers[rng.NextIndex(Headers.Length)];
        if (rng.NextIndex(4) > 0) headers.RemoveAll(header => header.Name == name);
        headers.Add((name, rng.NextIndex(8) == 0 ? new string('a', rng.NextIndex(20_000)) : Pick(values, ref rng)));
    }

    private static string Elsewhere(string target, ref Rng rng)
    {
        string[] parts = target.Split('/');
        int at = 1 + rng.NextIndex(parts.Length - 1);
        parts[at] = Pick(["", "..", "%2e%2e", "%2F", "%00", "a%20b", "line", "line@champion", "line:1", "0", "-1", "99999999999999999999", "%ff", new string('x', 300), "{name}", "%", "\u00fc", "*", "simple"], ref rng);
        return string.Join('/', parts);
    }

    private static byte[] Packed(byte[] body, List<(string Name, string Value)> headers, ref Rng rng)
    {
        headers.RemoveAll(header => header.Name == "Content-Encoding");
        string encoding = Pick(["gzip", "br", "deflate"], ref rng);
        headers.Add(("Content-Encoding", encoding));
        using MemoryStream packed = new();
        using (Stream stream = encoding switch
        {
            "gzip" => new GZipStream(packed, CompressionLevel.Fastest),
            "br" => new BrotliStream(packed, CompressionLevel.Fastest),
            _ => new ZLibStream(packed, CompressionLevel.Fastest),
        })
        {
            stream.Write(body);
        }

        byte[] bytes = packed.ToArray();
        return rng.NextIndex(2) == 0 ? bytes : Scramble(bytes, ref rng);
    }

    private static string Pick(string[] of, ref Rng rng) => of[rng.NextIndex(of.Length)];
}

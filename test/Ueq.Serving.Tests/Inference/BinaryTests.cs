using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Ueq.Serving.Inference;

namespace Ueq.Serving.Tests.Inference;

/// <summary>Tensors as bytes behind the JSON.</summary>
public sealed class BinaryTests
{
    private const string Json = """{"parameters":{"binary_data_output":true},"inputs":[{"name":"input","shape":[2,3],"datatype":"FP32","parameters":{"binary_data_size":24}}]}""";

    private static readonly byte[] Values = OipRequests.Bytes<float>(1, 2, 3, 4, 5, 6);

    [Fact]
    public async Task BytesInAndBytesOut()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string json, byte[] rest) = await server.Binary(Json, Values);
        Assert.True(status == 200, json);
        Assert.Equal(new[] { 6.0, 15, 4.5, 13.5, 7.5, 16.5 }, MemoryMarshal.Cast<byte, double>(rest).ToArray());
        Assert.Equal(16, JsonDocument.Parse(json).RootElement.Output("mean").GetProperty("parameters").GetProperty("binary_data_size").GetInt32());
    }

    [Fact]
    public async Task EachOutputSaysForItself()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (_, string json, byte[] rest) = await server.Binary(
            Json.Replace("\"inputs\"", """ "outputs":[{"name":"upper"},{"name":"mean","parameters":{"binary_data":false}}],"inputs" """, StringComparison.Ordinal), Values);
        Assert.Equal(new[] { 7.5, 16.5 }, MemoryMarshal.Cast<byte, double>(rest).ToArray());
        Assert.Equal(new double[] { 6, 15 }, JsonDocument.Parse(json).RootElement.Output("mean").Numbers());
        (_, json, rest) = await server.Binary(Json.Replace("true", "false", StringComparison.Ordinal), Values);
        Assert.Empty(rest);
        Assert.Equal(new double[] { 6, 15 }, JsonDocument.Parse(json).RootElement.Output("mean").Numbers());
    }

    [Fact]
    public async Task TextsAndNumbersOfColumnsMixWithJson()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        byte[] colours = OipRequests.Texts("green", "7");
        (int status, string json, _) = await server.Binary(
            $$$"""{"inputs":[{"name":"age","shape":[2],"datatype":"INT64","parameters":{"binary_data_size":16}},{"name":"income","shape":[2],"datatype":"FP32","data":[10,20]},{"name":"colour","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{{colours.Length}}}}}]}""",
            [.. OipRequests.Bytes<long>(1, 2), .. colours]);
        Assert.True(status == 200, json);
        Assert.Equal(new double[] { 12, 23 }, JsonDocument.Parse(json).RootElement.Output("mean").Numbers());
    }

    [Fact]
    public async Task ANumberThatIsNoneIsRefusedUnlessItMayBeMissing()
    {
        await using Server server = await Server.Start(Fakes.Sum(FeatureSchema.Numeric(3, MissingValues.Allowed)));
        (int status, string json, _) = await server.Binary(Json, OipRequests.Bytes(1, 2, float.NaN, 4, 5, 6));
        Assert.True(status == 200, json);
        (status, json, _) = await server.Binary(Json, OipRequests.Bytes(1, 2, 3, 4, float.PositiveInfinity, 6));
        Assert.Equal(400, status);
        Assert.Contains("$.inputs[0], element 4 (row 1, column \\\"f1\\\"): expected a finite number", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Json, 20, null, "expected 24 bytes of tensors behind the JSON")]
    [InlineData(Json, 28, null, "expected 24 bytes of tensors behind the JSON")]
    [InlineData(Json, 24, "9999", "expected at most")]
    [InlineData(Json, 24, "-1", "expected the number of bytes of the JSON")]
    [InlineData(Json, 24, "5", "the JSON ends too early")]
    [InlineData("""{"inputs":[{"name":"input","shape":[2,3],"datatype":"FP64","parameters":{"binary_data_size":24}}]}""", 24, null, "$.inputs[0]: expected 48 bytes, as FP64 [2, 3] says, got 24")]
    [InlineData("""{"inputs":[{"name":"input","shape":[4611686018427387904,4],"datatype":"FP32","parameters":{"binary_data_size":24}}]}""", 24, null, "as FP32 [4611686018427387904, 4] says")]
    [InlineData("""{"inputs":[{"name":"input","shape":[2,3],"datatype":"BYTES","parameters":{"binary_data_size":24}}]}""", 24, null, "element 0 claims 1065353216 bytes")]
    [InlineData("""{"inputs":[{"name":"input","shape":[2,3],"datatype":"FP32","data":[1],"parameters":{"binary_data_size":24}}]}""", 24, null, "expected")]
    [InlineData("""{"inputs":[{"name":"input","shape":[2,3],"datatype":"FP32","parameters":{"binary_data_size":9223372036854775807}}]}""", 24, null, "expected at most")]
    public async Task LengthsThatDisagreeAreSaid(string head, int bytes, string? header, string said)
    {
        await using Server server = await Server.Start(Fakes.Sum());
        (int status, string json, _) = await server.Binary(head, [.. Values.Concat(new byte[8]).Take(bytes)], header: header);
        Assert.True(status == 400, json);
        Assert.Contains(said, json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MutatedBodiesAreNeverOurFault()
    {
        await using Server server = await Server.Start(Fakes.Sum(Fakes.Mixed));
        byte[] texts = OipRequests.Texts("red", "7");
        string json = $$$"""{"id":"x","inputs":[{"name":"age","shape":[2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"income","shape":[2,1],"datatype":"FP64","data":[[1],[null]]},{"name":"colour","shape":[2],"datatype":"BYTES","parameters":{"binary_data_size":{{{texts.Length}}}}}],"outputs":[{"name":"mean","parameters":{"binary_data":true}}]}""";
        byte[] body = [.. Encoding.UTF8.GetBytes(json), .. OipRequests.Bytes<float>(1, 2), .. texts];
        string header = json.Length.ToString(null, null);
        Assert.Equal(200, await Send(server, body, header));
        Rng rng = Rng.Stream(11, 1);
        int refused = 0;
        for (int i = 0; i < 600; i++)
        {
            byte[] changed = [.. body[..(i % 3 == 0 ? rng.NextIndex(body.Length) : body.Length)]];
            for (int flips = i % 3; flips > 0; flips--) changed[rng.NextIndex(changed.Length)] = (byte)rng.NextIndex(256);
            int status = await Send(server, changed, i % 7 == 0 ? (rng.NextIndex(body.Length)).ToString(null, null) : header);
            Assert.True(status is 200 or 400 or 413, $"{status} for {Convert.ToBase64String(changed)}");
            refused += status == 200 ? 0 : 1;
        }

        Assert.True(refused > 300);
        Assert.Equal(200, await Send(server, body, header));
    }

    [Fact]
    public async Task AnInferenceOfBytesAllocatesNothing()
    {
        await using Server server = await Server.Start(Fakes.Sum());
        InferenceCatalog catalog = server.Service<InferenceCatalog>();
        AskedModel asked = catalog.Get("y", null);
        InferWork work = new();
        DefaultHttpContext http = new();
        byte[] json = Encoding.UTF8.GetBytes(Json);
        // Blocks for the monitor are taken anew while it is behind; what a call itself allocates shows in every round.
        long least = long.MaxValue;
        for (int round = 0; round < 10; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++) Run();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);

        void Run()
        {
            work.Begin(default);
            InferReader.Read(json, Values, work);
            ValueTask<int> ran = asked.Model.Run(work, http);
            Assert.True(ran.IsCompletedSuccessfully);
            InferWriter.Write(asked, work);
            work.Trim();
        }
    }

    [Theory]
    [InlineData("curl", "-sS -f --data-binary @{file} -H Content-Type:application/octet-stream -H Inference-Header-Content-Length:{header} {url}")]
    [InlineData("python3", "-c \"import urllib.request as u,sys;sys.stdout.buffer.write(u.urlopen(u.Request('{url}',open('{file}','rb').read(),{'Content-Type':'application/octet-stream','Inference-Header-Content-Length':'{header}'})).read())\"")]
    public async Task OtherPeoplesProgramsAreAnswered(string program, string arguments)
    {
        Assert.SkipUnless(File.Exists($"/usr/bin/{program}"), $"{program} is not here");
        await using Server server = await Server.Start(Fakes.Sum());
        string file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, [.. Encoding.UTF8.GetBytes(Json), .. Values]);
            string filled = arguments.Replace("{file}", file, StringComparison.Ordinal).Replace("{header}", Json.Length.ToString(null, null), StringComparison.Ordinal)
                .Replace("{url}", $"{server.Address}v2/models/y/infer", StringComparison.Ordinal);
            using Process process = Process.Start(new ProcessStartInfo($"/usr/bin/{program}", filled) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            using MemoryStream answer = new();
            await process.StandardOutput.BaseStream.CopyToAsync(answer);
            string errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, errors);
            Assert.Equal(new[] { 6.0, 15, 4.5, 13.5, 7.5, 16.5 }, MemoryMarshal.Cast<byte, double>(answer.ToArray().AsSpan()[^48..]).ToArray());
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static async Task<int> Send(Server server, byte[] body, string header)
    {
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri("/v2/models/y/infer", UriKind.Relative)) { Content = new ByteArrayContent(body) };
        request.Headers.TryAddWithoutValidation(OipRequests.Header, header);
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        await response.Content.ReadAsByteArrayAsync();
        return (int)response.StatusCode;
    }
}

using System.Buffers.Binary;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Ueq.Serving.Tests.Inference;

/// <summary>Requests of the Open Inference Protocol as clients write them.</summary>
internal static class OipRequests
{
    public const string Header = "Inference-Header-Content-Length";

    public static async Task<JsonElement> Infer(this Server server, string body, string model = "y")
    {
        (int status, string text) = await server.Post($"/v2/models/{model}/infer", body);
        Assert.True(status == 200, $"{status}: {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    public static async Task<string> Refused(this Server server, string body, int status, string model = "y")
    {
        (int code, string text) = await server.Post($"/v2/models/{model}/infer", body);
        Assert.True(code == status, $"{code}: {text}");
        JsonElement error = JsonDocument.Parse(text).RootElement;
        Assert.Equal(["error"], error.EnumerateObject().Select(p => p.Name));
        return error.GetProperty("error").GetString()!;
    }

    public static JsonElement Output(this JsonElement answer, string name) => answer.GetProperty("outputs").EnumerateArray().Single(o => o.GetProperty("name").GetString() == name);

    public static string[] Texts(this JsonElement output) => [.. output.GetProperty("data").EnumerateArray().Select(d => d.ToString())];

    public static double[] Numbers(this JsonElement output) => [.. output.GetProperty("data").EnumerateArray().Select(d => d.GetDouble())];

    /// <summary>Sends JSON with bytes behind it; the answer's JSON and bytes.</summary>
    public static async Task<(int Status, string Json, byte[] Values)> Binary(this Server server, string json, byte[] rest, string model = "y", string? header = null)
    {
        using ByteArrayContent content = new([.. Encoding.UTF8.GetBytes(json), .. rest]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri($"/v2/models/{model}/infer", UriKind.Relative)) { Content = content };
        request.Headers.Add(Header, header ?? Encoding.UTF8.GetByteCount(json).ToString(null, null));
        using HttpResponseMessage response = await server.Client.SendAsync(request);
        byte[] body = await response.Content.ReadAsByteArrayAsync();
        int length = response.Headers.TryGetValues(Header, out IEnumerable<string>? said) ? int.Parse(said.Single(), null) : body.Length;
        return ((int)response.StatusCode, Encoding.UTF8.GetString(body, 0, length), body[length..]);
    }

    public static byte[] Bytes<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();

    public static byte[] Texts(params string[] texts) => [.. texts.SelectMany(t => (byte[])[.. Length(Encoding.UTF8.GetByteCount(t)), .. Encoding.UTF8.GetBytes(t)])];

    private static byte[] Length(int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        return bytes;
    }
}

using System.Net.Http.Headers;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Apache.Arrow.Types;

namespace Ueq.Serving.Tests.Streams;

/// <summary>Arrow streams as a client of the library's writes and reads them.</summary>
internal static class ArrowBody
{
    public const string MediaType = "application/vnd.apache.arrow.stream";

    public static RecordBatch Batch(params (string Name, IArrowArray Values)[] columns)
    {
        Schema schema = new([.. columns.Select(c => new Field(c.Name, c.Values.Data.DataType, nullable: true))], null);
        return new RecordBatch(schema, columns.Select(c => c.Values), columns[0].Values.Length);
    }

    public static byte[] Stream(params RecordBatch[] batches)
    {
        using MemoryStream stream = new();
        using (ArrowStreamWriter writer = new(stream, batches[0].Schema, leaveOpen: true))
        {
            foreach (RecordBatch batch in batches) writer.WriteRecordBatch(batch);
            writer.WriteEnd();
        }

        return stream.ToArray();
    }

    public static DoubleArray Doubles(params double?[] values)
    {
        DoubleArray.Builder builder = new();
        foreach (double? value in values) builder.Append(value);
        return builder.Build();
    }

    public static FloatArray Floats(params float[] values) => new FloatArray.Builder().AppendRange(values).Build();

    public static StringArray Texts(params string?[] values)
    {
        StringArray.Builder builder = new();
        foreach (string? value in values) builder.Append(value);
        return builder.Build();
    }

    /// <summary>Texts that each stand once in a dictionary.</summary>
    public static DictionaryArray Dictionary(string[] texts, params sbyte?[] indices)
    {
        Int8Array.Builder builder = new();
        foreach (sbyte? index in indices) builder.Append(index);
        return new DictionaryArray(new DictionaryType(Int8Type.Default, StringType.Default, ordered: false), builder.Build(), Texts(texts));
    }

    /// <summary>Three columns of numbers, the first beginning with a number.</summary>
    public static RecordBatch Numbers(int rows, double from = 0) => Batch(
        ("f0", Doubles([.. Enumerable.Range(0, rows).Select(i => (double?)(from + i))])), ("f1", Doubles([.. Enumerable.Repeat((double?)1, rows)])), ("f2", Doubles([.. Enumerable.Repeat((double?)2, rows)])));

    public static async Task<(int Status, byte[] Body, HttpResponseMessage Answer)> Post(Server server, string path, byte[] body, string type = MediaType, string? accept = null, string? encoding = null)
    {
        using ByteArrayContent content = new(body);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        if (encoding is not null) content.Headers.ContentEncoding.Add(encoding);
        using HttpRequestMessage request = new(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Content = content };
        if (accept is not null) request.Headers.TryAddWithoutValidation("Accept", accept);
        HttpResponseMessage answer = await server.Client.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(), answer);
    }

    /// <summary>The batches of an answer.</summary>
    public static async Task<List<RecordBatch>> Answers(Server server, byte[] body, string path = "/predict_large", string type = MediaType, string? accept = null)
    {
        (int status, byte[] answer, HttpResponseMessage message) = await Post(server, path, body, type, accept);
        Assert.True(status == 200, System.Text.Encoding.UTF8.GetString(answer));
        Assert.Equal(new MediaTypeHeaderValue(MediaType), message.Content.Headers.ContentType);
        return Read(answer);
    }

    public static List<RecordBatch> Read(byte[] body)
    {
        // A whole stream says where it ends.
        Assert.True(body.AsSpan().EndsWith((ReadOnlySpan<byte>)[0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]));
        using ArrowStreamReader reader = new(body);
        List<RecordBatch> batches = [];
        while (reader.ReadNextRecordBatch() is { } batch) batches.Add(batch);
        return batches;
    }

    public static double?[] Numbers(RecordBatch batch, string column) => [.. ((DoubleArray)batch.Column(column)).ToArray()];

    public static string?[] TextsOf(RecordBatch batch, string column)
    {
        StringArray texts = (StringArray)batch.Column(column);
        return [.. Enumerable.Range(0, texts.Length).Select(i => texts.GetString(i))];
    }

    private static double?[] ToArray(this DoubleArray array) => [.. Enumerable.Range(0, array.Length).Select(array.GetValue)];
}

using System.Net.Http.Headers;
using Apache.Arrow;
using Apache.Arrow.Ipc;

namespace Ueq.Samples;

/// <summary>What a client asks with Arrow record batches, which cost least where there are many rows.</summary>
public static class ArrowCalls
{
    /// <summary>Sends some record batches and reads a batch of answers for each.</summary>
    public static async Task Run(Uri address, IReadOnlyList<RecordBatch> batches, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(output);
        using HttpClient client = new() { BaseAddress = address };
        using MemoryStream rows = new();
        using (ArrowStreamWriter writer = new(rows, batches[0].Schema, leaveOpen: true))
        {
            foreach (RecordBatch batch in batches) await writer.WriteRecordBatchAsync(batch);
            await writer.WriteEndAsync();
        }

        rows.Position = 0;
        using StreamContent body = new(rows);
        body.Headers.ContentType = new MediaTypeHeaderValue("application/vnd.apache.arrow.stream");
        using HttpResponseMessage answer = await client.PostAsync(new Uri("/predict_large?coverage=0.95", UriKind.Relative), body);
        if (!answer.IsSuccessStatusCode) throw new HttpRequestException(await answer.Content.ReadAsStringAsync(), null, answer.StatusCode);

        using ArrowStreamReader reader = new(await answer.Content.ReadAsStreamAsync());
        while (await reader.ReadNextRecordBatchAsync() is { } answers)
        {
            DoubleArray lower = (DoubleArray)answers.Column("lower"), upper = (DoubleArray)answers.Column("upper");
            StringArray errors = (StringArray)answers.Column("error");
            for (int row = 0; row < answers.Length; row++)
                output.WriteLine(errors.GetString(row) ?? FormattableString.Invariant($"{lower.GetValue(row):0} … {upper.GetValue(row):0}"));
        }
    }
}

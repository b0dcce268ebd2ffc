using System.Buffers;
using System.Runtime.CompilerServices;

namespace Ueq.Client.Streams;

/// <summary>Rows that the caller has as values.</summary>
internal sealed class RowSource<T>(IAsyncEnumerable<T> rows, Action<Utf8JsonWriter, T, long> write) : IChunkSource
{
    public async IAsyncEnumerable<Chunk> ReadAsync(int rowsPerChunk, [EnumeratorCancellation] CancellationToken cancellation)
    {
        long first = 0;
        int count = 0;
        ArrayBufferWriter<byte> body = new();
        await using Utf8JsonWriter json = new(body, RequestWriter.Options);
        await foreach (T row in rows.WithCancellation(cancellation).ConfigureAwait(false))
        {
            if (row is null) throw Expect.Wrong(nameof(rows), $"Expected a row, got null at row {first + count}.");
            write(json, row, first + count);
            json.Flush();
            json.Reset();
            body.Write("\n"u8);
            if (++count < rowsPerChunk && body.WrittenCount < IChunkSource.MostBytes) continue;
            yield return new Chunk(first, count, body.WrittenMemory.ToArray());
            first += count;
            count = 0;
            body.ResetWrittenCount();
        }

        if (count > 0) yield return new Chunk(first, count, body.WrittenMemory.ToArray());
    }
}

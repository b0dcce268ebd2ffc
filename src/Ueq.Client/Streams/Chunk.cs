namespace Ueq.Client.Streams;

/// <summary>Rows of a stream that make one request.</summary>
/// <param name="FirstRow">Place of the first of them in the stream.</param>
/// <param name="Rows">How many.</param>
/// <param name="Body">A line per row.</param>
internal sealed record Chunk(long FirstRow, int Rows, ReadOnlyMemory<byte> Body);

/// <summary>What gives the rows of a stream, a request's worth at a time.</summary>
internal interface IChunkSource
{
    // Below what a server takes in before it reads it: so the whole request is on its way before the first answer is waited for.
    const int MostBytes = 256 << 10;

    IAsyncEnumerable<Chunk> ReadAsync(int rows, CancellationToken cancellation);
}
